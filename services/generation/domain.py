"""A job's life, and whose turn it is on the GPU. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.contracts.generation import LookProgressed, LookWish

FINAL_STATES: Final = frozenset({"done", "failed", "cancelled"})
SEEDS: Final = 2**32
BATCHING: Final = frozenset({"sdxl"})
"""Backends that draw a batch in less time than its pictures one by one."""
_FAST: Final = 0.2
"""Of a picture: few steps without guidance take about a fifth of the time."""
_FAR: Final = 1_000_003
"""Between the seeds of two attempts; far more than variants, and prime to ``SEEDS``."""


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    state: str
    attempt: int
    step: int


def advances(now: Progress, message: LookProgressed) -> bool:
    """Tell whether ``message`` is news: a final state stays, and steps are not taken back."""
    if now.state in FINAL_STATES:
        return False
    if now.state == "queued" or message.state in FINAL_STATES:
        return True
    return (message.attempt, message.step) > (now.attempt, now.step)


def seed_of(seed: int, *, attempt: int, variant: int) -> int:
    """Return the seed of a picture: of the variants from 1, and of each attempt, another one."""
    return (seed + attempt * _FAR + variant - 1) % SEEDS


def kin_of(wish: LookWish) -> str:
    """Return what jobs share that cost alike and may be drawn together; a board has no kin."""
    if wish.backend == "lookbook":
        return ""
    what = "edit" if wish.edit else f"{wish.width}x{wish.height}"
    return f"{wish.backend} {what} {wish.preset}"


def goes_alone(kin: str) -> bool:
    """Tell that jobs of ``kin`` share no batch: edits have parents, servers draw singly."""
    backend, what, _ = kin.split()
    return what == "edit" or backend not in BATCHING


def cost_of(wish: LookWish) -> float:
    """Return what an attempt costs its requester: pictures, of 1024 x 1024 at full quality.

    Told by what is asked and not by a clock: what a busy machine or a cold model takes longer is
    nobody's fault, and the seconds of a batch belong to no single job of it.
    """
    pixels = wish.width * wish.height / 1024**2
    return wish.variants * pixels * (_FAST if wish.preset == "fast" else 1.0)


@dataclass(frozen=True)
class Waiting:
    """A job that waits for the GPU."""

    job_id: str
    requester: str
    interactive: bool
    since: datetime
    kin: str
    pictures: int
    cost: float
    """What it takes of its requester's share; see ``cost_of``."""


@dataclass(frozen=True)
class Turns:
    """How turns are given."""

    ageing: timedelta
    """A batch job that waited so long is as urgent as an interactive one."""
    batch: int
    """Pictures drawn together at most."""


def decayed(drawn: float, *, age: timedelta, half_life: timedelta) -> float:
    """Return what was ``drawn`` long ago as it counts now: half as much each half-life."""
    return drawn * math.pow(0.5, max(age, timedelta()) / half_life)


def next_batch(
    waiting: Sequence[Waiting], had: Mapping[str, float], *, now: datetime, turns: Turns
) -> tuple[Waiting, ...]:
    """Return the jobs to be drawn next, together: none where none waits.

    Of the urgent jobs, or of all where none is urgent, the first is the oldest of the requester
    who has ``had`` the least. Jobs of its kin join it in the same order, each charged to
    its requester at once, as long as they fit; of the batch nobody gets more than a fair part, so
    that who has many alike jobs does not overtake the others with them.
    """
    urgent = [job for job in waiting if job.interactive or now - job.since >= turns.ageing]
    pool = urgent or list(waiting)
    if not pool:
        return ()
    charged = dict(had)
    part = math.ceil(turns.batch / len({job.requester for job in pool}))
    first = min(pool, key=lambda job: _turn(job, charged))
    chosen = [first]
    if goes_alone(first.kin):
        return tuple(chosen)
    others = [job for job in pool if job.kin == first.kin and job is not first]
    while others:
        charged[chosen[-1].requester] = charged.get(chosen[-1].requester, 0.0) + chosen[-1].cost
        others = [job for job in others if _fits(job, chosen, part=part, turns=turns)]
        if others:
            chosen.append(min(others, key=lambda job: _turn(job, charged)))
            others.remove(chosen[-1])
    return tuple(chosen)


def _turn(job: Waiting, charged: Mapping[str, float]) -> tuple[float, datetime, str]:
    return charged.get(job.requester, 0.0), job.since, job.job_id


def _fits(job: Waiting, chosen: Sequence[Waiting], *, part: int, turns: Turns) -> bool:
    own = sum(other.pictures for other in chosen if other.requester == job.requester)
    all_ = sum(other.pictures for other in chosen)
    return own + job.pictures <= part and all_ + job.pictures <= turns.batch
