"""Which looks of an author count: rule 2 of ``domain.py``, kept in ``author_weeks``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.trends.domain import Look, kept_of
from services.trends.facts import looks_of_photos
from shared.records import Database
from shared.records.trends import AuthorWeek, Fact


class _Key(NamedTuple):
    week: date
    source: str
    author: str


@dataclass(frozen=True)
class Admission:
    """What the cap makes of new looks."""

    counted: Sequence[Look]
    """Those that count."""
    evicted: Sequence[str]
    """Photo ids that counted until now and give way."""


def add_to_authors(
    database: Database, session: Session, looks: Sequence[Look], *, cap: int
) -> Admission:
    """Note new looks at their authors; their weeks stay locked until the transaction ends."""
    mine = _by_author(looks)
    counted = [look for look in looks if look.author is None]
    evicted: list[str] = []
    changed: list[dict[str, Any]] = []
    for *name, number, kept in _add(database, session, mine, cap=cap):
        key, before = _Key(*name), frozenset(kept.split())
        now = kept_of([*before, *(look.photo_id for look in mine[key])], cap=cap)
        counted += [look for look in mine[key] if look.photo_id in now]
        if before != set(now):
            evicted += before.difference(now)
            changed.append(key._asdict() | {"looks": number, "kept": " ".join(now)})
    if changed:
        _keep(database, session, changed)
    return Admission(counted=counted, evicted=evicted)


def remove_from_authors(session: Session, looks: Iterable[Look], *, cap: int) -> list[Look]:
    """Take looks off their authors; return the looks that count in their place.

    The looks' facts are gone already.
    """
    promoted = []
    for key, gone in sorted(_by_author(looks).items()):
        row = session.get_one(AuthorWeek, key, with_for_update=True)
        removed = {look.photo_id for look in gone}
        row.looks -= len(removed)
        kept = set(row.kept.split()) - removed
        free = min(cap, row.looks) - len(kept)
        waiting = _waiting(session, key, kept, number=free) if free > 0 else []
        promoted += waiting
        row.kept = " ".join(kept_of([*kept, *(look.photo_id for look in waiting)], cap=cap))
        if row.looks == 0:
            session.delete(row)
    session.flush()
    session.expunge_all()
    return promoted


def _by_author(looks: Iterable[Look]) -> dict[_Key, list[Look]]:
    found: dict[_Key, list[Look]] = defaultdict(list)
    for look in looks:
        if look.author is not None:
            found[_Key(look.week, look.source, look.author)].append(look)
    return found


def _add(
    database: Database, session: Session, looks: Mapping[_Key, Sequence[Look]], *, cap: int
) -> Sequence[Any]:
    """Add to the authors' numbers of looks; return their rows, which nobody else changes now.

    A new row keeps what it should; one that was there still what it kept before.
    """
    rows = [
        key._asdict()
        | {"looks": len(new), "kept": " ".join(kept_of((look.photo_id for look in new), cap=cap))}
        for key, new in sorted(looks.items())
    ]
    if not rows:
        return ()
    add = database.insert_many(AuthorWeek, rows)
    upsert = add.on_conflict_do_update(
        index_elements=_Key._fields, set_={"looks": AuthorWeek.looks + add.excluded.looks}
    )
    return session.execute(
        upsert.returning(
            AuthorWeek.week,
            AuthorWeek.source,
            AuthorWeek.author,
            AuthorWeek.looks,
            AuthorWeek.kept,
        )
    ).all()


def _keep(database: Database, session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write which looks count of authors who were known before."""
    add = database.insert_many(AuthorWeek, rows)
    session.execute(
        add.on_conflict_do_update(index_elements=_Key._fields, set_={"kept": add.excluded.kept})
    )


def _waiting(session: Session, key: _Key, kept: Iterable[str], *, number: int) -> list[Look]:
    """Return the author's first looks that do not count yet."""
    ids = session.scalars(
        select(Fact.photo_id)
        .where(
            Fact.week == key.week,
            Fact.source == key.source,
            Fact.author == key.author,
            Fact.photo_id == Fact.look_id,
            Fact.photo_id.not_in(list(kept)),
        )
        .group_by(Fact.photo_id)
        .order_by(func.min(Fact.photo_id))
        .limit(number)
    ).all()
    return [fact.look for fact in looks_of_photos(session, ids)]
