"""The end of a drawing that went well: the best pictures finished, and the story of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from json import dumps
from typing import Any, Final

from services.generation.files import PICTURE, JobFiles, picture_name, raw_name, sight_name
from services.generation.finishing import Finish, Tone, encode, finish, open_upscaler
from services.generation.jobs.book import Book
from services.generation.jobs.ending import end
from services.generation.settings import GenerationSettings
from shared.contracts.generation import LookProgressed, LookWish
from shared.errors import PermanentError
from shared.records.generation import Job

METADATA: Final = "mapsi"
"""Keyword of the story in a PNG's text: the manifest of its one picture, as JSON."""
_PNG: Final = "image/png"
_Files = dict[str, tuple[bytes, str]]


def hand_over(job: Job, wish: LookWish, reviews: Sequence[dict[str, Any]], book: Book) -> None:
    """Finish the best pictures of all attempts, write them, and end the job.

    ``reviews`` has a fact for each picture that was drawn.
    """
    best = sorted(reviews, key=_rank)[: wish.variants]
    files: _Files = {}
    pictures = [
        _finished(number, fact, wish, book.files(job.job_id), files, settings=book.settings)
        for number, fact in enumerate(best, start=1)
    ]
    files[PICTURE] = files[picture_name(1)]
    manifest = {
        **_origin(wish),
        "attempts": job.attempt + 1,
        "seconds": round(job.seconds, 3),
        "passed": bool(best[0]["passed"]),
        "pictures": pictures,
    }
    steps = job.steps or 1
    done = LookProgressed(
        job_id=job.job_id,
        state="done",
        attempt=job.attempt,
        step=steps,
        steps=steps,
        result_key=book.files(job.job_id).key(PICTURE),
        manifest=manifest,
        at=datetime.now(UTC),
    )
    end(done, book, files)


def _rank(fact: dict[str, Any]) -> tuple[bool, float, int, int, int]:
    faults = len(fact["faults"])
    return not fact["passed"], -fact["score"], faults, fact["attempt"], fact["variant"]


def _finished(
    number: int,
    fact: dict[str, Any],
    wish: LookWish,
    store: JobFiles,
    files: _Files,
    *,
    settings: GenerationSettings,
) -> dict[str, Any]:
    """Add a picture's files to ``files`` and return what the manifest says of it."""
    drawn = store.drawn(fact["attempt"])
    if drawn is None:
        raise PermanentError(
            "what was drawn is gone from the store; ask again",
            text_ko="그린 그림이 저장소에서 사라졌습니다. 다시 요청하세요",
            reason="pictures_gone",
        )
    picture = drawn.pictures[fact["variant"] - 1]
    steps = Finish(scale=settings.upscale, sharpen=settings.sharpen, tone=settings.tone)
    upscaler = open_upscaler(settings.upscaler) if settings.upscaler else None
    tone = _tone_before(wish, store)
    finished = finish(store.pixels(picture.key), steps, tone=tone, upscaler=upscaler)
    story: dict[str, Any] = {
        **picture.manifest,
        "variant": number,
        "seed": picture.seed,
        "width": finished.pixels.shape[1],
        "height": finished.pixels.shape[0],
        "finish": finished.facts,
        "review": fact,
    }
    text = dumps({**_origin(wish), "picture": story}, ensure_ascii=False)
    data = encode(finished.pixels, metadata={METADATA: text})
    files[picture_name(number)] = data, _PNG
    files[raw_name(number)] = store.storage.get(picture.key), _PNG
    files[sight_name(number)] = store.sight(picture.key), "application/json"
    return {**story, "bytes": len(data), "sha256": sha256(data).hexdigest()}


def _origin(wish: LookWish) -> dict[str, Any]:
    return {
        "backend": wish.backend,
        "software": f"mapsi {version('mapsi')}",
        "wish": wish.model_dump(mode="json"),
    }


def _tone_before(wish: LookWish, store: JobFiles) -> Tone | None:
    """Return the tone of the picture that an edit began with, so that what stayed looks alike."""
    if wish.edit is None:
        return None
    before = JobFiles(wish.edit.of, store.storage).end()
    if before is None:
        return None
    facts = before.manifest["pictures"][wish.edit.variant - 1]["finish"]
    return Tone(facts["black"], facts["white"])
