"""The finished LoRA as files that others load: diffusers' form and kohya's."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from services.generation.lora.layers import State

if TYPE_CHECKING:
    import torch

DIFFUSERS: Final = "pytorch_lora_weights.safetensors"
_ENCODERS: Final = {"text_encoder": "lora_te1", "text_encoder_2": "lora_te2"}
_BLOCK: Final = re.compile(r"(down|up)_blocks\.(\d+)\.attentions\.(\d+)\.(.*)")
_MIDDLE: Final = "mid_block.attentions.0."


def write_diffusers(
    file: Path, layers: Mapping[str, State], *, scale: float, metadata: Mapping[str, str]
) -> None:
    """Write ``layers`` as diffusers saves them.

    ``scale``, alpha / rank, is multiplied in: where no alpha is said, every reader takes the rank.
    """
    from safetensors.torch import save_file

    tensors = {
        f"{part}.{_with_level(part, name)}": value * scale if ".lora_B." in name else value
        for part, state in layers.items()
        for name, value in state.items()
    }
    save_file(tensors, file, metadata={"format": "pt", **metadata})


def write_kohya(
    file: Path, layers: Mapping[str, State], *,
    alpha: float, per_block: int, metadata: Mapping[str, str],
) -> None:  # fmt: skip
    """Write ``layers`` under the names of kohya's scripts, which ComfyUI and others read.

    These name the UNet's modules as SDXL's first release did; ``per_block`` is its number of
    layers a block, 2 for SDXL.
    """
    import torch
    from safetensors.torch import save_file

    tensors: dict[str, torch.Tensor] = {}
    for part, state in layers.items():
        for name, value in state.items():
            module, _, side = name.rpartition(".lora_")
            stem = _kohya_name(part, module, per_block)
            tensors[f"{stem}.lora_{'down' if side.startswith('A') else 'up'}.weight"] = value
            tensors[f"{stem}.alpha"] = torch.tensor(float(alpha))
    save_file(tensors, file, metadata=dict(metadata))


def _with_level(part: str, name: str) -> str:
    """Name the first text encoder's modules as all files do, which transformers 5 shortened."""
    shortened = part == "text_encoder" and not name.startswith("text_model.")
    return f"text_model.{name}" if shortened else name


def _kohya_name(part: str, module: str, per_block: int) -> str:
    if part in _ENCODERS:
        return f"{_ENCODERS[part]}_{_with_level(part, module)}".replace(".", "_")
    if module.startswith(_MIDDLE):
        module = "middle_block.1." + module.removeprefix(_MIDDLE)
    elif found := _BLOCK.fullmatch(module):
        side, block, layer, rest = found[1], int(found[2]), int(found[3]), found[4]
        # Every block has its layers and what shrinks or, in the last layer, enlarges.
        number = block * (per_block + 1) + layer
        inside = f"input_blocks.{number + 1}" if side == "down" else f"output_blocks.{number}"
        module = f"{inside}.1.{rest}"
    return f"lora_unet_{module}".replace(".", "_")


def metadata_of(facts: Mapping[str, Any], *, rank: int, alpha: float) -> dict[str, str]:
    """Return what stands in the files: kohya's names, Stability's modelspec, and ours.

    ``facts`` has title, base, licence, resolution, pictures, steps, captions_sha256, data_licences
    and anything else that can be JSON; each is written as ``mapsi.<name>``.
    """
    return {
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(rank),
        "ss_network_alpha": str(alpha),
        "ss_base_model_version": "sdxl_base_v1-0",
        "ss_sd_model_name": str(facts["base"]),
        "ss_output_name": str(facts["title"]),
        "ss_steps": str(facts["steps"]),
        "ss_num_train_images": str(facts["pictures"]),
        "ss_resolution": f"({facts['resolution']}, {facts['resolution']})",
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.architecture": "stable-diffusion-xl-v1-base/lora",
        "modelspec.implementation": "https://github.com/Stability-AI/generative-models",
        "modelspec.title": str(facts["title"]),
        "modelspec.license": str(facts["licence"]),
        "modelspec.resolution": f"{facts['resolution']}x{facts['resolution']}",
        **{f"mapsi.{name}": _text(value) for name, value in facts.items()},
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
