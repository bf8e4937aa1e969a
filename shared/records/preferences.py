"""The gateway's tables of what is known of a person: preferences, and which season suits them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.records.base import Base


class Preference(Base):
    """One thing a person likes, dislikes, avoids or is."""

    __tablename__ = "preferences"

    person_id: Mapped[str] = mapped_column(String(32), primary_key=True, doc="id of an API key")
    kind: Mapped[str] = mapped_column(
        String(16), primary_key=True, doc="style, item, color, pattern, avoid, gender or budget"
    )
    value: Mapped[str] = mapped_column(String(32), primary_key=True)
    weight: Mapped[float] = mapped_column(Float, doc="in [-1, 1], as of `at`")
    source: Mapped[str] = mapped_column(String(16), doc="said, answer, like, refusal, feedback, …")
    times: Mapped[int] = mapped_column(Integer, default=1, doc="signals so far")
    at: Mapped[datetime] = mapped_column(doc="of the last signal")


class PersonalColor(Base):
    """What one source tells of a person's season."""

    __tablename__ = "personal_colors"

    person_id: Mapped[str] = mapped_column(String(32), primary_key=True, doc="id of an API key")
    source: Mapped[str] = mapped_column(String(16), primary_key=True, doc="said, photo or answers")
    probabilities: Mapped[dict[str, Any]] = mapped_column(doc="by season; they add up to 1")
    at: Mapped[datetime]
