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
        shown = [picture for picture in message.pictures if not picture.manifest.get("withheld")]
        looked = [(picture, _look(picture, wish, files, look)) for picture in shown]
        facts = [_fact(message.attempt, picture, verdict) for picture, verdict in looked]
        best = max((pair[1] for pair in looked), key=_rank, default=None)
        stress = best.stress(wish.wear) if best else ()
        passed = best is not None and best.passed
        if not passed and order_again(job, facts, book, stress=stress):
            return
        if not (seen := [*job.reviews, *facts]):
            raise _all_withheld()
        hand_over(job, wish, seen, book)
    except PermanentError as error:
        end(failed(job.job_id, error.in_language(wish.language)), book)


def _rank(verdict: Verdict) -> tuple[bool, float]:
    return verdict.passed, verdict.score


def _all_withheld() -> PermanentError:
    """A picture that the checker took for naked is never handed over, not even greyed out."""
    return PermanentError(
        "the checker withheld every picture; ask for other clothes or other words",
        text_ko="검사기가 모든 그림을 보류했습니다. 다른 옷이나 다른 말로 요청하세요",
        reason="withheld",
    )


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
