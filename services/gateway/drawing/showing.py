"""A wish and its job as clients see them, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.gateway.domain import Language, job_state
from services.gateway.drawing.editing import SURE
from services.gateway.drawing.texts import NOTICE, fault_text
from services.gateway.job_views import (
    FaultView,
    GenerationLinks,
    GenerationView,
    PictureView,
    ReviewView,
    SeenGarment,
    SeenGarments,
)
from services.gateway.looks import KnownLook
from shared.contracts.generation import LookWish, SeenPicture, WornGarment
from shared.contracts.vocabulary import label


def view_of(known: KnownLook, language: Language, edits: Sequence[str] = ()) -> GenerationView:
    """Return a job as clients see it; ``edits`` are the jobs that change its picture."""
    wish, job, look = known.wish, known.job, known.look
    return GenerationView(
        id=wish.job_id,
        state=job_state(job.state if job else None),
        served_by=look.backend,
        notice=notice_of(look, language),
        step=job.step if job else 0,
        steps=job.steps if job else 0,
        cancel_requested=wish.cancelled_at is not None,
        reason=job.reason if job else None,
        created_at=wish.created_at,
        deadline=wish.deadline,
        wear=list(look.wear),
        pictures=_pictures(known, language),
        parent=look.edit.of if look.edit else None,
        parent_variant=look.edit.variant if look.edit else None,
        edits=list(edits),
        manifest=job.manifest if job else {},
        links=_links(known),
    )


def notice_of(look: LookWish, language: Language) -> str | None:
    """Return what has to be said where a board takes the place of a drawing."""
    was_drawing = look.wear or look.words or look.edit
    return NOTICE[language] if look.backend == "lookbook" and was_drawing else None


def garments_of(seen: SeenPicture, language: Language) -> SeenGarments:
    """Return what is surely seen in a picture, each by the number that an edit names it by."""
    return SeenGarments(
        garments=[
            SeenGarment(
                garment=at,
                category=one.category,
                label=label(one.category, language),
                score=one.score,
                box=_shares(one.box, seen),
                mask=one.mask,
                color=one.colors[0].basic if one.colors else None,
                hex=one.colors[0].hex if one.colors else None,
                pattern=one.pattern,
            )
            for at, one in enumerate(seen.garments)
            if one.score >= SURE
        ]
    )


def _shares(
    box: tuple[float, float, float, float], seen: SeenPicture
) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return (
        round(x0 / seen.width, 4),
        round(y0 / seen.height, 4),
        round(x1 / seen.width, 4),
        round(y1 / seen.height, 4),
    )


def _links(known: KnownLook) -> GenerationLinks:
    path, job = f"/v1/generations/{known.wish.job_id}", known.job
    drawing = job is not None and job.state == "running" and job.preview
    parent = known.look.edit
    return GenerationLinks(
        self=path,
        events=f"{path}/events",
        edits=f"{path}/edits",
        picture=f"{path}/picture.png" if known.is_done else None,
        preview=f"{path}/preview.webp?step={job.step}" if job and drawing else None,
        manifest=f"{path}/manifest.json" if known.is_done else None,
        parent=f"/v1/generations/{parent.of}" if parent else None,
    )


def _pictures(known: KnownLook, language: Language) -> list[PictureView]:
    path, wear = f"/v1/generations/{known.wish.job_id}", known.look.wear
    return [
        PictureView(
            variant=number,
            seed=told["seed"],
            width=told["width"],
            height=told["height"],
            attempt=told.get("review", {}).get("attempt", 0) + 1,
            review=_review(told.get("review"), wear, language),
            picture=f"{path}/picture.png?variant={number}",
            garments=f"{path}/garments?variant={number}",
        )
        for number, told in enumerate(known.pictures, start=1)
    ]


def _review(
    said: dict[str, Any] | None, wear: Sequence[WornGarment], language: Language
) -> ReviewView | None:
    if said is None:
        return None
    faults, remarks = (
        [
            FaultView(
                kind=fault["kind"],
                garment=fault.get("garment"),
                text=fault_text(fault, wear, language),
            )
            for fault in said.get(name, ())
        ]
        for name in ("faults", "remarks")
    )
    return ReviewView(
        passed=said["passed"], score=round(said["score"], 4), faults=faults, remarks=remarks
    )
