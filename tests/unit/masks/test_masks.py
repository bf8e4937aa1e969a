"""Masks travel as COCO's encoding: other tools must read ours, and a broken one stays harmless."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco

from shared.contracts.garments import Rle
from shared.errors import PermanentError
from shared.masks import Mask, decode_mask, encode_mask

MASKS = arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 40)))


def reference(mask: Mask) -> str:
    counts: bytes = coco.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"]
    return counts.decode("ascii")


def blob(seed: int) -> Mask:
    y, x = np.mgrid[:700, :500]
    noise = np.random.default_rng(seed).normal(size=(700, 500)) * 2_000
    return (y - 350) ** 2 + 2 * (x - 250) ** 2 + noise < 90_000


@given(MASKS)
def test_encoding_is_pycocotools_own(mask: Mask) -> None:
    rle = encode_mask(mask)
    assert rle.size == mask.shape and rle.counts == reference(mask)


@given(MASKS)
def test_mask_comes_back_from_its_encoding(mask: Mask) -> None:
    height, width = mask.shape
    assert (decode_mask(encode_mask(mask), height=height, width=width) == mask).all()


@pytest.mark.parametrize("seed", range(3))
def test_garment_sized_mask_with_ragged_edges_comes_back(seed: int) -> None:
    mask = blob(seed)
    rle = encode_mask(mask)
    assert rle.counts == reference(mask)
    assert (decode_mask(rle, height=700, width=500) == mask).all()


@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=30))
def test_any_text_is_a_mask_of_the_right_size_or_refused(counts: str) -> None:
    try:
        mask = decode_mask(Rle(size=(6, 5), counts=counts), height=6, width=5)
    except PermanentError as error:
        assert error.reason == "mask_damaged"
    else:
        assert mask.shape == (6, 5) and mask.dtype == np.bool_


@pytest.mark.parametrize("counts", ["", "한글", "P", "1", "Pooooooooooooo7", "/", "~"])
def test_damaged_mask_is_refused(counts: str) -> None:
    with pytest.raises(PermanentError, match="analyse the photo again"):
        decode_mask(Rle(size=(40, 30), counts=counts), height=40, width=30)


def test_mask_of_another_photo_is_refused_with_both_sizes() -> None:
    with pytest.raises(PermanentError, match="5×7 pixels and the photo has 7×5"):
        decode_mask(encode_mask(np.ones((7, 5), np.bool_)), height=5, width=7)
