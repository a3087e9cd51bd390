"""Structured pruning: whole channels are taken out of a network of :mod:`slim.networks`."""
