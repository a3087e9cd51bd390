"""What Alembic runs to migrate, within the transaction that `deploy_tools/results/schema.py` began."""

from __future__ import annotations

from alembic import context

from deploy_tools.results.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by writing it anew
)
context.run_migrations()
