"""What a picture costs: GPU seconds, told by the pictures of its kin that were drawn last."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shared.records.generation import Job

_LAST: Final = 20
_UNKNOWN: Final = 1.0
"""Before the first picture: what an H100 takes is near enough, and all jobs are charged alike."""


def costs(session: Session, kins: Collection[str]) -> dict[str, float]:
    """Return the GPU seconds that one picture of each kin will take, as far as can be told."""
    usual = _mean(session, Job.kin != "") or _UNKNOWN
    return {kin: _mean(session, Job.kin == kin) or usual for kin in kins}


def _mean(session: Session, which: ColumnElement[bool]) -> float | None:
    each = Job.seconds / (Job.pictures * (Job.attempt + 1))
    last = (
        select(each.label("each"))
        .where(Job.state == "done", Job.seconds > 0, which)
        .order_by(Job.updated_at.desc())
        .limit(_LAST)
        .subquery()
    )
    mean: float | None = session.scalars(select(func.avg(last.c.each))).one()
    return mean
