"""Turning training checkpoints into inference models that say themselves what they are."""
