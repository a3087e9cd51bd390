"""Making a model compute in, or store its weights as, integers of 8 bits."""
