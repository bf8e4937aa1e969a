"""Any ONNX network that enlarges can be set; a file that does not is told as such."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from services.generation.finishing.upscaling import TILE, OnnxUpscaler
from shared.errors import PermanentError


def field(number: int, value: bytes | str | int) -> bytes:
    """Encode one field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(value: int) -> bytes:
    return b"" if value < 0 else (
        bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)
    )  # fmt: skip


def tensor_info(name: str, channels: int) -> bytes:
    sides = (field(1, 1), field(1, channels), field(2, f"{name}h"), field(2, f"{name}w"))
    shape = b"".join(field(1, side) for side in sides)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


def doubling(path: Path, *, channels: int = 3) -> Path:
    """Write a network that repeats every pixel: ONNX's Resize by 2, nearest."""
    scales = field(1, 4) + field(2, 1) + field(8, "scales")
    scales += field(9, struct.pack("<4f", 1, 1, 2, 2))
    how = field(1, "coordinate_transformation_mode") + field(4, "asymmetric") + field(20, 3)
    rounding = field(1, "nearest_mode") + field(4, "floor") + field(20, 3)
    inputs = b"".join(field(1, name) for name in ("x", "", "scales"))
    node = inputs + field(2, "y") + field(4, "Resize") + field(5, how) + field(5, rounding)
    graph = field(1, node) + field(2, "g") + field(5, scales)
    graph += field(11, tensor_info("x", channels)) + field(12, tensor_info("y", channels))
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13)))
    return path


@pytest.mark.parametrize("size", [(40, 30), (TILE, TILE), (TILE + 70, 2 * TILE + 5)])
def test_a_picture_enlarged_in_parts_has_no_seams(tmp_path, size):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    large = OnnxUpscaler(doubling(tmp_path / "double.onnx")).enlarge(pixels)
    assert np.array_equal(large, pixels.repeat(2, axis=0).repeat(2, axis=1))


def test_the_models_name_says_which_file_it_was(tmp_path):
    upscaler = OnnxUpscaler(doubling(tmp_path / "double.onnx"))
    upscaler.load()
    assert upscaler.name.startswith("double-") and len(upscaler.name) == len("double-") + 8


@pytest.mark.parametrize("what", ["missing", "broken", "gray"])
def test_another_file_is_refused_with_the_setting_that_names_it(tmp_path, what):
    path = tmp_path / "model.onnx"
    if what == "broken":
        path.write_bytes(b"no network")
    if what == "gray":
        doubling(path, channels=1)
    with pytest.raises(PermanentError, match="MAPSI_GENERATION_UPSCALER"):
        OnnxUpscaler(path).enlarge(np.zeros((8, 8, 3), np.uint8))
