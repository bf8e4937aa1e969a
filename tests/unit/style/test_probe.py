"""What the style probe tells, and when it rather says nothing."""

from __future__ import annotations

import hashlib
import shutil

import numpy as np
import pytest

from shared.contracts.garments import Color, Garment, Rle
from shared.contracts.message import ModelRef
from shared.contracts.vocabulary import STYLES
from shared.errors import PermanentError
from shared.style.attributes import NAMES, attributes_of
from shared.style.probe import CARD, open_probe
from tests.samples.styles import probe, write_style

CLASSIFIER = ModelRef(name="classifier", version="1", sha256="0" * 64)
ANOTHER = ModelRef(name="classifier", version="2", sha256="1" * 64)
FORWARD = np.eye(512)[0]


def garment(item: str, *colors: tuple[str, float], area: int = 100, pattern=None) -> Garment:
    return Garment(
        category=item,
        score=0.9,
        box=(0, 0, 1, 1),
        mask=Rle(size=(1, 1), counts=""),
        area=area,
        pattern=pattern,
        colors=tuple(
            Color(name=basic, name_ko=basic, basic=basic, hex="#101010", share=share)
            for basic, share in colors
        ),
    )


def test_every_style_gets_a_probability():
    told = probe().of_embedding(FORWARD, classifier=CLASSIFIER)
    assert list(told) == list(STYLES)
    assert told["street"] == pytest.approx(np.e / (np.e + 5), abs=1e-4)
    assert sum(told.values()) == pytest.approx(1, abs=1e-3)


def test_the_embedding_of_another_classifier_gets_no_answer():
    assert probe().of_embedding(FORWARD, classifier=ANOTHER) == {}


def test_embedding_and_garments_say_together_what_one_model_would():
    own = probe()
    told = own.of_embedding(FORWARD, classifier=CLASSIFIER)
    refined = own.refine(told, [garment("short_sleeved_dress")], (own.reference,))
    assert refined["street"] == pytest.approx(refined["feminine"], abs=1e-3)
    assert refined["street"] == pytest.approx(np.e / (2 * np.e + 4), abs=1e-3)


def test_without_garments_the_embeddings_word_stands():
    own = probe()
    told = own.of_embedding(FORWARD, classifier=CLASSIFIER)
    assert own.refine(told, [], (own.reference,)) == told


def test_what_another_probe_told_is_left_alone():
    told = probe().of_embedding(FORWARD, classifier=CLASSIFIER)
    newer = probe(sha256="6" * 64)
    assert newer.refine(told, [garment("short_sleeved_dress")], (probe().reference,)) == told
    assert newer.refine({}, [garment("short_sleeved_dress")], (newer.reference,)) == {}


def test_attributes_are_parts_of_all_cloth():
    found = attributes_of(
        [
            garment("skirt", ("red", 0.75), ("white", 0.25), area=300, pattern="dotted"),
            garment("vest", ("white", 1.0), area=100),
        ]
    )
    told = {name: value for name, value in zip(NAMES, found, strict=True) if value}
    assert told == pytest.approx(
        {
            "item:skirt": 1,
            "item:vest": 1,
            "color:red": 0.5625,
            "color:white": 0.4375,
            "pattern:dotted": 0.75,
            "garments": 2,
            "colors": 2,
        }
    )
    assert not attributes_of([]).any()


@pytest.fixture
def written(tmp_path):
    return write_style(tmp_path / "style")


def test_a_written_probe_tells_the_same(written):
    told = open_probe(written).of_embedding(FORWARD, classifier=CLASSIFIER)
    assert told == probe().of_embedding(FORWARD, classifier=CLASSIFIER)


def test_changed_weights_are_refused(written, tmp_path):
    changed = shutil.copytree(written, tmp_path / "changed")
    with (changed / "style.safetensors").open("ab") as file:
        file.write(b" ")
    with pytest.raises(PermanentError, match=r"is not the file that style.toml names"):
        open_probe(changed)


def test_a_probe_for_other_attributes_is_refused_with_what_to_do(written, tmp_path):
    older = shutil.copytree(written, tmp_path / "older")
    card = older / CARD
    card.write_text(card.read_text("utf-8").replace("item:vest", "item:hat"), "utf-8")
    with pytest.raises(PermanentError, match="mapsi train style"):
        open_probe(older)


def test_the_card_names_the_very_file(written):
    digest = hashlib.sha256((written / "style.safetensors").read_bytes()).hexdigest()
    assert open_probe(written).reference.sha256 == digest


def test_the_shipped_probe_reads_the_shipped_classifier():
    """It fails when the classifier's weights change and the probe was not trained again."""
    from services.classification.metadata import read_metadata
    from services.classification.settings import SHIPPED

    assert open_probe(None).reads(read_metadata(SHIPPED).reference)
