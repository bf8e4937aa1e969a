"""LoRAs worn by the warm models, put on and taken off without a trace.

A LoRA is added to the weights in place, W + Σ scale · up @ down, and what stood there before is
kept and copied back, to the bit, before others are put on. Drawing so costs nothing more than
without a LoRA, compiled code and CUDA graphs stay valid, and none can leak into the next picture.
Read are the forms of diffusers (of 2023 and of today), PEFT and kohya, convolutions and text
encoders included.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.weights import Found, fingerprints, locate
from shared.errors import PermanentError

if TYPE_CHECKING:
    import torch

PARTS: Final = ("unet", "text_encoder", "text_encoder_2")


@dataclass(frozen=True, eq=False)
class Layer:
    """What is added to one weight: ``scale`` * ``up`` @ ``down``."""

    down: torch.Tensor
    """(rank, inputs) or (rank, inputs, height, width)."""
    up: torch.Tensor
    """(outputs, rank) or (outputs, rank, 1, 1)."""
    scale: float
    """Alpha / rank."""


@dataclass(frozen=True, eq=False)
class Lora:
    """A LoRA in memory: its layers by part of the pipeline and name of the module."""

    source: str
    revision: str | None
    sha256: str
    layers: Mapping[str, Mapping[str, Layer]]


@dataclass(frozen=True)
class Use:
    """A LoRA as it is to be worn."""

    source: str
    scale: float


class Wardrobe:
    """The LoRAs that were read, and those the models wear now."""

    def __init__(self, models: Mapping[str, Any], settings: SdxlSettings) -> None:
        """Hold ``models`` (unet, text_encoder, text_encoder_2), which wear nothing yet."""
        self._models = models
        self._settings = settings
        self._read: OrderedDict[str, Lora] = OrderedDict()
        self._bare: dict[tuple[str, str], tuple[torch.Tensor, torch.Tensor]] = {}
        self._worn: tuple[Use, ...] = ()

    def wear(self, uses: Sequence[Use]) -> list[dict[str, Any]]:
        """Put on exactly ``uses`` and return them for the manifest.

        Raises PermanentError where one is missing or does not fit; nothing is worn then.
        """
        loras = [self._get(use.source) for use in uses]
        if tuple(uses) != self._worn:
            self.undress()
            self._put_on(list(zip(loras, (use.scale for use in uses), strict=True)))
            self._worn = tuple(uses)
        return [
            {"source": lora.source, "revision": lora.revision, "sha256": lora.sha256}
            | {"scale": use.scale}
            for use, lora in zip(uses, loras, strict=True)
        ]

    def undress(self) -> None:
        """Give every weight back the values it was loaded with."""
        for weight, values in self._bare.values():
            weight.copy_(values)
        self._bare.clear()
        self._worn = ()

    def _get(self, source: str) -> Lora:
        if source not in self._read:
            found = locate(source, kind="lora", settings=self._settings)
            self._read[source] = read_lora(found, unet_config=self._models["unet"].config)
        self._read.move_to_end(source)
        while len(self._read) > self._settings.sdxl_lora_cache:
            self._read.popitem(last=False)
        return self._read[source]

    def _put_on(self, loras: Sequence[tuple[Lora, float]]) -> None:
        """Add all to each weight at once: it is rounded once, however many there are."""
        added: dict[tuple[str, str], list[tuple[torch.Tensor, torch.Tensor]]] = {}
        weights: dict[tuple[str, str], torch.Tensor] = {}
        for lora, scale in loras:
            for part, name, layer in _all_layers(lora):
                model = self._models.get(part)
                targets = () if model is None else tuple(_targets(model, name))
                if not targets:
                    raise _unfit(lora.source, f"{part}.{name}")
                for path, weight in targets:
                    factors = _factors(layer, scale, weight, source=lora.source)
                    added.setdefault((part, path), []).append(factors)
                    weights[part, path] = weight
        for place, weight in weights.items():
            self._bare[place] = (weight, weight.clone())
            delta = sum(up.to(weight.device) @ down.to(weight.device) for up, down in added[place])
            weight.copy_(weight.float() + delta.view(weight.shape))


def _all_layers(lora: Lora) -> Iterator[tuple[str, str, Layer]]:
    for part, layers in lora.layers.items():
        for name, layer in layers.items():
            yield part, name, layer


def _targets(model: Any, name: str) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield what a layer changes: its module's weight, and the fused one that holds a copy."""
    try:
        module = model.get_submodule(name)
    except AttributeError:
        return
    if not hasattr(module, "weight"):
        return
    yield name, module.weight.data
    parent, _, leaf = name.rpartition(".")
    attention = model.get_submodule(parent)
    if leaf not in ("to_q", "to_k", "to_v") or not getattr(attention, "fused_projections", False):
        return
    fused, order = (
        (attention.to_kv, ("to_k", "to_v"))
        if attention.is_cross_attention
        else (attention.to_qkv, ("to_q", "to_k", "to_v"))
    )
    if leaf in order:
        start = sum(getattr(attention, at).weight.shape[0] for at in order[: order.index(leaf)])
        yield f"{name} (fused)", fused.weight.data[start : start + module.weight.shape[0]]


