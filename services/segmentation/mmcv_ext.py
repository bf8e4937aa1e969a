"""Lets MMDetection run with ``mmcv-lite``: torchvision's operators for mmcv's compiled ones."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any, Final

NAME: Final = "mmcv._ext"


def install() -> None:
    """Register ``mmcv._ext`` before mmdet is imported; where mmcv was compiled, do nothing."""
    if NAME in sys.modules or importlib.util.find_spec(NAME):
        return
    import torch
    from torchvision import ops

    def nms(boxes: Any, scores: Any, iou_threshold: float, offset: int = 0) -> Any:
        return ops.nms(boxes, scores, iou_threshold)

    def roi_align_forward(
        features: Any, rois: Any, output: Any, argmax_y: Any, argmax_x: Any, **given: Any
    ) -> None:
        _only_averages(given)
        size = given["aligned_height"], given["aligned_width"]
        scale, ratio, aligned = (
            given[key] for key in ("spatial_scale", "sampling_ratio", "aligned")
        )
        output.copy_(ops.roi_align(features, rois, size, scale, ratio, aligned))

    def roi_align_backward(
        gradient: Any, rois: Any, argmax_y: Any, argmax_x: Any, into: Any, **given: Any
    ) -> None:
        _only_averages(given)
        backward = torch.ops.torchvision._roi_align_backward
        size = given["aligned_height"], given["aligned_width"]
        scale, ratio, aligned = (
            given[key] for key in ("spatial_scale", "sampling_ratio", "aligned")
        )
        into.copy_(backward(gradient, rois, scale, *size, *into.shape, ratio, aligned))

    def missing(name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise NotImplementedError(f"{name} needs mmcv with compiled operators")

        return refuse

    module = types.ModuleType(NAME)
    module.__spec__ = importlib.machinery.ModuleSpec(NAME, None)
    module.__dict__.update(
        nms=nms,
        roi_align_forward=roi_align_forward,
        roi_align_backward=roi_align_backward,
        __getattr__=missing,
    )
    sys.modules[NAME] = module


def _only_averages(given: dict[str, Any]) -> None:
    if given["pool_mode"] != 1:
        raise NotImplementedError("RoIAlign with maxima needs mmcv with compiled operators")
