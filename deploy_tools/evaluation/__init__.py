"""Evaluating a model in any form on any device: what the command line adds to ``slim.evaluation``."""
