"""Figures of the toolkit, measured side by side in one run: ``python -m tests.benchmarks --help``."""
