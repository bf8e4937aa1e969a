"""Writes a trained network as ONNX: scores, boxes, kernels and prototypes; the rest is numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from shared.onnx_export import halve_weights

OUTPUTS: Final = ("scores", "distances", "kernels", "prototypes")


def export_onnx(network: Any, path: Path) -> None:
    """Write ``network`` for RGB pictures (1, 3, height, width) of 0..255 in float32.

    Height and width are multiples of 32. Weights are stored as 16 bits, computed in 32.
    """
    import torch

    example = torch.zeros(1, 3, 384, 256)
    axes = {
        "picture": {2: "height", 3: "width"},
        **{name: {1: "places"} for name in OUTPUTS[:3]},
        "prototypes": {2: "rows", 3: "columns"},
    }
    torch.onnx.export(
        raw_answer_module(network).eval(),
        (example,),
        str(path),
        input_names=["picture"],
        output_names=list(OUTPUTS),
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,  # the new exporter cannot trace mmdet's heads
    )
    halve_weights(path)


def answers_raw(network: Any) -> bool:
    """Return whether a network is an RTMDet-Ins: only those have the answer of ``domain``."""
    from mmdet.models.dense_heads import RTMDetInsHead

    return isinstance(getattr(network, "bbox_head", None), RTMDetInsHead)


def raw_answer_module(network: Any) -> Any:
    """Return a torch module from a picture to the four parts of ``domain.RawAnswer``."""
    import torch

    def by_place(levels: Any) -> Any:
        flat = [level.permute(0, 2, 3, 1).flatten(1, 2) for level in levels]
        return torch.cat(flat, dim=1)

    class Raw(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, picture: Any) -> Any:
            given = self.network.data_preprocessor
            if not given._channel_conversion:  # trained on blue, green, red
                picture = picture.flip(1)
            features = self.network.extract_feat((picture - given.mean) / given.std)
            scores, boxes, kernels, prototypes = self.network.bbox_head(features)
            return by_place(scores).sigmoid(), by_place(boxes), by_place(kernels), prototypes

    return Raw()
