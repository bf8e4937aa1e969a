"""All tables, for what treats them alike: migrations and backups."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Table

from shared.records import (  # noqa: F401  (their tables)
    alerts,
    conversations,
    deletion,
    gateway,
    generation,
    ingestion,
    items,
    preferences,
    sources,
    trends,
)
from shared.records.base import Base

TABLES: Final[tuple[Table, ...]] = tuple(Base.metadata.sorted_tables)
"""Those that others refer to come first."""
