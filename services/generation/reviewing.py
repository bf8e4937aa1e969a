"""Drawn pictures are looked at before a person sees them: drawn anew, or handed over.

Of all attempts the best pictures are kept, whether they pass or not; the manifest tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.generation.files import JobFiles
from services.generation.handing_over import hand_over
from services.generation.jobs.attempts import order_again
from services.generation.jobs.book import Book
from services.generation.jobs.ending import cancelled, end, failed
from services.generation.review import Sight, Verdict, judge
from shared import metrics
from shared.contracts.generation import DrawnPicture, LookDrawn, LookWish, SeenPicture
from shared.errors import PermanentError
from shared.imaging import Pixels
from shared.records.generation import Job

Look = Callable[[Pixels], Sight]
"""Our own models: (H, W, 3) uint8 RGB in, what they see out."""


def review(message: LookDrawn, job: Job, book: Book, look: Look) -> None:
    """Look at a job's pictures; order it again, or bring it to its end.

    Raises RetryableError where the store, the database or a model's weights are away.
    """
    files = book.files(job.job_id)
    if files.is_called_off():
        end(cancelled(job.job_id), book)
        return
    wish = LookWish.model_validate(job.wish)
    try:
        looked = [(picture, _look(picture, wish, files, look)) for picture in message.pictures]
        facts = [_fact(message.attempt, picture, verdict) for picture, verdict in looked]
        _, best = max(looked, key=lambda pair: (pair[1].passed, pair[1].score))
        if not best.passed and order_again(job, facts, book, stress=best.stress(wish.wear)):
            return
        hand_over(job, wish, [*job.reviews, *facts], book)
    except PermanentError as error:
        end(failed(job.job_id, error.in_language(wish.language)), book)


def _look(picture: DrawnPicture, wish: LookWish, files: JobFiles, look: Look) -> Verdict:
    """Return the verdict on a picture; what is seen is kept beside it."""
    pixels = files.pixels(picture.key)
    sight = look(pixels)
    seen = SeenPicture(
        width=picture.width,
        height=picture.height,
        fashion=sight.fashion,
        garments=sight.garments,
        faces=sight.faces,
    )
    files.put_sight(picture.key, seen)
    verdict = judge(wish.wear, sight, pixels)
    metrics.LOOK_REVIEWS.labels("passed" if verdict.passed else "failed").inc()
    return verdict


def _fact(attempt: int, picture: DrawnPicture, verdict: Verdict) -> dict[str, Any]:
    return {"attempt": attempt, "variant": picture.variant, **verdict.facts()}
