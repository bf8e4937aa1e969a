"""The trends' tables: the ledger, the facts, and the weekly cube of counts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class Settlement(Base):
    """The ledger: a photo that reached its end, written with its facts in one transaction."""

    __tablename__ = "settlements"

    photo_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), doc="analyzed, not_fashion or failed")
    stage: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(Text)
    fashion: Mapped[float | None] = mapped_column(Float)
    analysis_key: Mapped[str | None] = mapped_column(String(255))
    models: Mapped[dict[str, Any]] = mapped_column(doc="model name to version")
    settled_at: Mapped[datetime]


class Fact(Base):
    """One garment of one look."""

    __tablename__ = "facts"

    fact_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    photo_id: Mapped[str] = mapped_column(String(64), index=True)
    look_id: Mapped[str] = mapped_column(String(64))
    week: Mapped[date] = mapped_column(Date, doc="its Monday, UTC")
    item: Mapped[str] = mapped_column(String(32))
    color: Mapped[str] = mapped_column(String(16), doc="basic colour")
    color_name: Mapped[str] = mapped_column(String(64))
    hex: Mapped[str] = mapped_column(String(7))
    pattern: Mapped[str | None] = mapped_column(String(16))
    style: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(64))
    author: Mapped[str | None] = mapped_column(String(32))
    score: Mapped[float] = mapped_column(Float)
    counted: Mapped[bool] = mapped_column(Boolean, doc="false: a near-duplicate's")
    __table_args__ = (Index("ix_facts_week_item_color", "week", "item", "color"),)


class Cell(Base):
    """The weekly cube: distinct looks by item x colour x style x source, and by their totals.

    An item or a colour that is ``vocabulary.ALL`` stands for all of them together.
    """

    __tablename__ = "cells"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    color: Mapped[str] = mapped_column(String(16), primary_key=True)
    style: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    looks: Mapped[int] = mapped_column(Integer)


class AuthorCell(Base):
    """Looks of one author in one cell: what is over the cap is not counted in the cell."""

    __tablename__ = "author_cells"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    color: Mapped[str] = mapped_column(String(16), primary_key=True)
    style: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    author: Mapped[str] = mapped_column(String(32), primary_key=True)
    looks: Mapped[int] = mapped_column(Integer)
