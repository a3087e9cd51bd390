"""The demo: a sample page rendered here, read end to end."""