def _factors(
    layer: Layer, scale: float, weight: torch.Tensor, *, source: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the matrices whose product is added to ``weight``, seen as (outputs, inputs)."""
    up, down = layer.up.float().flatten(1), layer.down.float().flatten(1)
    if up.shape[0] != weight.shape[0] or down.shape[1] != weight[0].numel():
        raise _unfit(source, f"{tuple(up.shape)} @ {tuple(down.shape)} on {tuple(weight.shape)}")
    return scale * layer.scale * up, down


def _unfit(source: str, what: str) -> PermanentError:
    return PermanentError(
        f"{source}: is no LoRA for this model ({what}); choose one made for SDXL",
        text_ko=f"{source}: 이 모델의 LoRA가 아닙니다({what}). SDXL용 LoRA를 고르세요",
        reason="bad_lora",
    )


def read_lora(found: Found, *, unet_config: Any) -> Lora:
    """Read a LoRA of any known form.

    Raises PermanentError where it is missing, refused, or of a kind that is no plain LoRA.
    """
    import torch
    from diffusers import StableDiffusionXLPipeline
    from safetensors.torch import load_file

    hashes = fingerprints(found)
    raw = load_file(found.weights[0])
    try:
        state, alphas = StableDiffusionXLPipeline.lora_state_dict(raw, unet_config=unet_config)
        layers = {part: _layers(state, alphas or {}, part) for part in PARTS}
    except (KeyError, ValueError, AttributeError, RuntimeError) as error:
        raise _unfit(found.source, str(error).splitlines()[0]) from error
    layers = {part: modules for part, modules in layers.items() if modules}
    if not layers or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise _unfit(found.source, "no layers")
    return Lora(found.source, found.revision, next(iter(hashes.values())), layers)


def _layers(state: Mapping[str, Any], alphas: Mapping[str, Any], part: str) -> dict[str, Layer]:
    """Collect the layers of one part of the pipeline."""
    names = _peft_names(_below(state, part), part)
    told = {name.removesuffix(".alpha"): value for name, value in _below(alphas, part).items()}
    told = {key.split(".lora_")[0]: value for key, value in _peft_names(told, part).items()}
    layers = {}
    for name, down in names.items():
        module, side = name.split(".lora_", 1)
        if side == "A.weight":
            up = names[f"{module}.lora_B.weight"]
            alpha = float(told.get(module, down.shape[0]))
            layers[module] = Layer(down, up, alpha / down.shape[0])
        elif side != "B.weight":
            raise ValueError(f"{name} is of a kind that cannot be added")
    return layers


def _below(state: Mapping[str, Any], part: str) -> dict[str, Any]:
    start = f"{part}."
    return {name.removeprefix(start): v for name, v in state.items() if name.startswith(start)}


def _peft_names(state: dict[str, Any], part: str) -> dict[str, Any]:
    """Name the tensors ``<module>.lora_A.weight`` and ``<module>.lora_B.weight``."""
    from diffusers.utils.state_dict_utils import (
        convert_state_dict_to_diffusers,
        convert_state_dict_to_peft,
        convert_unet_state_dict_to_peft,
    )

    if not state:
        return {}
    if part == "unet":
        return dict(convert_unet_state_dict_to_peft(state))
    named = convert_state_dict_to_peft(convert_state_dict_to_diffusers(state))
    # transformers 5 left out the first encoder's level `text_model`; the files still name it.
    bare = part == "text_encoder"
    return {name.removeprefix("text_model.") if bare else name: v for name, v in named.items()}
