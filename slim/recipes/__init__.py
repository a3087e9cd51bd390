"""Recipes: how a model is made small, in a typed YAML file, and which loss is allowed."""
