"""LoRAs: worn as diffusers would, taken off to the bit, none in the next picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import torch
from safetensors.torch import load_file, save_file

from services.generation.sdxl.loras import Use, Wardrobe
from services.generation.sdxl.settings import SdxlSettings
from shared.errors import PermanentError

if TYPE_CHECKING:
    from tests.samples.tiny_sdxl import TinySdxl

pytestmark = [
    pytest.mark.ml,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

State = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def pipeline(tiny: TinySdxl) -> Any:
    from diffusers import StableDiffusionXLPipeline

    pipeline = StableDiffusionXLPipeline.from_pretrained(tiny.base)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture(params=[torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
def models(request: pytest.FixtureRequest, pipeline: Any) -> Iterator[dict[str, Any]]:
    """The models that wear LoRAs; what a test leaves on them would fail the next one."""
    with torch.no_grad():
        found = {
            name: type(model).from_config(model.config)
            if name == "unet"
            else type(model)(model.config)
            for name, model in parts(pipeline).items()
        }
        for name, model in found.items():
            model.load_state_dict(parts(pipeline)[name].state_dict())
            model.to(request.param)
        yield found


def parts(pipeline: Any) -> dict[str, Any]:
    names = ("unet", "text_encoder", "text_encoder_2")
    return {name: getattr(pipeline, name) for name in names}


def weights(models: dict[str, Any]) -> State:
    return {
        f"{name}.{key}": value.clone()
        for name, model in models.items()
        for key, value in model.state_dict().items()
    }


def same(left: State, right: State) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)


def changed(left: State, right: State) -> set[str]:
    return {key for key in left if not torch.equal(left[key], right[key])}


FORMS = ("lora", "lora_old", "lora_kohya")


@pytest.mark.parametrize("form", FORMS)
def test_weights_are_the_same_to_the_bit_before_and_after(
    models: dict[str, Any], tiny: TinySdxl, form: str
) -> None:
    before = weights(models)
    wardrobe = Wardrobe(models, SdxlSettings())
    wardrobe.wear([Use(str(getattr(tiny, form)), 0.7)])
    moved = {name.split(".")[0] for name in changed(before, weights(models))}
    encoders = {"text_encoder", "text_encoder_2"} if form == "lora_kohya" else set()
    assert moved == {"unet"} | encoders
    wardrobe.wear([])
    assert same(before, weights(models))


def test_changing_loras_many_times_leaves_nothing_behind(
    models: dict[str, Any], tiny: TinySdxl
) -> None:
    wardrobe = Wardrobe(models, SdxlSettings(sdxl_lora_cache=1))
    wardrobe.wear([Use(str(tiny.lora), 0.5)])
    once = weights(models)
    for scale in (0.1, 0.7, -1.3):
        wardrobe.wear([Use(str(tiny.lora_kohya), scale), Use(str(tiny.lora), 2 * scale)])
    wardrobe.wear([Use(str(tiny.lora), 0.5)])
    assert same(once, weights(models))


def test_scale_nought_is_no_lora(models: dict[str, Any], tiny: TinySdxl) -> None:
    before = weights(models)
    Wardrobe(models, SdxlSettings()).wear([Use(str(tiny.lora), 0.0)])
    assert same(before, weights(models))


def test_old_and_new_form_of_a_lora_are_one(models: dict[str, Any], tiny: TinySdxl) -> None:
    wardrobe = Wardrobe(models, SdxlSettings())
    wardrobe.wear([Use(str(tiny.lora), 0.5)])
    new = weights(models)
    wardrobe.wear([Use(str(tiny.lora_old), 0.5)])
    assert same(new, weights(models))


@pytest.mark.parametrize("form", FORMS)
def test_a_lora_draws_what_diffusers_draws_with_it(
    pipeline: Any, tiny: TinySdxl, form: str
) -> None:
    lora = getattr(tiny, form)
    pipeline.load_lora_weights(str(lora), adapter_name="theirs_0")
    pipeline.set_adapters(["theirs_0"], [0.6])
    theirs = picture(pipeline)
    pipeline.unload_lora_weights()
    bare = picture(pipeline)
    with torch.no_grad():
        wardrobe = Wardrobe(parts(pipeline), SdxlSettings())
        wardrobe.wear([Use(str(lora), 0.6)])
        ours = picture(pipeline)
        wardrobe.undress()
    assert np.abs(ours - theirs).max() < 1e-4
    assert np.abs(ours - bare).max() > 1e-2


def picture(pipeline: Any) -> np.ndarray[Any, Any]:
    noise = torch.Generator().manual_seed(1)
    drawn = pipeline(
        "a coat", width=64, height=64, num_inference_steps=3, generator=noise, output_type="np"
    )
    return np.asarray(drawn.images[0])


def test_several_loras_add_up_in_any_order(models: dict[str, Any], tiny: TinySdxl) -> None:
    before = weights(models)
    one, two = Use(str(tiny.lora), 0.5), Use(str(tiny.lora_kohya), 0.25)
    wardrobe = Wardrobe(models, SdxlSettings())
    wardrobe.wear([one, two])
    both = weights(models)
    wardrobe.wear([two])
    only = weights(models)
    assert changed(both, only) and changed(only, before)
    if next(iter(both.values())).dtype == torch.float32:
        wardrobe.wear([two, one])
        other = weights(models)
        assert all(torch.allclose(both[key], other[key], atol=1e-6) for key in both)


def test_alpha_counts_as_kohya_means_it(
    models: dict[str, Any], tiny: TinySdxl, tmp_path: Path
) -> None:
    state = load_file(tiny.lora_kohya)
    halved = {k: v / 2 if k.endswith(".alpha") else v for k, v in state.items()}
    save_file(halved, tmp_path / "halved.safetensors")
    wardrobe = Wardrobe(models, SdxlSettings())
    wardrobe.wear([Use(str(tmp_path / "halved.safetensors"), 1.0)])
    half = weights(models)
    wardrobe.wear([Use(str(tiny.lora_kohya), 0.5)])
    assert same(half, weights(models))


def test_convolutions_are_worn_too(models: dict[str, Any], tmp_path: Path) -> None:
    conv = "down_blocks.0.resnets.0.conv1"
    weight = models["unet"].get_submodule(conv).weight
    before = weight.clone()
    down, up = torch.randn(2, weight.shape[1], 3, 3), torch.randn(weight.shape[0], 2, 1, 1)
    names = {"lora_A": down, "lora_B": up}
    save_file(
        {f"unet.{conv}.{side}.weight": value for side, value in names.items()},
        tmp_path / "conv.safetensors",
    )
    wardrobe = Wardrobe(models, SdxlSettings())
    wardrobe.wear([Use(str(tmp_path / "conv.safetensors"), 1.0)])
    wanted = before.float() + torch.einsum("orxy,rihw->oihw", up, down)
    assert torch.allclose(weight.float(), wanted, rtol=1e-2, atol=1e-4)
    wardrobe.undress()
    assert torch.equal(weight, before)


def test_fused_projections_wear_the_lora_as_well(models: dict[str, Any], tiny: TinySdxl) -> None:
    models["unet"].fuse_qkv_projections()
    before = weights(models)
    wardrobe = Wardrobe(models, SdxlSettings())
    wardrobe.wear([Use(str(tiny.lora), 0.7)])
    block = models["unet"].down_blocks[1].attentions[0].transformer_blocks[0]
    own = torch.cat([getattr(block.attn1, name).weight for name in ("to_q", "to_k", "to_v")])
    assert torch.equal(block.attn1.to_qkv.weight, own)
    crossed = torch.cat([getattr(block.attn2, name).weight for name in ("to_k", "to_v")])
    assert torch.equal(block.attn2.to_kv.weight, crossed)
    wardrobe.undress()
    assert same(before, weights(models))


def test_a_lora_for_another_model_is_refused_and_leaves_no_trace(
    models: dict[str, Any], tiny: TinySdxl, tmp_path: Path
) -> None:
    state = load_file(tiny.lora / "pytorch_lora_weights.safetensors")
    last = [name for name in state if name.endswith("up.weight")][-1]
    state[last] = torch.zeros(5, 4)
    save_file(state, tmp_path / "other.safetensors")
    before = weights(models)
    with pytest.raises(PermanentError, match="no LoRA for this model") as caught:
        Wardrobe(models, SdxlSettings()).wear([Use(str(tmp_path / "other.safetensors"), 1.0)])
    assert caught.value.reason == "bad_lora"
    assert same(before, weights(models))


def test_what_is_no_lora_at_all_is_refused(
    models: dict[str, Any], tiny: TinySdxl, tmp_path: Path
) -> None:
    save_file({"some.weight": torch.zeros(2, 2)}, tmp_path / "other.safetensors")
    with pytest.raises(PermanentError, match="no LoRA for this model"):
        Wardrobe(models, SdxlSettings()).wear([Use(str(tmp_path / "other.safetensors"), 1.0)])


def test_loras_stay_in_memory_up_to_a_number(
    models: dict[str, Any], tiny: TinySdxl, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.generation.sdxl import loras

    read: list[str] = []
    truly = loras.read_lora

    def counted(found: Any, **more: Any) -> Any:
        read.append(found.source)
        return truly(found, **more)

    monkeypatch.setattr(loras, "read_lora", counted)
    wardrobe = Wardrobe(models, SdxlSettings(sdxl_lora_cache=2))
    one, two, three = (str(getattr(tiny, form)) for form in FORMS)
    for source in (one, two, one, three, one, two):
        wardrobe.wear([Use(source, 1.0)])
    assert read == [one, two, three, two]
