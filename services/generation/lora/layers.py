"""The LoRA's layers: put into the models, and taken out as tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from services.generation.lora.recipe import Recipe

if TYPE_CHECKING:
    import torch

UNET_MODULES: Final = ("to_q", "to_k", "to_v", "to_out.0")
"""The attentions': what SDXL's LoRAs of others have, and what every program loads."""
TEXT_MODULES: Final = ("q_proj", "k_proj", "v_proj", "out_proj")
ADAPTER: Final = "default"

State = dict[str, "torch.Tensor"]


@dataclass(frozen=True)
class Learners:
    """The models with LoRA layers, by part: unet, and the text encoders where they learn."""

    models: Mapping[str, Any]

    def weights(self, part: str) -> list[torch.nn.Parameter]:
        """Return what is learned in one part."""
        return [one for one in self.models[part].parameters() if one.requires_grad]

    def all_weights(self) -> list[torch.nn.Parameter]:
        """Return what is learned."""
        return [one for part in self.models for one in self.weights(part)]

    def state(self) -> dict[str, State]:
        """Return the layers by part, as ``<module>.lora_A.weight`` in float32 on the CPU."""
        from peft.utils import get_peft_model_state_dict

        return {
            part: {
                name: value.detach().float().cpu().contiguous()
                for name, value in get_peft_model_state_dict(model, adapter_name=ADAPTER).items()
            }
            for part, model in self.models.items()
        }

    def restore(self, state: Mapping[str, State]) -> None:
        """Set the layers to what ``state`` returned."""
        from peft.utils import set_peft_model_state_dict

        for part, layers in state.items():
            set_peft_model_state_dict(self.models[part], layers, adapter_name=ADAPTER)

    def train(self) -> None:
        """Switch on what differs between learning and drawing."""
        for model in self.models.values():
            model.train()

    def rest(self) -> None:
        """Switch it off."""
        for model in self.models.values():
            model.eval()


def add_layers(unet: Any, encoders: tuple[Any, ...], recipe: Recipe) -> Learners:
    """Freeze the models, add fresh layers, which change nothing yet, and return them."""
    from diffusers.training_utils import cast_training_params
    from peft import LoraConfig

    models = dict(_named(unet, encoders if recipe.text_encoders else ()))
    for part, model in models.items():
        model.requires_grad_(False)
        targets = UNET_MODULES if part == "unet" else TEXT_MODULES
        config = LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            init_lora_weights="gaussian",
            target_modules=list(targets),
        )
        model.add_adapter(config, adapter_name=ADAPTER)
    # Learned weights stay in float32: in half precision small steps round to none.
    cast_training_params(list(models.values()))
    return Learners(models)


def _named(unet: Any, encoders: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    yield "unet", unet
    yield from zip(("text_encoder", "text_encoder_2"), encoders, strict=False)
