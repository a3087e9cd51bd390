"""Archives that are the same bytes wherever and whenever they are written."""
