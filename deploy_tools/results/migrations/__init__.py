"""How stores came to their present tables: Alembic's scripts, one per change."""
