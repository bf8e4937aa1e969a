"""A complete SDXL of a few megabytes with random weights, in the layout of a hub's repository.

Its classes, files, names of tensors and the arguments they are called with are those of
stabilityai/stable-diffusion-xl-base-1.0 and its refiner; only the sizes differ. The same seed
gives the same bytes. What it draws is noise, but noise that depends on prompt, seed and LoRA.

    python -m tests.samples.tiny_sdxl FOLDER
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import (
    AutoencoderKL,
    DDPMScheduler,
    EulerDiscreteScheduler,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.utils.state_dict_utils import (
    convert_state_dict_to_diffusers,
    convert_state_dict_to_kohya,
)
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
)

FIRST_WIDTH: Final = 24
"""Of the first text encoder; 768 in the real one."""
SECOND_WIDTH: Final = 32
"""Of the second; 1280."""
ATTENTION: Final = ("to_k", "to_q", "to_v", "to_out.0")
_START, _END = "<|startoftext|>", "<|endoftext|>"
_WORDS: Final = (
    "raw photo a korean woman man wearing in the and white black navy red blue beige cotton wool "
    "shirt blouse trousers skirt jacket coat dress street high detailed skin soft lighting film "
    "grain quality casual spring summer autumn winter"
)


@dataclass(frozen=True)
class TinySdxl:
    """Where its parts lie."""

    base: Path
    """A folder for StableDiffusionXLPipeline.from_pretrained."""
    refiner: Path
    """One for StableDiffusionXLImg2ImgPipeline.from_pretrained."""
    lora: Path
    """A folder with pytorch_lora_weights.safetensors, in today's diffusers form."""
    lora_old: Path
    """A file in the form of 2023's diffusers, that of youngmki/musinsaigo-2.0."""
    lora_kohya: Path
    """A file in the form of kohya's scripts, text encoders included."""


def build(folder: Path, *, seed: int = 0) -> TinySdxl:
    """Write base, refiner and LoRAs into ``folder``."""
    torch.manual_seed(seed)
    tiny = TinySdxl(
        base=folder / "base",
        refiner=folder / "refiner",
        lora=folder / "lora",
        lora_old=folder / "lora_old.safetensors",
        lora_kohya=folder / "lora_kohya.safetensors",
    )
    pipeline = _base(folder / "tokenizers")
    pipeline.save_pretrained(tiny.base, safe_serialization=True)
    _lay_out_tokenizers(tiny.base, folder / "tokenizers", ("tokenizer", "tokenizer_2"))
    refiner = _refiner(pipeline)
    refiner.save_pretrained(tiny.refiner, safe_serialization=True)
    _lay_out_tokenizers(tiny.refiner, folder / "tokenizers", ("tokenizer_2",))
    _write_loras(tiny, seed=seed)
    return tiny


def _base(tokenizers: Path) -> StableDiffusionXLPipeline:
    first, second = (made_up_tokenizer(tokenizers / name) for name in ("tokenizer", "tokenizer_2"))
    return StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(_text_config(first, FIRST_WIDTH, act="quick_gelu")).eval(),
        text_encoder_2=_second_encoder(second),
        tokenizer=first,
        tokenizer_2=second,
        unet=UNet2DConditionModel(**unet_config()).eval(),
        scheduler=drawing_scheduler(),
    )


def _refiner(base: StableDiffusionXLPipeline) -> StableDiffusionXLImg2ImgPipeline:
    return StableDiffusionXLImg2ImgPipeline(
        vae=base.vae,
        text_encoder=None,
        text_encoder_2=base.text_encoder_2,
        tokenizer=None,
        tokenizer_2=base.tokenizer_2,
        unet=UNet2DConditionModel(**refiner_config()).eval(),
        scheduler=drawing_scheduler(),
        requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False,
    )


def unet_config() -> dict[str, Any]:
    """Return the base's UNet: 4, 8 and 16 heads' channels are 320, 640 and 1280 in the real one."""
    return {
        "sample_size": 8,
        "in_channels": 4,
        "out_channels": 4,
        "block_out_channels": (16, 32, 32),
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "transformer_layers_per_block": (1, 1, 2),
        "attention_head_dim": (2, 4, 4),
        "cross_attention_dim": FIRST_WIDTH + SECOND_WIDTH,
        "use_linear_projection": True,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": SECOND_WIDTH + 6 * 8,
        "layers_per_block": 2,
        "norm_num_groups": 8,
    }


def refiner_config() -> dict[str, Any]:
    """Return the refiner's UNet: it reads the second text encoder alone, and five numbers."""
    return unet_config() | {
        "block_out_channels": (16, 32, 32, 32),
        "down_block_types": (
            "DownBlock2D",
            "CrossAttnDownBlock2D",
            "CrossAttnDownBlock2D",
            "DownBlock2D",
        ),
        "up_block_types": (
            "UpBlock2D",
            "CrossAttnUpBlock2D",
            "CrossAttnUpBlock2D",
            "UpBlock2D",
        ),
        "transformer_layers_per_block": 1,
        "attention_head_dim": (2, 4, 4, 4),
        "cross_attention_dim": SECOND_WIDTH,
        "projection_class_embeddings_input_dim": SECOND_WIDTH + 5 * 8,
    }


