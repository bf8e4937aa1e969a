"""What becomes of stored photos: on to segmentation, or ended here with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
import pytest

from services.classification.judging import judge_photos
from services.classification.model import FakeClassifier
from shared import metrics
from shared.contracts.garments import Classification
from shared.contracts.photos import PhotoRef, PhotosClassified, PhotosSettled
from shared.contracts.vocabulary import STYLES
from shared.errors import RetryableError
from shared.imaging import thumbnail
from shared.storage import open_url
from tests.samples.counters import counting
from tests.samples.styles import probe

PROBE = probe(classifier="another")
BUSY = np.random.default_rng(0).integers(0, 256, (60, 40, 3), np.uint8)
FLAT = np.full((60, 40, 3), 200, np.uint8)


class CountingClassifier(FakeClassifier):
    """The fake, counting the photos it judges."""

    def __init__(self) -> None:
        self.judged = 0

    def predict(self, photos):
        self.judged += len(photos)
        return super().predict(photos)


@pytest.fixture
def storage(tmp_path):
    return open_url(tmp_path.as_uri())


@pytest.fixture
def classifier():
    return CountingClassifier()


def stored(storage, name: str, data: bytes | None) -> PhotoRef:
    photo_id = sha256(name.encode()).hexdigest()
    key = f"photos/{name}.jpg"
    if data is not None:
        storage.put(key, data, content_type="image/jpeg")
    return PhotoRef(
        photo_id=photo_id,
        key=key,
        width=40,
        height=60,
        posted_at=datetime(2026, 11, 2, tzinfo=UTC),
        source="test",
        look_id=photo_id,
    )


def results(storage) -> list[Classification]:
    keys = storage.list("results/classification/")
    return [Classification.model_validate_json(storage.get(key)) for key in keys]


def test_fashion_goes_on_and_the_rest_ends_here(storage, classifier):
    look, page = stored(storage, "look", thumbnail(BUSY)), stored(storage, "page", thumbnail(FLAT))
    onward, ended = judge_photos([look, page], storage=storage, classifier=classifier, probe=PROBE)
    assert isinstance(onward, PhotosClassified)
    assert [item.photo for item in onward.photos] == [look]
    assert onward.photos[0].models == (classifier.reference,)
    assert isinstance(ended, PhotosSettled)
    assert (ended.photos[0].photo, ended.photos[0].outcome) == (page, "not_fashion")
    assert ended.photos[0].fashion == pytest.approx(0.1)
    assert "0.10" in ended.photos[0].reason


def test_styles_are_told_from_the_embedding_and_name_their_probe(storage, classifier):
    look = stored(storage, "look", thumbnail(BUSY))
    own = probe(classifier.reference.sha256)
    (onward,) = judge_photos([look], storage=storage, classifier=classifier, probe=own)
    (item,) = onward.photos
    assert set(item.styles) == set(STYLES)
    assert sum(item.styles.values()) == pytest.approx(1, abs=1e-3)
    assert item.models == (classifier.reference, own.reference)


def test_a_probe_of_another_classifier_tells_nothing(storage, classifier):
    look = stored(storage, "look", thumbnail(BUSY))
    (onward,) = judge_photos([look], storage=storage, classifier=classifier, probe=PROBE)
    assert onward.photos[0].styles == {}
    assert onward.photos[0].models == (classifier.reference,)


def test_another_probe_needs_no_photo_judged_again(storage, classifier):
    look = stored(storage, "look", thumbnail(BUSY))
    for digest in ("5" * 64, "6" * 64):
        own = probe(classifier.reference.sha256, sha256=digest)
        (onward,) = judge_photos([look], storage=storage, classifier=classifier, probe=own)
        assert onward.photos[0].models[1].sha256 == digest
    assert classifier.judged == 1


def test_the_embedding_is_kept(storage, classifier):
    look = stored(storage, "look", thumbnail(BUSY))
    judge_photos([look], storage=storage, classifier=classifier, probe=PROBE)
    (result,) = results(storage)
    assert result.is_fashion
    assert len(result.embedding) == 512
    assert result.model == classifier.reference


def test_a_classifier_that_refuses_everything_shows_in_the_metrics(storage, classifier):
    """As a model with broken weights does; a photo that is judged already is not counted again."""
    looks = [stored(storage, f"look-{number}", thumbnail(BUSY)) for number in range(10)]
    with counting(metrics.FASHION) as answers:
        judge_photos(looks[:5], storage=storage, classifier=classifier, probe=PROBE)
        judge_photos(looks[:5], storage=storage, classifier=classifier, probe=PROBE)
    assert answers == {("fashion",): 5}
    classifier.predict = lambda photos: [
        replace(verdict, fashion=0.01) for verdict in FakeClassifier.predict(classifier, photos)
    ]
    with counting(metrics.FASHION) as answers:
        judge_photos(looks[5:], storage=storage, classifier=classifier, probe=PROBE)
    assert answers == {("not_fashion",): 5}
    told = metrics.MODEL_INFO.labels(classifier.reference.name, classifier.reference.mark)
    assert told._value.get() == 1


def test_redelivery(storage, classifier):
    photos = [stored(storage, "look", thumbnail(BUSY)), stored(storage, "page", thumbnail(FLAT))]
    first = judge_photos(photos, storage=storage, classifier=classifier, probe=PROBE)
    again = judge_photos(photos, storage=storage, classifier=classifier, probe=PROBE)
    assert again == first
    assert classifier.judged == 2
    assert len(results(storage)) == 2


def test_another_threshold_is_another_answer(storage, classifier):
    look = stored(storage, "look", thumbnail(BUSY))
    judge_photos([look], storage=storage, classifier=classifier, probe=PROBE)
    classifier.threshold = 0.95
    (ended,) = judge_photos([look], storage=storage, classifier=classifier, probe=PROBE)
    assert isinstance(ended, PhotosSettled)


def test_a_damaged_result_is_made_again(storage, classifier):
    look = stored(storage, "look", thumbnail(BUSY))
    judge_photos([look], storage=storage, classifier=classifier, probe=PROBE)
    (key,) = storage.list("results/classification/")
    storage.put(key, b"{", content_type="application/json")
    judge_photos([look], storage=storage, classifier=classifier, probe=PROBE)
    assert len(results(storage)) == 1


def test_a_broken_photo_and_a_lost_one_fail_alone(storage, classifier):
    broken, lost = stored(storage, "broken", b"no photo"), stored(storage, "lost", None)
    look = stored(storage, "look", thumbnail(BUSY))
    onward, ended = judge_photos(
        [broken, look, lost], storage=storage, classifier=classifier, probe=PROBE
    )
    assert [item.photo for item in onward.photos] == [look]
    assert {item.photo.key: item.outcome for item in ended.photos} == {
        broken.key: "failed",
        lost.key: "failed",
    }


def test_a_store_that_is_away_fails_the_batch_to_be_tried_again(storage, classifier):
    class Away:
        def get(self, key):
            raise RetryableError("the store is away")

    look = stored(storage, "look", thumbnail(BUSY))
    with pytest.raises(RetryableError):
        judge_photos([look], storage=Away(), classifier=classifier, probe=PROBE)


def test_what_a_shop_sells_goes_on_however_sure_the_classifier_is(storage, classifier):
    street = stored(storage, "street", thumbnail(FLAT))
    item = stored(storage, "item", thumbnail(FLAT)).model_copy(update={"catalogued": True})
    messages = judge_photos([street, item], storage=storage, classifier=classifier, probe=PROBE)
    (onward,) = (m for m in messages if isinstance(m, PhotosClassified))
    (ended,) = (m for m in messages if isinstance(m, PhotosSettled))
    assert [one.photo for one in onward.photos] == [item]
    assert [one.photo for one in ended.photos] == [street]
