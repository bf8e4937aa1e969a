"""What is known of people, in the database: read, learned, edited, forgotten.

Every function is about one person; nothing here reads anybody else's rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.gateway.people.domain import Profile, Trait
from services.gateway.people.learning import (
    FORGOTTEN,
    TASTES,
    Known,
    Signal,
    decayed,
    learned,
)
from services.gateway.personal_color.domain import fuse
from shared.contracts.vocabulary import SEASONS
from shared.records.preferences import PersonalColor, Preference

ONE_VALUE: Final = frozenset({"gender", "budget"})
"""Kinds of which a person has one value: a new one replaces the old."""

_TRUSTED: Final = ("said", "photo", "answers")
"""Sources of the personal colour, the one that is believed first; each is kept."""


def known_of(session: Session, person_id: str) -> list[Known]:
    """Return all that is kept of a person's preferences, strongest first by kind."""
    rows = session.scalars(select(Preference).where(Preference.person_id == person_id))
    known = [Known(row.kind, row.value, row.weight, row.source, row.times, row.at) for row in rows]
    return sorted(known, key=lambda one: (one.kind, -one.weight, one.value))


def seasons_of(session: Session, person_id: str) -> dict[str, Mapping[str, float]]:
    """Return the seasons' probabilities by source, the one that is believed first."""
    rows = session.scalars(select(PersonalColor).where(PersonalColor.person_id == person_id))
    told = {row.source: row.probabilities for row in rows}
    return {source: told[source] for source in _TRUSTED if source in told}


def read_profile(session: Session, person_id: str, now: datetime) -> Profile:
    """Return what the recommendations may know of a person."""
    return profile_of(known_of(session, person_id), seasons_of(session, person_id), now)


def profile_of(
    known: Iterable[Known], seasons: Mapping[str, Mapping[str, float]], now: datetime
) -> Profile:
    """Return what is known as of ``now``; a taste that has faded is none."""
    tastes, avoid, single = {}, set(), {}
    for one in known:
        if one.kind in TASTES:
            weight = decayed(one, now)
            if abs(weight) >= FORGOTTEN:
                tastes[one.kind, one.value] = weight
        elif one.kind == "avoid":
            avoid.add(one.value)
        else:
            single[one.kind] = one.value
    return Profile(
        tastes=tastes,
        avoid=frozenset(avoid),
        gender=single.get("gender"),
        budget=int(single["budget"]) if "budget" in single else None,
        seasons=fuse(**seasons) if seasons else {},
    )


def learn(session: Session, person_id: str, signals: Iterable[Signal], now: datetime) -> None:
    """Take signals in. Who now likes what they avoided does not avoid it any more."""
    rows = {(row.kind, row.value): row for row in _rows(session, person_id)}
    for signal in signals:
        key = (signal.kind, signal.value)
        for outdated in _outdated(signal, rows):
            _remove(session, rows.pop(outdated))
        row = rows.get(key)
        before = (
            Known(row.kind, row.value, row.weight, row.source, row.times, row.at) if row else None
        )
        after = learned(before, signal, now)
        if row is None:
            row = rows[key] = Preference(person_id=person_id, kind=signal.kind, value=signal.value)
            session.add(row)
        row.weight, row.source, row.times, row.at = (
            after.weight, after.source, after.times, after.at,
        )  # fmt: skip


def _rows(session: Session, person_id: str) -> Iterable[Preference]:
    return session.scalars(select(Preference).where(Preference.person_id == person_id))


def _outdated(signal: Signal, known: Iterable[Trait]) -> list[Trait]:
    """Return what does not hold any more once ``signal`` does."""
    if signal.kind in ONE_VALUE:
        return [key for key in known if key[0] == signal.kind]
    if signal.kind == "avoid":
        return [key for key in known if key[0] in TASTES and key[1] == signal.value]
    liked = signal.direction > 0 and signal.source in ("said", "edited")
    return [key for key in known if liked and key == ("avoid", signal.value)]


def _remove(session: Session, row: Preference) -> None:
    if row in session.new:
        session.expunge(row)
    else:
        session.delete(row)


def remember_seasons(
    session: Session,
    person_id: str,
    probabilities: Mapping[str, float],
    source: str,
    now: datetime,
) -> None:
    """Keep what ``source`` (said, photo or answers) tells of the person's season."""
    told = {season: float(probabilities.get(season, 0.0)) for season in SEASONS}
    row = session.get(PersonalColor, (person_id, source))
    if row is None:
        session.add(PersonalColor(person_id=person_id, source=source, probabilities=told, at=now))
    else:
        row.probabilities, row.at = told, now


def forget(
    session: Session, person_id: str, *, kind: str | None = None, value: str | None = None
) -> None:
    """Forget one preference, a kind of them, or (neither named) all.

    ``personal_color`` is a kind, too.
    """
    if kind in (None, "personal_color"):
        session.execute(delete(PersonalColor).where(PersonalColor.person_id == person_id))
    rows = delete(Preference).where(Preference.person_id == person_id)
    if kind is not None:
        rows = rows.where(Preference.kind == kind)
    if value is not None:
        rows = rows.where(Preference.value == value)
    session.execute(rows)
