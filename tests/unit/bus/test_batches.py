"""One bad photo in a batch fails alone."""

from datetime import UTC, datetime

import pytest
import structlog

from shared import metrics
from shared.batches import each_photo, settled
from shared.contracts.photos import PhotoRef
from shared.errors import PermanentError, RetryableError
from tests.samples.counters import counting


def photo(digit: str) -> PhotoRef:
    return PhotoRef(
        photo_id=digit * 64,
        key=f"photos/{digit}.jpg",
        width=10,
        height=10,
        posted_at=datetime(2026, 11, 2, tzinfo=UTC),
        source="test",
        look_id=digit * 64,
    )


def test_a_bad_photo_is_settled_with_its_reason_and_the_others_go_on():
    def work(item: PhotoRef) -> str:
        if item.photo_id.startswith("b"):
            raise PermanentError("the file is truncated")
        return item.photo_id[0]

    done, failed = each_photo([photo("a"), photo("b"), photo("c")], work, stage="segmentation")
    assert done == ["a", "c"]
    ((ended,),) = [message.photos for message in settled(failed)]
    assert (ended.outcome, ended.stage) == ("failed", "segmentation")
    assert ended.reason == "the file is truncated"
    assert ended.photo == photo("b")


def test_a_store_that_is_away_stops_the_whole_batch_to_be_tried_again():
    def work(item: PhotoRef) -> str:
        raise RetryableError("the store is away")

    with pytest.raises(RetryableError):
        each_photo([photo("a")], work, stage="segmentation")


def test_a_bad_photo_is_counted_by_the_errors_reason_and_its_task():
    def work(item: PhotoRef) -> str:
        raise PermanentError("the file is truncated", reason="truncated")

    task = "segmentation.segment_photos"
    with structlog.contextvars.bound_contextvars(task=task), counting(metrics.ERRORS) as errors:
        each_photo([photo("a"), photo("b")], work, stage="segmentation")
    assert errors == {(task, "truncated"): 2}


def test_a_batch_without_failures_settles_nothing():
    assert settled([]) == []
