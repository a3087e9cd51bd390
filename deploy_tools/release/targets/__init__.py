"""The archives of a release: one for each system that it is for."""
