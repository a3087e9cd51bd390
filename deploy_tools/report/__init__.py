"""Reports of benchmarks: one page that needs nothing beside it."""
