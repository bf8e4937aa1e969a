"""What a person sees on the board."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from services.generation.lookbook.board import WIDTH, Board, Worn
from shared.errors import PermanentError
from shared.imaging import decode
from tests.samples import wardrobe

DATA = wardrobe.photo_bytes()
PIXELS = decode(DATA, name="look").pixels
GARMENTS = wardrobe.analysis(DATA).garments


def board(*numbers: int, language: str = "en", title: str = "March", caption: str = "") -> bytes:
    pieces = [Worn("ab" * 32, GARMENTS, number, caption) for number in numbers]
    composed = Board(pieces, language=language, enlargement=4.0)
    for at in range(len(pieces)):
        composed.lay(at, PIXELS)
    return composed.finish(title=title)


def rgb(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def near(picture: np.ndarray, color: tuple[int, int, int], *, within: int) -> int:
    """Count the pixels whose channels are all near ``color``."""
    return int((np.abs(picture - color).max(axis=-1) <= within).sum())


def test_the_board_shows_both_garments_in_their_colours():
    picture = rgb(board(0, 1))
    assert picture.shape[1] == WIDTH
    assert near(picture, (30, 90, 170), within=12) > 100_000
    assert near(picture, (40, 40, 48), within=12) > 100_000


def test_nothing_of_the_street_is_left_around_a_garment():
    assert near(rgb(board(0, 1)), wardrobe.PARK, within=30) == 0


def test_edges_are_soft():
    picture = rgb(board(1))
    row = picture[picture.shape[0] // 3]
    between = ((row > 80) & (row < 200)).all(axis=-1).sum()
    assert between >= 2


def test_each_language_has_its_own_words():
    assert board(0, title="") != board(0, title="", language="ko")


def test_the_same_wish_gives_the_same_bytes():
    assert board(0, 1) == board(0, 1)


@pytest.mark.parametrize("numbers", [(0,), (1, 1), (0, 1, 0, 1, 0, 1)])
def test_a_board_is_as_high_as_it_needs_to_be(numbers):
    height = rgb(board(*numbers)).shape[0]
    assert 700 < height < 1800


def test_a_title_and_a_caption_of_any_length_stay_on_the_page():
    picture = rgb(board(0, title="아주 " * 40, caption="W" * 120))
    margin = picture[:, :60]
    assert near(margin, (246, 244, 240), within=2) == margin.shape[0] * margin.shape[1]


@pytest.mark.parametrize("title", ["line\nbreak", "tab\tand\x00zero", "🧥 코트", " \n "])
def test_no_title_breaks_the_board(title):
    assert board(1, title=title)


def test_a_garment_is_not_stretched_where_its_box_is_wider_than_its_mask():
    trousers = GARMENTS[1]
    wide = trousers.model_copy(update={"box": (0, 190, 240, 341)})
    composed = Board([Worn("ab" * 32, (wide,), 0, "")], language="en", enlargement=4.0)
    composed.lay(0, PIXELS)
    picture = rgb(composed.finish(title="March"))[232:836]
    dark = (np.abs(picture - (40, 40, 48)).max(axis=-1) <= 12).nonzero()
    height, width = np.ptp(dark[0]), np.ptp(dark[1])
    assert height / width == pytest.approx(151 / 101, rel=0.05)


def test_a_mask_of_another_photo_is_refused():
    composed = Board([Worn("ab" * 32, GARMENTS, 0, "")], language="en", enlargement=4.0)
    with pytest.raises(PermanentError, match="mask"):
        composed.lay(0, PIXELS[:100])
