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
    module = types.ModuleType(NAME)
    module.__spec__ = importlib.machinery.ModuleSpec(NAME, None)
    module.__dict__.update(
        nms=_nms,
        roi_align_forward=_roi_align_forward,
        roi_align_backward=_roi_align_backward,
        __getattr__=_missing,
    )
    sys.modules[NAME] = module


def _nms(boxes: Any, scores: Any, iou_threshold: float, offset: int = 0) -> Any:
    from torchvision.ops import nms

    return nms(boxes, scores, iou_threshold)


def _roi_align_forward(
    features: Any, rois: Any, output: Any, argmax_y: Any, argmax_x: Any, **given: Any
) -> None:
    from torchvision.ops import roi_align

    size, scale, ratio, aligned = _averages(given)
    output.copy_(roi_align(features, rois, size, scale, ratio, aligned))


def _roi_align_backward(
    gradient: Any, rois: Any, argmax_y: Any, argmax_x: Any, into: Any, **given: Any
) -> None:
    import torch

    backward = torch.ops.torchvision._roi_align_backward
    size, scale, ratio, aligned = _averages(given)
    into.copy_(backward(gradient, rois, scale, *size, *into.shape, ratio, aligned))


def _averages(given: dict[str, Any]) -> tuple[tuple[int, int], float, int, bool]:
    """Return mmcv's arguments as torchvision names them; it only averages within a cell."""
    if given["pool_mode"] != 1:
        raise NotImplementedError("RoIAlign with maxima needs mmcv with compiled operators")
    size = given["aligned_height"], given["aligned_width"]
    return size, given["spatial_scale"], given["sampling_ratio"], given["aligned"]


def _missing(name: str) -> Callable[..., Any]:
    if name.startswith("__"):
        raise AttributeError(name)

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{name} needs mmcv with compiled operators")

    return refuse
