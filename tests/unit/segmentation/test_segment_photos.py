"""What becomes of fashion photos: on to the colours, or ended here with a reason."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
import pytest

from services.segmentation.model import FakeSegmenter
from services.segmentation.segmenting import segment_photos
from shared import metrics
from shared.contracts.garments import Segmentation
from shared.contracts.message import ModelRef
from shared.contracts.photos import ClassifiedPhoto, PhotoRef, PhotosSegmented, PhotosSettled
from shared.imaging import thumbnail
from shared.storage import open_url
from tests.samples.counters import counting

PIXELS = np.random.default_rng(0).integers(0, 256, (60, 40, 3), np.uint8)
CLASSIFIER = ModelRef(name="classifier-fake", version="1", sha256="0" * 64)


class CountingSegmenter(FakeSegmenter):
    """The fake, counting the photos it sees."""

    def __init__(self) -> None:
        self.seen = 0
        self.batches: list[int] = []

    def predict(self, photos):
        self.seen += len(photos)
        self.batches.append(len(photos))
        return super().predict(photos)


@pytest.fixture
def storage(tmp_path):
    return open_url(tmp_path.as_uri())


@pytest.fixture
def segmenter():
    return CountingSegmenter()


def classified(storage, name: str, data: bytes | None) -> ClassifiedPhoto:
    photo_id = sha256(name.encode()).hexdigest()
    key = f"photos/{name}.jpg"
    if data is not None:
        storage.put(key, data, content_type="image/jpeg")
    photo = PhotoRef(
        photo_id=photo_id,
        key=key,
        width=40,
        height=60,
        posted_at=datetime(2026, 11, 2, tzinfo=UTC),
        source="test",
        look_id=photo_id,
    )
    return ClassifiedPhoto(photo=photo, fashion=0.9, models=(CLASSIFIER,))


def results(storage) -> list[Segmentation]:
    keys = storage.list("results/segmentation/")
    return [Segmentation.model_validate_json(storage.get(key)) for key in keys]


def test_garments_are_kept_with_the_models_that_saw_them(storage, segmenter):
    look = classified(storage, "look", thumbnail(PIXELS))
    (onward,) = segment_photos([look], storage=storage, segmenter=segmenter)
    assert isinstance(onward, PhotosSegmented)
    assert onward.photos[0].photo == look.photo
    assert onward.photos[0].models == (CLASSIFIER, segmenter.reference)
    (result,) = results(storage)
    assert (result.width, result.height) == (40, 60)
    assert len(result.garments) == 2
    assert storage.exists(onward.photos[0].result_key)


def test_one_bad_photo_fails_alone(storage, segmenter):
    good = classified(storage, "good", thumbnail(PIXELS))
    lost, damaged = classified(storage, "lost", None), classified(storage, "damaged", b"no photo")
    onward, ended = segment_photos([lost, good, damaged], storage=storage, segmenter=segmenter)
    assert [item.photo for item in onward.photos] == [good.photo]
    assert isinstance(ended, PhotosSettled)
    assert [item.photo for item in ended.photos] == [lost.photo, damaged.photo]
    assert all(item.outcome == "failed" and item.reason for item in ended.photos)


def test_photos_reach_the_engine_in_the_batches_it_wants(storage, segmenter):
    segmenter.batch_size = 2
    photos = [classified(storage, name, thumbnail(PIXELS)) for name in ("a", "b", "c")]
    photos.insert(1, classified(storage, "damaged", b"no photo"))
    segment_photos(photos[:1], storage=storage, segmenter=segmenter)
    onward, ended = segment_photos(photos, storage=storage, segmenter=segmenter)
    # The first is stored already, the second damaged: the other two go together.
    assert segmenter.batches == [1, 2]
    assert [item.photo for item in onward.photos] == [photos[i].photo for i in (0, 2, 3)]
    assert [item.photo for item in ended.photos] == [photos[1].photo]


def test_redelivery(storage, segmenter):
    photos = [classified(storage, "one", thumbnail(PIXELS))]
    first = segment_photos(photos, storage=storage, segmenter=segmenter)
    assert segment_photos(photos, storage=storage, segmenter=segmenter) == first
    assert segmenter.seen == 1
    assert len(results(storage)) == 1


def test_a_damaged_result_is_made_again(storage, segmenter):
    photos = [classified(storage, "one", thumbnail(PIXELS))]
    segment_photos(photos, storage=storage, segmenter=segmenter)
    (key,) = storage.list("results/segmentation/")
    storage.put(key, b"{", content_type="application/json")
    segment_photos(photos, storage=storage, segmenter=segmenter)
    assert len(results(storage)) == 1


def test_another_threshold_is_another_answer(storage, segmenter):
    photos = [classified(storage, "one", thumbnail(PIXELS))]
    segment_photos(photos, storage=storage, segmenter=segmenter)
    segmenter.threshold = 0.7
    segment_photos(photos, storage=storage, segmenter=segmenter)
    assert segmenter.seen == 2


def test_garments_are_counted_by_category_once(storage, segmenter):
    look = classified(storage, "look", thumbnail(PIXELS))
    with counting(metrics.GARMENTS) as garments:
        segment_photos([look], storage=storage, segmenter=segmenter)
        segment_photos([look], storage=storage, segmenter=segmenter)
    (result,) = results(storage)
    assert garments == Counter((garment.category,) for garment in result.garments)
    assert garments
