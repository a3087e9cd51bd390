"""Runs, their tags, measurements, series and pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ppocr_run",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("finished_at", sa.Double),
    )
    op.create_index("ppocr_run_started_at", "ppocr_run", ["started_at"])
    op.create_table(
        "ppocr_tag",
        sa.Column("run_id", sa.Text, sa.ForeignKey("ppocr_run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tag", sa.Text, primary_key=True),
    )
    op.create_index("ppocr_tag_tag", "ppocr_tag", ["tag"])
    op.create_table(
        "ppocr_measurement",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Text, sa.ForeignKey("ppocr_run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("case_key", sa.Text, nullable=False),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("started", sa.Text, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("peak_rss_mb", sa.Double),
        sa.Column("case_values", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("details", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("run_id", "device", "case_key", name="ppocr_measurement_once"),
    )
    op.create_index("ppocr_measurement_case", "ppocr_measurement", ["case_key", "device"])
    op.create_table(
        "ppocr_series",
        _measurement_id(),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("flagged", sa.Integer, nullable=False),
        sa.Column("p50", sa.Double),
        sa.Column("p90", sa.Double),
        sa.Column("p99", sa.Double),
        sa.Column("samples", sa.LargeBinary, nullable=False),
    )
    op.create_table("ppocr_picture", _measurement_id(), sa.Column("jpeg", sa.LargeBinary, nullable=False))


def _measurement_id() -> sa.Column[int]:
    return sa.Column(
        "measurement_id",
        sa.Integer,
        sa.ForeignKey("ppocr_measurement.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
