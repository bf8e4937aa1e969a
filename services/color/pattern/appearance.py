"""How alike garments look: the features that tell patterns, reduced to a short vector.

For training, as it edits the weights' graph with the package onnx. The features are standardised
as the head wants them, turned to their main directions, and their spread is evened half-way, so
that the few largest directions do not decide alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from services.color.pattern.model import EMBEDDING

Floats = npt.NDArray[np.float32]

SIZE: Final = 96
_EVENED: Final = 0.5
"""0: as they spread; 1: all directions alike. Chosen on one half of the garments."""
_HEAD: Final = "head.first.weight"


@dataclass(frozen=True, eq=False)
class Appearance:
    """``weights`` (features, SIZE) and ``bias`` (SIZE,) in front of the scaling to length 1."""

    weights: Floats
    bias: Floats


def fit_appearance(features: Floats) -> Appearance:
    """Learn the directions from standardised features (garments, features)."""
    center = features.mean(axis=0)
    spread, directions = np.linalg.eigh(np.cov((features - center).T))
    largest = slice(-1, -1 - SIZE, -1)
    weights = directions[:, largest] / spread[largest] ** (_EVENED / 2)
    return Appearance(weights.astype(np.float32), (-center @ weights).astype(np.float32))


def add_embedding(path: Path, appearance: Appearance) -> None:
    """Give the network at ``path`` a second output, ``embedding`` (1, SIZE) of length 1."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(path)
    graph = model.graph
    head = next(node for node in graph.node if _HEAD in node.input)
    graph.initializer.extend(
        [
            numpy_helper.from_array(appearance.weights, "appearance.weights"),
            numpy_helper.from_array(appearance.bias, "appearance.bias"),
        ]
    )
    given = [head.input[0], "appearance.weights", "appearance.bias"]
    graph.node.extend(
        [
            helper.make_node("Gemm", given, ["appearance"]),
            helper.make_node("LpNormalization", ["appearance"], [EMBEDDING], axis=-1, p=2),
        ]
    )
    graph.output.append(helper.make_tensor_value_info(EMBEDDING, TensorProto.FLOAT, [1, SIZE]))
    onnx.checker.check_model(model)
    onnx.save(model, path)
