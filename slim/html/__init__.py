"""Pieces of pages that need nothing beside them: for any screen, light or dark."""
