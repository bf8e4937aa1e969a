"""The pictures on the table of a conversation: which one is looked at, and what led to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.gateway.access import Caller, Gateway
from services.gateway.chat.deeds.outcome import Scene
from services.gateway.chat.policy.acts import Pointed
from services.gateway.chat.policy.state import State
from services.gateway.drawing.editing import Change
from services.gateway.drawing.files import seen_in
from services.gateway.looks import KnownLook, find_look
from services.gateway.problems import RefusedError

REMEMBERED: Final = 30
"""Pictures of a conversation that can be gone back to."""


def laid(gateway: Gateway, caller: Caller, state: State, pointed: Pointed) -> State:
    """Return the state with the picture on the table that a person points at, and what led to it.

    Raises RefusedError with 404 where it is not theirs.
    """
    jobs = [pointed.job_id]
    known = find_look(gateway, caller, pointed.job_id)
    if pointed.job_id in state.pictures:
        jobs = list(state.pictures[: state.pictures.index(pointed.job_id) + 1])
    else:
        while known.look.edit is not None and len(jobs) < REMEMBERED:
            jobs.insert(0, known.look.edit.of)
            known = find_look(gateway, caller, jobs[0])
    focus = state.focus if state.pictures[-1:] == (pointed.job_id,) else None
    return state.with_pictures(tuple(jobs), variant=pointed.variant).now(focus=focus)


def on_the_table(scene: Scene) -> KnownLook | None:
    """Return the picture that is looked at: the last one that was not given up."""
    for job_id in reversed(scene.state.pictures):
        known = found(scene, job_id)
        if known is not None and known.state not in ("failed", "cancelled"):
            return known
    return None


def found(scene: Scene, job_id: str) -> KnownLook | None:
    try:
        return find_look(scene.gateway, scene.caller, job_id)
    except RefusedError:  # erased since
        return None


def trail(scene: Scene, known: KnownLook) -> tuple[str, ...]:
    """Return the pictures up to the one that changes: those behind it came to nothing."""
    pictures = scene.state.pictures
    return pictures[: pictures.index(known.wish.job_id) + 1]


def variant(scene: Scene, known: KnownLook) -> int:
    """Return which of a picture's variants is looked at."""
    return scene.state.variant if known.wish.job_id == scene.state.pictures[-1] else 1


def touched(change: Change, known: KnownLook, scene: Scene) -> Change:
    """Return the change of a garment that is pointed at, by what it is seen as.

    A word for a garment tells what it becomes. One that is not there is refused where it is drawn.
    """
    seen = seen_in(scene.gateway.context.storage, known, variant(scene, known)).garments
    if change.garment is None or change.garment >= len(seen):
        return change
    return replace(change, item=seen[change.garment].category)
