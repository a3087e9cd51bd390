"""The tables as this version of the toolkit knows them; `migrations/` makes them.

A run has measurements, a measurement has series; the samples of a series are one blob (`samples.py`). What
lists and histories show is kept beside the blobs, so that they need not be unpacked for it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

PREFIX: Final = "ppocr_"
VERSION_TABLE: Final = "ppocr_schema"
METADATA: Final = MetaData()

RUNS: Final = Table(
    "ppocr_run",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("scenario", Text, nullable=False),
    Column("started", Text, nullable=False),  # ISO 8601, with its time zone
    Column("started_at", Double, nullable=False),  # the same in seconds since 1970, to sort by
    Column("host", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("plan", Text, nullable=False),  # JSON
    Column("version", Text, nullable=False),
    Column("finished_at", Double),  # null while more is to come
    Index("ppocr_run_started_at", "started_at"),
)

TAGS: Final = Table(
    "ppocr_tag",
    METADATA,
    Column("run_id", Text, ForeignKey("ppocr_run.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", Text, primary_key=True),
    Index("ppocr_tag_tag", "tag"),
)

MEASUREMENTS: Final = Table(
    "ppocr_measurement",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("run_id", Text, ForeignKey("ppocr_run.id", ondelete="CASCADE"), nullable=False),
    Column("device", Text, nullable=False),
    Column("case_key", Text, nullable=False),
    Column("samples", Integer, nullable=False),  # of all series
    Column("error", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("started", Text, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("peak_rss_mb", Double),
    Column("case_values", Text, nullable=False),  # JSON
    Column("environment", Text, nullable=False),  # JSON
    Column("details", LargeBinary, nullable=False),  # readings, inputs and texts: JSON, compressed
    UniqueConstraint("run_id", "device", "case_key", name="ppocr_measurement_once"),
    Index("ppocr_measurement_case", "case_key", "device"),
)


def _measurement_id() -> Column[int]:
    """The measurement that a row belongs to, and goes with."""
    return Column(
        "measurement_id",
        Integer,
        ForeignKey("ppocr_measurement.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


SERIES: Final = Table(
    "ppocr_series",
    METADATA,
    _measurement_id(),
    Column("name", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("flagged", Integer, nullable=False),
    Column("p50", Double),  # of the samples that figures are of (`Series.used`); null where there are none
    Column("p90", Double),
    Column("p99", Double),
    Column("samples", LargeBinary, nullable=False),
)

PICTURES: Final = Table(
    "ppocr_picture",
    METADATA,
    _measurement_id(),
    Column("jpeg", LargeBinary, nullable=False),
)
