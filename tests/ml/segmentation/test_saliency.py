"""Saliency maps are made by several processes, once each, and an interrupted run goes on."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("onnx")

import onnx
from onnx import TensorProto, helper

from services.segmentation.data.saliency import SaliencyMaps

pytestmark = pytest.mark.ml


@pytest.fixture
def model(tmp_path):
    """A "saliency model" that calls bright pixels salient."""
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, 320, 320])
        for name, channels in (("picture", 3), ("saliency", 1))
    ]
    node = helper.make_node("ReduceMean", ["picture", "axes"], ["saliency"], keepdims=1)
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    graph = helper.make_graph([node], "bright", ends[:1], ends[1:], [axes])
    opset = [helper.make_opsetid("", 18)]
    path = tmp_path / "bright.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    return path


def test_missing_maps_are_made_and_others_are_left_alone(model, tmp_path):
    pictures = []
    for number in range(5):
        pixels = np.zeros((60, 40, 3), np.uint8)
        pixels[:30] = 200
        pictures.append(tmp_path / f"{number}.png")
        Image.fromarray(pixels).save(pictures[-1])
    maps = SaliencyMaps(tmp_path / "maps", model)
    assert set(maps.fill(pictures, processes=2)) == set(pictures)
    seen = maps.read(pictures[0], (40, 60))
    assert seen[10].mean() > 0.9
    assert seen[50].mean() < 0.1
    before = {path.name: path.stat().st_mtime_ns for path in maps.folder.iterdir()}
    maps.path(pictures[3]).unlink()
    assert set(maps.fill(pictures, processes=1)) == set(pictures)
    after = {path.name: path.stat().st_mtime_ns for path in maps.folder.iterdir()}
    assert set(after) == {f"{number}.png" for number in range(5)}
    assert [name for name in after if after[name] != before[name]] == ["3.png"]
