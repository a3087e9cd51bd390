"""Where measured runs are kept: SQLite for one user, PostgreSQL for a team."""
