"""A garment's appearance survives its short form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shared.embeddings import from_bytes, pack, to_bytes, unpack

PARTS = st.floats(-1, 1, width=32)


@given(arrays(np.float32, 96, elements=PARTS).filter(lambda v: np.linalg.norm(v) > 0.1))
def test_the_direction_is_kept_and_the_length_is_one(vector):
    again = from_bytes(unpack(pack(vector)))
    assert np.linalg.norm(again) == pytest.approx(1, abs=1e-5)
    assert again @ vector / np.linalg.norm(vector) > 0.999


def test_it_is_as_short_as_it_says():
    vector = np.full(96, 1 / np.sqrt(96), np.float32)
    assert len(to_bytes(vector)) == 96
    assert len(pack(vector)) == 128


def test_a_vector_of_nothing_stays_one():
    assert not from_bytes(to_bytes(np.zeros(96, np.float32))).any()


def test_what_is_no_packed_vector_is_told():
    with pytest.raises(ValueError, match="no packed vector"):
        unpack("not base64!")
