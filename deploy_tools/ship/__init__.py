"""The whole way, from names of models to a signed release, by one recipe."""
