"""The table gives the KD-tree's answer, whatever happened to the cached file."""

from __future__ import annotations

import hashlib
import lzma

import numpy as np
import pytest

from services.color import table as tables
from services.color.domain import name_counts, pack
from services.color.table import PACKED_FILE, nearest_names, open_table, table_hash
from tests.together import run_together

COLORS = 1 << 24


def unpacked(places: np.ndarray) -> np.ndarray:
    return np.stack((places & 255, places >> 8 & 255, places >> 16), axis=1).astype(np.uint8)


def cached(cache):
    (path,) = cache.iterdir()
    return path


def test_table_answers_as_the_kd_tree_does(names, table):
    places = np.random.default_rng(7).integers(0, COLORS, 20_000)
    assert (nearest_names(unpacked(places), names.lab) == table[places]).all()


@pytest.mark.slow
def test_table_answers_as_the_kd_tree_does_for_every_colour(names, table):
    for start in range(0, COLORS, 1 << 20):
        places = np.arange(start, start + (1 << 20))
        assert (nearest_names(unpacked(places), names.lab) == table[places]).all()


def test_a_names_own_colour_is_nearest_to_itself(names, table):
    assert (table[pack(names.rgb)] == np.arange(len(names.english))).all()


def test_counting_is_exact_and_keeps_red_red(names, table):
    pixels = np.random.default_rng(3).integers(0, 256, (50_021, 3)).astype(np.uint8)
    expected = np.bincount(nearest_names(pixels, names.lab), minlength=len(names.english))
    assert (name_counts(pixels, table, names=len(names.english)) == expected).all()


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_pixels_are_packed_whole(count):
    pixels = np.arange(3 * count, dtype=np.uint8).reshape(-1, 3)
    assert pack(pixels).tolist() == [r + 256 * g + 65536 * b for r, g, b in pixels.astype(int)]


def test_what_ships_is_what_its_hash_says():
    data = lzma.decompress(PACKED_FILE.read_bytes())
    assert len(data) == 2 * COLORS
    assert hashlib.sha256(data).hexdigest() == table_hash()


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_damaged_cache_is_written_anew(tmp_path, cache, table, damage):
    data = bytearray(cached(cache).read_bytes())
    data[COLORS] ^= 1
    bad = {"cut": bytes(data[:-1]), "changed": bytes(data), "empty": b""}[damage]
    (tmp_path / cached(cache).name).write_bytes(bad)
    assert (open_table(tmp_path)[:: 1 << 10] == table[:: 1 << 10]).all()
    assert cached(tmp_path).read_bytes() == cached(cache).read_bytes()


def test_the_table_is_mapped_not_copied(cache, table):
    again = open_table(cache)
    assert isinstance(again, np.memmap) and not again.flags.writeable
    assert cached(cache).stat().st_size == 2 * COLORS


def test_processes_that_start_at_once_all_get_the_whole_table(tmp_path, table):
    opened: list[np.ndarray] = []
    run_together(*[lambda: opened.append(open_table(tmp_path))] * 4)
    assert all((one[:: 1 << 12] == table[:: 1 << 12]).all() for one in opened)
    assert [path.suffix for path in tmp_path.iterdir()] == [".u16"]


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, table):
    (tmp_path / "file").write_text("no folder")
    assert (open_table(tmp_path / "file" / "cache")[:: 1 << 12] == table[:: 1 << 12]).all()


def test_a_write_that_fails_leaves_no_litter(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables.Path, "chmod", full)
    assert len(open_table(tmp_path)) == COLORS
    assert list(tmp_path.iterdir()) == []
