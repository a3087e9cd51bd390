"""A wire over SSH."""
