"""Releases: what leaves the house, made of bundles that passed, signed, and verified where it arrives."""
