"""Putting releases on devices: whole or not at all, one after the other, and back."""