def _vae() -> AutoencoderKL:
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        block_out_channels=(8, 8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=4,
        sample_size=64,
        scaling_factor=0.13025,
        force_upcast=True,
    ).eval()


def drawing_scheduler() -> EulerDiscreteScheduler:
    return EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        steps_offset=1,
        timestep_spacing="leading",
        interpolation_type="linear",
    )


def _text_config(tokenizer: CLIPTokenizer, width: int, *, act: str) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        projection_dim=SECOND_WIDTH,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=77,
        hidden_act=act,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def _second_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModelWithProjection:
    return CLIPTextModelWithProjection(_text_config(tokenizer, SECOND_WIDTH, act="gelu")).eval()


def made_up_tokenizer(folder: Path) -> CLIPTokenizer:
    """Write a vocabulary of every byte and a few words as vocab.json and merges.txt, and read it.

    The second tokenizer pads with "!" as SDXL's does, the first with the end's token.
    """
    folder.mkdir(parents=True, exist_ok=True)
    merges = [merge for word in _WORDS.split() for merge in _spelt(word)]
    merges = list(dict.fromkeys(merges))
    letters = list(_byte_letters())
    words = ["".join(pair) for pair in merges]
    names = [*letters, *(letter + "</w>" for letter in letters), *words, _START, _END]
    vocab = {name: at for at, name in enumerate(dict.fromkeys(names))}
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pad = "!" if folder.name == "tokenizer_2" else _END
    settings = {
        "tokenizer_class": "CLIPTokenizer",
        "bos_token": _START,
        "eos_token": _END,
        "unk_token": _END,
        "pad_token": pad,
        "model_max_length": 77,
        "do_lower_case": True,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return CLIPTokenizer.from_pretrained(folder)


def _spelt(word: str) -> list[tuple[str, str]]:
    """Return the merges that put a word together from its left."""
    letters = [*word[:-1], word[-1] + "</w>"]
    return [("".join(letters[:at]), letters[at]) for at in range(1, len(letters))]


def _byte_letters() -> list[str]:
    """Return the printable letters that stand for the 256 bytes in byte-level BPE, "!" first."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(code) for code in (*printable, *range(256, 256 + 256 - len(printable)))]


def _lay_out_tokenizers(model: Path, tokenizers: Path, names: tuple[str, ...]) -> None:
    """Put the tokenizers' files as a hub has them, which transformers 5 writes no more."""
    for name in names:
        for old in (model / name).iterdir():
            old.unlink()
        for file in (tokenizers / name).iterdir():
            (model / name / file.name).write_bytes(file.read_bytes())


def _write_loras(tiny: TinySdxl, *, seed: int) -> None:
    unet, _ = _with_random_lora(tiny.base, seed=seed + 1)
    StableDiffusionXLPipeline.save_lora_weights(
        tiny.lora, unet_lora_layers=convert_state_dict_to_diffusers(unet)
    )
    save_file({_old_name(name): value for name, value in unet.items()}, tiny.lora_old)
    unet, encoders = _with_random_lora(tiny.base, seed=seed + 2)
    layers = {f"unet.{name}": value for name, value in unet.items()}
    first, second = encoders
    # transformers 5 left out the first's level `text_model`, which files of others still name.
    layers |= {f"text_encoder.text_model.{name}": value for name, value in first.items()}
    layers |= {f"text_encoder_2.{name}": value for name, value in second.items()}
    kohya = convert_state_dict_to_kohya(layers)
    save_file(kohya, tiny.lora_kohya)


State = dict[str, torch.Tensor]


def _with_random_lora(base: Path, *, seed: int) -> tuple[State, tuple[State, State]]:
    """Return the layers of a LoRA of rank 4 that does something (a fresh one does nothing)."""
    torch.manual_seed(seed)
    pipeline = StableDiffusionXLPipeline.from_pretrained(base)
    pipeline.unet.add_adapter(_lora_config(ATTENTION))
    encoders = (pipeline.text_encoder, pipeline.text_encoder_2)
    for encoder in encoders:
        encoder.add_adapter(_lora_config(("q_proj", "k_proj", "v_proj", "out_proj")))
    for model in (pipeline.unet, *encoders):
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weight, std=0.3)
    unet, first, second = (get_peft_model_state_dict(m) for m in (pipeline.unet, *encoders))
    return unet, (first, second)


def _lora_config(targets: tuple[str, ...]) -> LoraConfig:
    return LoraConfig(r=4, lora_alpha=4, target_modules=list(targets))


def _old_name(name: str) -> str:
    """Turn ``…attn1.to_q.lora_A.weight`` into ``unet.…attn1.processor.to_q_lora.down.weight``."""
    side = ".down.weight" if ".lora_A." in name else ".up.weight"
    module = name.split(".lora_")[0].removesuffix(".0")
    block, _, layer = module.rpartition(".")
    return f"unet.{block}.processor.{layer}_lora{side}"


def training_scheduler() -> DDPMScheduler:
    """Return the noise schedule that SDXL was trained with."""
    return DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))
