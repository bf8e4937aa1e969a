"""A person's own changes to what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from services.gateway.people.book import forget, learn, remember_seasons
from services.gateway.people.learning import TASTES, Signal
from services.gateway.people.views import PreferencesIn
from shared.contracts.vocabulary import SEASONS

STATED: Final = 0.85
"""How probable a season is that a person states: most name the one that they were once told."""


def edit(session: Session, person_id: str, patch: PreferencesIn, now: datetime) -> None:
    """Apply a merge patch: what it names changes, null forgets."""
    named = patch.model_fields_set
    for kind in named & {*TASTES, "avoid", "gender", "budget"}:
        if getattr(patch, kind) is None or kind == "avoid":
            forget(session, person_id, kind=kind)
    for kind in named & set(TASTES):
        for value, weight in (getattr(patch, kind) or {}).items():
            if weight is None:
                forget(session, person_id, kind=kind, value=value)
    if "personal_color" in named:
        _edit_season(session, person_id, patch, now)
    session.flush()
    learn(session, person_id, _signals(patch), now)


def stated(season: str) -> dict[str, float]:
    """Return the probabilities of a person who says which season they are."""
    rest = (1 - STATED) / (len(SEASONS) - 1)
    return {name: STATED if name == season else rest for name in SEASONS}


def _edit_season(session: Session, person_id: str, patch: PreferencesIn, now: datetime) -> None:
    if patch.personal_color is None:
        forget(session, person_id, kind="personal_color")
    else:
        remember_seasons(session, person_id, stated(patch.personal_color), "said", now)


def _signals(patch: PreferencesIn) -> Iterator[Signal]:
    for value in patch.avoid or ():
        yield Signal("avoid", value, "edited", -1.0)
    for kind in TASTES:
        for value, weight in (getattr(patch, kind) or {}).items():
            if weight is not None:
                yield Signal(kind, value, "edited", weight)
    if patch.gender:
        yield Signal("gender", patch.gender, "edited")
    if patch.budget:
        yield Signal("budget", str(patch.budget), "edited")
