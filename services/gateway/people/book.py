"""What is known of people, in the database: read, learned, edited, forgotten.

Every function is about one person; nothing here reads anybody else's rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, select, update
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

_TABLE: Final = cast("Table", Preference.__table__)
_HERE: Final = and_(
    _TABLE.c.person_id == bindparam("of_person"),
    _TABLE.c.kind == bindparam("of_kind"),
    _TABLE.c.value == bindparam("of_value"),
)
_KNOWN: Final = select(
    *(_TABLE.c[name] for name in ("person_id", "kind", "value", "weight", "source", "times", "at"))
).where(_TABLE.c.person_id.in_(bindparam("of_people", expanding=True)))  # fmt: skip
_CHANGING: Final = ("weight", "source", "times", "at")
_ADD: Final = insert(_TABLE)
_CHANGE: Final = (
    update(_TABLE).where(_HERE).values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_REMOVE: Final = delete(_TABLE).where(_HERE)
_COLORS: Final = cast("Table", PersonalColor.__table__)
_SEASONS: Final = select(_COLORS.c.source, _COLORS.c.probabilities).where(
    _COLORS.c.person_id == bindparam("of_person")
)

Reading = Session | Connection
"""What rows are read from."""

_TRUSTED: Final = ("said", "photo", "answers")
"""Sources of the personal colour, the one that is believed first; each is kept."""


@dataclass(frozen=True)
class Lesson:
    """What a person showed at a moment."""

    person_id: str
    signals: tuple[Signal, ...]
    at: datetime


def known_of(session: Reading, person_id: str) -> list[Known]:
    """Return all that is kept of a person's preferences, strongest first by kind."""
    return _sorted(_rows(session, [person_id])[person_id].values())


def seasons_of(session: Reading, person_id: str) -> dict[str, Mapping[str, float]]:
    """Return the seasons' probabilities by source, the one that is believed first."""
    rows = session.execute(_SEASONS, {"of_person": person_id})
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
    learn_all(session, [Lesson(person_id, tuple(signals), now)])


def learn_all(session: Session, lessons: Sequence[Lesson]) -> dict[str, list[Known]]:
    """Take lessons in, in their order, as ``learn`` does; return what is known of these people."""
    before = _rows(session, [lesson.person_id for lesson in lessons])
    after = {person_id: dict(known) for person_id, known in before.items()}
    for lesson in lessons:
        known = after[lesson.person_id]
        for signal in lesson.signals:
            for outdated in _outdated(signal, known):
                del known[outdated]
            key = (signal.kind, signal.value)
            known[key] = learned(known.get(key), signal, lesson.at)
    for person_id, known in after.items():
        _write(session, person_id, before[person_id], known)
    return {person_id: _sorted(known.values()) for person_id, known in after.items()}


def _rows(session: Reading, people: Iterable[str]) -> dict[str, dict[Trait, Known]]:
    """Return what is known by person, kind and value."""
    found: dict[str, dict[Trait, Known]] = {person_id: {} for person_id in people}
    rows = session.execute(_KNOWN, {"of_people": list(found)})
    for person_id, kind, value, weight, source, times, at in rows:
        found[person_id][kind, value] = Known(kind, value, weight, source, times, at)
    return found


def _sorted(known: Iterable[Known]) -> list[Known]:
    return sorted(known, key=lambda one: (one.kind, -one.weight, one.value))


def _write(
    session: Session,
    person_id: str,
    before: Mapping[Trait, Known],
    after: Mapping[Trait, Known],
) -> None:
    """Write what has changed of a person."""
    gone = [one for key, one in before.items() if key not in after]
    new = [one for key, one in after.items() if key not in before]
    changed = [one for key, one in after.items() if key in before and one != before[key]]
    if gone:
        session.execute(_REMOVE, [_place(person_id, one) for one in gone])
    if new:
        session.execute(_ADD, [{"person_id": person_id} | vars(one) for one in new])
    if changed:
        session.execute(_CHANGE, [_place(person_id, one) | _news(one) for one in changed])


def _place(person_id: str, known: Known) -> dict[str, str]:
    return {"of_person": person_id, "of_kind": known.kind, "of_value": known.value}


def _news(known: Known) -> dict[str, object]:
    return {f"new_{name}": getattr(known, name) for name in _CHANGING}


def _outdated(signal: Signal, known: Iterable[Trait]) -> list[Trait]:
    """Return what does not hold any more once ``signal`` does."""
    if signal.kind in ONE_VALUE:
        return [key for key in known if key[0] == signal.kind]
    if signal.kind == "avoid":
        return [key for key in known if key[0] in TASTES and key[1] == signal.value]
    liked = signal.direction > 0 and signal.source in ("said", "edited")
    return [key for key in known if liked and key == ("avoid", signal.value)]


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
