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
    from torchvision import ops

    def nms(boxes: Any, scores: Any, iou_threshold: float, offset: int = 0) -> Any:
        return ops.nms(boxes, scores, iou_threshold)

    def missing(name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise NotImplementedError(f"{name} needs mmcv with compiled operators")

        return refuse

    module = types.ModuleType(NAME)
    module.__spec__ = importlib.machinery.ModuleSpec(NAME, None)
    module.__dict__.update(nms=nms, __getattr__=missing)
    sys.modules[NAME] = module
