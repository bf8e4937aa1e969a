"""The pattern model that ships knows drawn cloth, and keeps silent where it should."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from services.color.pattern.metadata import read_metadata
from services.color.pattern.model import PatternReader
from services.color.settings import SHIPPED
from shared.errors import PermanentError
from tests.samples.cloth import SIDE, folds, linear, plain, striped, taken, worn


@pytest.fixture(scope="module")
def reader() -> PatternReader:
    return PatternReader(read_metadata(SHIPPED))


def dotted(ground: str, dots: str, *, step: int = 24, radius: float = 6):
    cloth = plain(ground)
    y, x = np.mgrid[:SIDE, :SIDE]
    x = x + step / 2 * (y // step % 2)
    inside = np.hypot(x % step - step / 2, y % step - step / 2) < radius
    cloth[inside] = linear(dots)
    return cloth


def checked(ground: str, bars: str, *, step: int = 24):
    """Return gingham: bars across and down, darker where they cross."""
    place = np.arange(SIDE) % step < step / 2
    share = (place[:, None].astype(float) + place[None, :]) / 2
    return plain(ground) * (1 - share[..., None]) + linear(bars) * share[..., None]


CLOTHS = {
    "plain white": ("solid", plain("e8e8e6")),
    "plain navy": ("solid", plain("1f2a44")),
    "plain red": ("solid", plain("b01e28")),
    "breton": ("striped", striped("f0eee8", "1f2a44", width=26)),
    "red stripes": ("striped", striped("b01e28", "f0eee8", width=32)),
    "gingham": ("checked", checked("f0eee8", "b01e28")),
    "blue gingham": ("checked", checked("f0eee8", "1f3a6e", step=20)),
    "polka": ("dotted", dotted("1f2a44", "f0eee8")),
    "black dots": ("dotted", dotted("f0eee8", "151515", step=28, radius=7)),
}


@pytest.mark.parametrize("name", CLOTHS)
def test_drawn_cloth_is_recognised(reader, name):
    pattern, cloth = CLOTHS[name]
    light, mask = worn(cloth)
    assert reader.see(taken(light * folds(deep=0.7)), mask).pattern == pattern


@pytest.mark.parametrize("seed", range(4))
def test_folds_are_no_stripes(reader, seed):
    light, mask = worn(plain("8a8f98") * folds(deep=0.3, seed=seed))
    assert reader.see(taken(light, seed=seed), mask).pattern in ("solid", None)


def test_a_garment_too_small_to_tell_has_no_pattern(reader):
    light, _ = worn(striped("f0eee8", "1f2a44"))
    mask = np.zeros((SIDE, SIDE), bool)
    mask[60:90, 60:90] = True
    assert reader.see(taken(light), mask).pattern is None


def test_an_unsure_answer_is_none(reader):
    metadata = read_metadata(SHIPPED).model_copy(update={"least_confidence": 1.0})
    light, mask = worn(striped("f0eee8", "1f2a44"))
    assert reader.see(taken(light), mask).pattern is not None
    assert PatternReader(metadata).see(taken(light), mask).pattern is None


def test_probabilities_add_up(reader):
    light, mask = worn(plain("8a8f98"))
    chances = reader.chances(taken(light), mask)
    assert chances is not None
    assert chances.sum() == pytest.approx(1)


def test_another_photo_of_the_same_cloth_looks_more_alike_than_other_cloth(reader):
    def seen(name, *, quality, seed):
        light, mask = worn(CLOTHS[name][1])
        photo = taken(light * folds(deep=0.7, seed=seed), quality=quality, seed=seed)
        return reader.see(photo, mask).embedding

    known = {name: seen(name, quality=80, seed=1) for name in CLOTHS}
    assert all(np.linalg.norm(vector) == pytest.approx(1, abs=1e-4) for vector in known.values())
    for name in ("breton", "gingham", "polka", "plain navy"):
        again = seen(name, quality=60, seed=2)
        assert max(known, key=lambda other: known[other] @ again) == name


def test_other_weights_than_those_described_are_refused(tmp_path):
    for file in SHIPPED.glob("pattern.*"):
        shutil.copy(file, tmp_path)
    with (tmp_path / "pattern.onnx").open("ab") as file:
        file.write(b"x")
    light, mask = worn(plain("8a8f98"))
    with pytest.raises(PermanentError, match=r"not the file that pattern\.toml names"):
        PatternReader(read_metadata(tmp_path)).see(taken(light), mask)


def test_the_weights_are_small_enough_to_ship():
    assert (SHIPPED / "pattern.onnx").stat().st_size <= 5_000_000
