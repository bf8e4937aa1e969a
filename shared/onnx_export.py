"""What every model's export to ONNX needs; for training, as it reads the package onnx."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

SMALLEST: Final = 1024
"""Weights of fewer numbers stay 32 bits: biases and batch norms are worth it."""


def halve_weights(path: Path) -> None:
    """Store a file's large float32 weights as float16; ONNX Runtime widens them on loading."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(path)
    casts = []
    for weight in model.graph.initializer:
        if weight.data_type != TensorProto.FLOAT or np.prod(weight.dims) < SMALLEST:
            continue
        name, half = weight.name, numpy_helper.to_array(weight).astype(np.float16)
        weight.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)
