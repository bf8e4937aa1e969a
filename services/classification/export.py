"""From the trained network to what is shipped: ONNX with int8 weights, and its description."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from services.classification.model import Pixels
from services.classification.net import ServedNet
from shared.onnx_export import halve_weights

_OPSET: Final = 17
_CALIBRATION_BATCH: Final = 16


class _Batches(CalibrationDataReader):  # type: ignore[misc]
    """Hands prepared photos to the calibration, a batch at a time."""

    def __init__(self, photos: Pixels) -> None:
        starts = range(0, len(photos), _CALIBRATION_BATCH)
        self._batches: Iterator[Pixels] = (
            photos[start : start + _CALIBRATION_BATCH] for start in starts
        )

    def get_next(self) -> dict[str, Pixels] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"pixels": batch}


def export_float(network: ServedNet, target: Path, *, side: int) -> None:
    """Write the network as ONNX in float32 (59 MB): too large to ship, the measure of int8."""
    example = torch.zeros((2, side, side, 3), dtype=torch.uint8)
    with warnings.catch_warnings():  # the exporter warns that it is the older of two
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (example,),
            str(target),
            input_names=["pixels"],
            output_names=["logit", "embedding"],
            dynamic_axes={name: {0: "batch"} for name in ("pixels", "logit", "embedding")},
            opset_version=_OPSET,
            dynamo=False,
        )


def export_int8(network: ServedNet, target: Path, *, side: int, calibration: Pixels) -> None:
    """Write the network as ONNX, the student with int8 weights and activations (18 MB).

    EfficientNet's layers are computed in float32, and stored in float16.
    ``calibration``: prepared training photos (n, side, side, 3), whose activations give the
    ranges. Weights keep 7 bits: 8 overflow on processors without VNNI.
    """
    with TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        export_float(network, plain, side=side)
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        quantize_static(
            str(ready),
            str(target),
            _Batches(calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Add", "MaxPool", "Relu"],
            nodes_to_exclude=_kept_float(ready),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    halve_weights(target)


def _kept_float(graph: Path) -> list[str]:
    """Return the names of EfficientNet's nodes in an exported ``graph``."""
    nodes = onnx.load(graph).graph.node
    return [node.name for node in nodes if node.name.startswith("/wide/")]


def describe(weights: Path, fields: Mapping[str, Any]) -> str:
    """Return ``classifier.toml`` for ``weights``: its fingerprint and ``fields``.

    Values are text, numbers, or one level of tables of those.
    """
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    plain = {"file": weights.name, "sha256": digest}
    plain |= {name: value for name, value in fields.items() if not isinstance(value, Mapping)}
    lines = [f"{name} = {_literal(value)}" for name, value in plain.items()]
    for name, table in fields.items():
        if isinstance(table, Mapping):
            lines += ["", f"[{name}]"]
            lines += [f"{key} = {_literal(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _literal(value: str | int | float) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(round(value, 4)) if isinstance(value, float) else str(value)
