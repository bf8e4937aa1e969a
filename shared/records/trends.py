"""The trends' tables: the ledger, the facts, and the weekly cube of counts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Boolean, Date, Float, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base

_CLUSTERED: Final = {"sqlite_with_rowid": False}
"""The rows lie in the order of their key: half the size, and a week is read in one stretch."""


class Settlement(Base):
    """The ledger: a photo that reached its end, written with its facts in one transaction."""

    __tablename__ = "settlements"

    photo_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), doc="analyzed, not_fashion or failed")
    stage: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(Text)
    fashion: Mapped[float | None] = mapped_column(Float)
    analysis_key: Mapped[str | None] = mapped_column(String(255))
    models: Mapped[dict[str, Any]] = mapped_column(doc="model name to version and hash")
    settled_at: Mapped[datetime]
    superseded: Mapped[list[str]] = mapped_column(
        default=list,
        server_default="[]",
        doc="analysis keys that a later analysis of this generation replaced",
    )
    generation: Mapped[int] = mapped_column(
        Integer, default=0, server_default="0", doc="the photo's when it was announced"
    )
    catalogued: Mapped[bool] = mapped_column(
        Boolean,
        default=False,
        server_default=text("false"),
        doc="only an item's photo of a shop: it has no facts",
    )


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
    counted: Mapped[bool] = mapped_column(
        Boolean, doc="false: a near-duplicate's, or over the author's cap"
    )
    __table_args__ = (Index("ix_facts_week_item_color", "week", "item", "color"),)


class AuthorWeek(Base):
    """Which looks of one author in one week and source count: those over the cap do not."""

    __tablename__ = "author_weeks"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    author: Mapped[str] = mapped_column(String(32), primary_key=True)
    looks: Mapped[int] = mapped_column(Integer, doc="all of them")
    kept: Mapped[str] = mapped_column(Text, doc="photo ids of those that count, sorted, spaced")
    __table_args__ = _CLUSTERED


class Cell(Base):
    """The weekly cube: distinct looks by pattern x item x colour x style x source.

    A pattern, an item or a colour that is ``vocabulary.ALL`` stands for all of them together, and
    an item of ``vocabulary.GROUPS`` for its family. A sum over items, families, colours or
    patterns counts a look more than once: name each of the three dimensions in every query.
    """

    __tablename__ = "cells"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    pattern: Mapped[str] = mapped_column(String(16), primary_key=True)
    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    color: Mapped[str] = mapped_column(String(16), primary_key=True)
    style: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    looks: Mapped[int] = mapped_column(Integer)
    __table_args__ = _CLUSTERED


class PairCell(Base):
    """Looks in which two garments of different categories are worn together.

    Both colours are given, or both are ``vocabulary.ALL``.
    """

    __tablename__ = "pair_cells"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    color: Mapped[str] = mapped_column(String(16), primary_key=True)
    other_item: Mapped[str] = mapped_column(String(32), primary_key=True)
    other_color: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    looks: Mapped[int] = mapped_column(Integer)
    __table_args__ = _CLUSTERED


class HarmonyCell(Base):
    """Looks by the harmony of their garments' colours."""

    __tablename__ = "harmony_cells"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    harmony: Mapped[str] = mapped_column(String(16), primary_key=True)
    style: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    looks: Mapped[int] = mapped_column(Integer)
    __table_args__ = _CLUSTERED


class LeaderCell(Base):
    """Looks of the authors whose posts are liked most, by item x colour; for the early signal."""

    __tablename__ = "leader_cells"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    color: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    looks: Mapped[int] = mapped_column(Integer)
    __table_args__ = _CLUSTERED


class TrendWeek(Base):
    """How often a week's facts have changed, so that readers know what is still fresh."""

    __tablename__ = "trend_weeks"

    week: Mapped[date] = mapped_column(Date, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, doc="grows with every change")
    exported: Mapped[int] = mapped_column(
        Integer, default=0, doc="the version that the object store's Parquet holds; 0: none"
    )
