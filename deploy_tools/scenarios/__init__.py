"""What is measured, how often, and when a figure can be trusted."""
