"""Segmented photos become analyses: once each, and one bad photo spoils no other."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from services.color.naming import VERSION, Namer, name_photos, open_namer
from services.color.pattern.metadata import read_metadata
from services.color.settings import SHIPPED, ColorSettings
from services.color.table import table_hash
from shared import metrics
from shared.contracts.garments import Analysis, Garment, Segmentation
from shared.contracts.message import ModelRef
from shared.contracts.photos import PhotoRef, PhotosAnalyzed, PhotosSettled, SegmentedPhoto
from shared.contracts.vocabulary import STYLES
from shared.errors import PermanentError, RetryableError
from shared.masks import encode_mask
from shared.storage import StorageUnavailableError, open_url
from shared.storage.keys import photo_key, result_key
from tests.samples.cloth import SIDE, plain, taken, worn
from tests.samples.counters import counting
from tests.samples.styles import probe

LIGHT, MASK = worn(plain("b01e28"))
SPECK = np.zeros_like(MASK)
SPECK[100:130, 100:130] = True
PROBE = probe()
SEGMENTER = ModelRef(name="segmenter-fake", version="1", sha256="0" * 64)


class CountingNamer(Namer):
    """The real one, counting the garments it looks at."""

    looked = 0

    def name(self, photo, garment):
        self.looked += 1
        return super().name(photo, garment)


@pytest.fixture
def storage(tmp_path):
    return open_url(tmp_path.as_uri())


@pytest.fixture
def namer(cache):
    return CountingNamer(ColorSettings(cache_dir=cache))


def garment(mask=MASK) -> Garment:
    return Garment(
        category="short_sleeved_dress",
        score=0.9,
        box=(40, 40, 280, 280),
        mask=encode_mask(mask),
        area=int(mask.sum()),
    )


def segmented(storage, name: str, *garments: Garment, version: str = "1") -> SegmentedPhoto:
    photo_id = sha256(name.encode()).hexdigest()
    file = BytesIO()
    Image.fromarray(taken(LIGHT)).save(file, "JPEG")
    storage.put(photo_key(photo_id), file.getvalue(), content_type="image/jpeg")
    found = Segmentation(width=SIDE, height=SIDE, garments=garments, model=SEGMENTER)
    key = result_key("segmentation", version, photo_id)
    storage.put(key, found.model_dump_json().encode(), content_type="application/json")
    return SegmentedPhoto(
        photo=PhotoRef(
            photo_id=photo_id,
            key=photo_key(photo_id),
            width=SIDE,
            height=SIDE,
            posted_at=datetime(2026, 11, 2, tzinfo=UTC),
            source="test",
            author="a",
            look_id=photo_id,
        ),
        fashion=0.9,
        styles={"street": 0.7},
        result_key=key,
        models=(SEGMENTER,),
    )


def test_the_analysis_is_stored_and_its_facts_go_on(storage, namer):
    look = segmented(storage, "look", garment())
    (message,) = name_photos([look], storage=storage, namer=namer, probe=PROBE)
    assert isinstance(message, PhotosAnalyzed)
    (analyzed,) = message.photos
    (fact,) = analyzed.garments
    assert (fact.category, fact.basic) == ("short_sleeved_dress", "red")
    analysis = Analysis.model_validate_json(storage.get(analyzed.analysis_key))
    assert (analysis.photo_id, analysis.author) == (look.photo.photo_id, "a")
    (red,) = analysis.garments[0].colors
    assert (red.name, red.hex) == (fact.color, fact.hex)
    assert analysis.styles == {"street": 0.7}


def test_the_result_names_its_models(storage, namer):
    (message,) = name_photos(
        [segmented(storage, "look", garment())], storage=storage, namer=namer, probe=PROBE
    )
    own = ModelRef(name="xkcd-kdtree", version=VERSION, sha256=table_hash())
    pattern = read_metadata(SHIPPED).reference
    assert message.photos[0].models == (SEGMENTER, own, pattern)


def test_the_pattern_is_stored_and_goes_on_with_the_facts(storage, namer):
    look = segmented(storage, "look", garment(), garment(SPECK))
    (message,) = name_photos([look], storage=storage, namer=namer, probe=PROBE)
    assert [fact.pattern for fact in message.photos[0].garments] == ["solid", None]
    analysis = Analysis.model_validate_json(storage.get(message.photos[0].analysis_key))
    assert [found.pattern for found in analysis.garments] == ["solid", None]


def test_colors_patterns_and_styles_are_counted_once(storage, namer):
    look = segmented(storage, "look", garment(), garment(SPECK))
    with (
        counting(metrics.GARMENT_COLORS) as colors,
        counting(metrics.GARMENT_PATTERNS) as patterns,
        counting(metrics.STYLES) as styles,
    ):
        name_photos([look], storage=storage, namer=namer, probe=PROBE)
        name_photos([look], storage=storage, namer=namer, probe=PROBE)
    assert colors == {("red",): 2}
    assert patterns == {("solid",): 1, ("unknown",): 1}
    assert styles == {("street",): 1}


def test_other_pattern_weights_are_another_answer(storage, namer, cache, tmp_path):
    for file in SHIPPED.glob("pattern.*"):
        shutil.copy(file, tmp_path)
    card = tmp_path / "pattern.toml"
    other = "0" * 64
    card.write_text(re.sub('sha256 = "[0-9a-f]+"', f'sha256 = "{other}"', card.read_text()))
    look = segmented(storage, "look")
    (first,) = name_photos([look], storage=storage, namer=namer, probe=PROBE)
    changed = open_namer(ColorSettings(cache_dir=cache, weights=tmp_path))
    (second,) = name_photos([look], storage=storage, namer=changed, probe=PROBE)
    assert first.photos[0].analysis_key != second.photos[0].analysis_key


def told(look: SegmentedPhoto, styles: dict[str, float]) -> SegmentedPhoto:
    """``look`` with styles that our probe told from its embedding."""
    return look.model_copy(update={"styles": styles, "models": (PROBE.reference, SEGMENTER)})


def test_the_garments_refine_what_the_embedding_said_of_the_style(storage, namer):
    even = dict.fromkeys(STYLES, 1 / len(STYLES))
    bare, dressed = (
        told(segmented(storage, "bare"), even),
        told(segmented(storage, "look", garment()), even),
    )
    (message,) = name_photos([bare, dressed], storage=storage, namer=namer, probe=PROBE)
    without, with_dress = (item.styles for item in message.photos)
    assert without == even
    assert with_dress["feminine"] == pytest.approx(np.e / (np.e + 5), abs=1e-3)
    assert sum(with_dress.values()) == pytest.approx(1, abs=1e-3)
    stored = Analysis.model_validate_json(storage.get(message.photos[1].analysis_key))
    assert stored.styles == with_dress


def test_another_probe_is_another_answer(storage, namer):
    even = dict.fromkeys(STYLES, 1 / len(STYLES))
    look = told(segmented(storage, "look", garment()), even)
    (first,) = name_photos([look], storage=storage, namer=namer, probe=PROBE)
    (second,) = name_photos([look], storage=storage, namer=namer, probe=probe(sha256="6" * 64))
    assert first.photos[0].analysis_key != second.photos[0].analysis_key
    assert second.photos[0].styles == even  # told by a probe that is not this one: left alone


def test_redelivery(storage, namer):
    look = segmented(storage, "look", garment())
    first = name_photos([look], storage=storage, namer=namer, probe=PROBE)
    assert name_photos([look], storage=storage, namer=namer, probe=PROBE) == first
    assert namer.looked == 1


def test_other_garments_of_the_same_photo_are_looked_at_again(storage, namer):
    once = segmented(storage, "look", garment())
    (first,) = name_photos([once], storage=storage, namer=namer, probe=PROBE)
    again = segmented(storage, "look", garment(), garment(), version="2")
    (second,) = name_photos([again], storage=storage, namer=namer, probe=PROBE)
    assert first.photos[0].analysis_key != second.photos[0].analysis_key
    assert len(second.photos[0].garments) == 2


def test_one_bad_photo_fails_alone(storage, namer):
    good = segmented(storage, "good", garment())
    wrong_mask = segmented(storage, "mask", garment(np.ones((4, 4), bool)))
    gone = segmented(storage, "gone", garment())
    storage.delete(gone.photo.key)
    unread = segmented(storage, "unread", garment())
    storage.put(unread.result_key, b"{}", content_type="application/json")
    batch = [wrong_mask, gone, good, unread]
    analyzed, ended = name_photos(batch, storage=storage, namer=namer, probe=PROBE)
    assert [item.photo for item in analyzed.photos] == [good.photo]
    assert isinstance(ended, PhotosSettled)
    assert [item.photo for item in ended.photos] == [wrong_mask.photo, gone.photo, unread.photo]
    assert {item.stage for item in ended.photos} == {"color"}
    assert "no segmentation" in ended.photos[2].reason


def test_a_store_that_is_away_fails_the_whole_batch_for_another_try(storage, namer):
    class Away:
        def get(self, key: str) -> bytes:
            raise StorageUnavailableError("store", detail="refused")

    look = segmented(storage, "look", garment())
    with pytest.raises(RetryableError):
        name_photos([look], storage=Away(), namer=namer, probe=PROBE)


def test_a_garment_without_a_pixel_is_kept_and_counts_for_no_colour(storage, namer):
    look = segmented(storage, "look", garment(np.zeros((SIDE, SIDE), bool)), garment())
    (message,) = name_photos([look], storage=storage, namer=namer, probe=PROBE)
    assert len(message.photos[0].garments) == 1
    analysis = Analysis.model_validate_json(storage.get(message.photos[0].analysis_key))
    assert [len(found.colors) for found in analysis.garments] == [0, 1]


def test_a_photo_without_garments_is_analysed_too(storage, namer):
    (message,) = name_photos(
        [segmented(storage, "bare")], storage=storage, namer=namer, probe=PROBE
    )
    assert message.photos[0].garments == ()


def test_an_older_shape_of_the_result_is_written_anew(storage, namer):
    look = segmented(storage, "look", garment())
    (message,) = name_photos([look], storage=storage, namer=namer, probe=PROBE)
    key = message.photos[0].analysis_key
    storage.put(key, b'{"photo_id": 1}', content_type="application/json")
    assert name_photos([look], storage=storage, namer=namer, probe=PROBE) == [message]
    assert Analysis.model_validate_json(storage.get(key)).garments


def test_a_mask_of_another_size_is_refused(cache):
    namer = open_namer(ColorSettings(cache_dir=cache))
    with pytest.raises(PermanentError):
        namer.name(np.zeros((9, 9, 3), np.uint8), garment())
