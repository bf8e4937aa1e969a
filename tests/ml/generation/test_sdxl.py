"""Drawing with SDXL, on a tiny one: what is asked is drawn, alone or among others."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import torch

from services.generation.backends import Drawing, LoraUse
from services.generation.sdxl.backend import SdxlBackend
from services.generation.sdxl.settings import SdxlSettings
from shared.errors import PermanentError
from shared.imaging import Pixels

if TYPE_CHECKING:
    from tests.samples.tiny_sdxl import TinySdxl

pytestmark = [
    pytest.mark.ml,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

AUTHORS_NEGATIVE = (
    "(deformed iris, deformed pupils, semi-realistic, cgi, 3d, render, sketch, cartoon, drawing, "
    "anime:1.4), text, close up, cropped, out of frame, worst quality, low quality, jpeg "
    "artifacts, ugly, duplicate, morbid, mutilated, extra fingers, mutated hands, poorly drawn "
    "hands, poorly drawn face, mutation, deformed, blurry, dehydrated, bad anatomy, bad "
    "proportions, extra limbs, cloned face, disfigured, gross proportions, malformed limbs, "
    "missing arms, missing legs, extra arms, extra legs, fused fingers, too many fingers, long neck"
)


@dataclass
class Notes:
    """A watch that writes down what it hears, and calls a job off at a step."""

    stop_at: int | None = None
    heard: list[tuple[int, int]] = field(default_factory=list)
    looks: list[Pixels] = field(default_factory=list)

    def step(self, number: int, steps: int, preview: Callable[[], Pixels] | None) -> None:
        self.heard.append((number, steps))
        if preview is not None:
            self.looks.append(preview())
        if number == self.stop_at:
            raise InterruptedError("called off")


def settings(tiny: TinySdxl, **changes: Any) -> SdxlSettings:
    plain: dict[str, Any] = {
        "sdxl_model": str(tiny.base),
        "sdxl_vae": None,
        "sdxl_loras": {},
        "sdxl_fast_lora": str(tiny.lora_old),
        "sdxl_steps": 6,
    }
    return SdxlSettings(**(plain | changes))


def drawing(**changes: Any) -> Drawing:
    plain: dict[str, Any] = {
        "prompt": "a korean woman wearing white shirt",
        "negative": "low quality",
        "seed": 7,
        "width": 64,
        "height": 64,
        "preset": "quality",
    }
    return Drawing(**(plain | changes))


def pixels(backend: SdxlBackend, *drawings: Drawing) -> list[Pixels]:
    return [drawn.pixels for drawn in backend.draw(drawings, watch=Notes())]


def apart(left: Pixels, right: Pixels) -> float:
    """Return the mean difference in levels of 255."""
    return float(np.abs(left.astype(int) - right).mean())


@pytest.fixture(scope="module")
def backend(tiny: TinySdxl) -> SdxlBackend:
    backend = SdxlBackend(settings(tiny))
    backend.load()
    return backend


@pytest.fixture(scope="module")
def photo() -> Pixels:
    levels = np.random.default_rng(3).integers(0, 256, (8, 8, 3))
    return np.kron(levels, np.ones((8, 8, 1))).astype(np.uint8)


def test_the_same_seed_gives_the_same_picture_and_another_one_another(
    backend: SdxlBackend,
) -> None:
    (first,) = pixels(backend, drawing())
    assert first.shape == (64, 64, 3)
    assert np.array_equal(first, pixels(backend, drawing())[0])
    assert apart(first, pixels(backend, drawing(seed=8))[0]) > 5


def test_a_picture_is_the_same_whoever_it_is_drawn_with(backend: SdxlBackend) -> None:
    other = drawing(seed=8, prompt="black coat")
    long = drawing(seed=9, prompt="a red dress, " * 40)
    (alone,) = pixels(backend, drawing())
    for picture in (
        pixels(backend, drawing(), other)[0],
        pixels(backend, other, drawing())[1],
        pixels(backend, drawing(), long)[0],
    ):
        # Batches of another size run other kernels, which round otherwise.
        assert np.abs(picture.astype(int) - alone).max() <= 1


def test_pictures_come_back_in_the_order_they_were_asked(
    backend: SdxlBackend, photo: Pixels
) -> None:
    asked = [drawing(seed=1), drawing(start=photo), drawing(seed=2), drawing(preset="fast")]
    drawn = backend.draw(asked, watch=Notes())
    assert [each.manifest["seed"] for each in drawn] == [1, 7, 2, 7]
    assert [each.manifest["kind"] for each in drawn] == ["text", "image", "text", "text"]
    assert [each.manifest["batch"] for each in drawn] == [2, 1, 2, 1]


def test_the_words_decide(backend: SdxlBackend) -> None:
    (first,) = pixels(backend, drawing())
    for changed in (drawing(prompt="black leather coat"), drawing(negative="")):
        assert apart(first, pixels(backend, changed)[0]) > 0.05


def test_a_picture_drawn_over_stays_like_it_the_more_the_weaker(
    backend: SdxlBackend, photo: Pixels
) -> None:
    weak = drawing(start=photo, strength=0.2)
    strong = drawing(start=photo, strength=0.9)
    (near,), (far,) = pixels(backend, weak), pixels(backend, strong)
    assert apart(near, far) > 1
    notes = Notes()
    backend.draw([strong], watch=notes)
    assert notes.heard[-1] == (5, 5)


def test_inpainting_changes_nothing_outside_its_mask(backend: SdxlBackend, photo: Pixels) -> None:
    mask = np.zeros((64, 64), np.float32)
    mask[24:48, 16:40] = 1
    mask[20:24, 16:40] = 0.5  # a soft edge
    (painted,) = pixels(backend, drawing(start=photo, mask=mask))
    assert np.array_equal(painted[mask == 0], photo[mask == 0])
    assert apart(painted[mask == 1], photo[mask == 1]) > 10


def test_a_start_of_another_size_is_brought_to_the_asked_one(backend: SdxlBackend) -> None:
    start = np.full((128, 96, 3), 120, np.uint8)
    mask = np.ones((128, 96), np.float32)
    assert pixels(backend, drawing(start=start, mask=mask))[0].shape == (64, 64, 3)


def test_steps_are_told_one_by_one_with_a_preview(backend: SdxlBackend) -> None:
    notes = Notes()
    backend.draw([drawing(), drawing(seed=8)], watch=notes)
    assert notes.heard == [(number, 6) for number in range(7)]
    assert [look.shape for look in notes.looks] == [(2, 16, 16, 3)] * 6
    assert notes.looks[0].dtype == np.uint8


def test_steps_go_on_counting_where_a_batch_is_drawn_in_parts(tiny: TinySdxl) -> None:
    notes = Notes()
    backend = SdxlBackend(settings(tiny, sdxl_batch=1, sdxl_steps=2))
    backend.draw([drawing(), drawing(seed=8)], watch=notes)
    assert notes.heard == [(0, 4), (1, 4), (2, 4), (2, 4), (3, 4), (4, 4)]


def test_a_preview_shows_each_picture_at_its_own_place(tiny: TinySdxl) -> None:
    notes = Notes()
    long = drawing(seed=9, prompt="a red dress, " * 40)  # drawn last: it has more windows
    backend = SdxlBackend(settings(tiny, sdxl_steps=2))
    backend.draw([drawing(), long, drawing(seed=8)], watch=notes)
    assert notes.heard[-1] == (4, 4)
    begun = [[int(np.ptp(look)) > 0 for look in looks] for looks in notes.looks]
    assert begun == [[True, False, True]] * 2 + [[True, True, True]] * 2
    assert np.array_equal(notes.looks[1][2], notes.looks[3][2])


@pytest.mark.parametrize("step", [0, 1, 4])
def test_a_job_called_off_ends_within_its_step(backend: SdxlBackend, step: int) -> None:
    (before,) = pixels(backend, drawing())
    notes = Notes(stop_at=step)
    with pytest.raises(InterruptedError):
        backend.draw([drawing()], watch=notes)
    assert notes.heard[-1][0] == step
    assert np.array_equal(before, pixels(backend, drawing())[0])


def test_the_fast_preset_draws_few_steps_without_guidance(
    backend: SdxlBackend, tiny: TinySdxl, photo: Pixels
) -> None:
    notes = Notes()
    (drawn,) = backend.draw([drawing(preset="fast")], watch=notes)
    assert notes.heard[-1] == (4, 4)
    assert drawn.manifest["scheduler"] == "lcm"
    assert drawn.manifest["guidance"] == 1
    assert [lora["source"] for lora in drawn.manifest["loras"]] == [str(tiny.lora_old)]
    over = Notes()
    backend.draw([drawing(preset="fast", start=photo, strength=0.5)], watch=over)
    assert over.heard[-1] == (4, 4)


SCHEDULERS = ("euler", "euler-trailing", "euler-a", "dpm++2m", "dpm++2m-karras", "unipc", "ddim")


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_scheduler_draws_a_picture_of_its_own_twice(
    tiny: TinySdxl, backend: SdxlBackend, scheduler: str
) -> None:
    chosen = SdxlBackend(settings(tiny, sdxl_scheduler=scheduler))
    (first,), (second,) = pixels(chosen, drawing()), pixels(chosen, drawing())
    assert np.array_equal(first, second)
    assert (apart(first, pixels(backend, drawing())[0]) == 0) == (scheduler == "euler")


def test_the_refiner_draws_the_last_steps(tiny: TinySdxl, backend: SdxlBackend) -> None:
    refined = SdxlBackend(settings(tiny, sdxl_refiner=str(tiny.refiner), sdxl_steps=10))
    notes = Notes()
    (drawn,) = refined.draw([drawing()], watch=notes)
    assert [number for number, _ in notes.heard] == list(range(11))
    assert drawn.manifest["refiner"]["source"] == str(tiny.refiner)
    assert apart(drawn.pixels, pixels(backend, drawing())[0]) > 0.5
    assert np.array_equal(drawn.pixels, pixels(refined, drawing())[0])


def test_plain_settings_draw_what_diffusers_draws(tiny: TinySdxl, backend: SdxlBackend) -> None:
    from diffusers import StableDiffusionXLPipeline

    pipeline = StableDiffusionXLPipeline.from_pretrained(tiny.base)
    pipeline.set_progress_bar_config(disable=True)
    theirs = pipeline(
        drawing().prompt,
        negative_prompt=drawing().negative,
        width=64,
        height=64,
        num_inference_steps=6,
        guidance_scale=7.5,
        generator=torch.Generator().manual_seed(7),
        output_type="np",
    ).images[0]
    (ours,) = pixels(backend, drawing())
    assert np.abs(ours - np.round(theirs * 255)).max() <= 1


@pytest.mark.parametrize(
    ("change", "most"),
    [
        ({"sdxl_guidance_until": 0.5}, 3.0),
        ({"sdxl_cache_every": 2}, 3.0),
        ({"sdxl_cache_every": 3, "sdxl_guidance_until": 0.5}, 3.0),
        ({"sdxl_fuse_qkv": True}, 0.05),
        ({"sdxl_channels_last": False}, 0.05),
        ({"sdxl_graphs": True}, 0.0),  # there is no GPU here: as without
    ],
)
def test_a_speed_setting_changes_a_picture_a_little(
    tiny: TinySdxl, backend: SdxlBackend, change: dict[str, Any], most: float
) -> None:
    quick = SdxlBackend(settings(tiny, **change))
    (plain,) = pixels(backend, drawing())
    (drawn,) = pixels(quick, drawing())
    assert apart(plain, drawn) <= most
    assert np.array_equal(drawn, pixels(quick, drawing())[0])


@pytest.mark.parametrize("extent", ["regional", "full"])
def test_compiled_code_is_whole_and_follows_the_loras(
    tiny: TinySdxl, backend: SdxlBackend, monkeypatch: pytest.MonkeyPatch, extent: str
) -> None:
    # Traced as for a GPU, but run by torch itself: generating code for a CPU takes minutes.
    traced = functools.partial(torch.compile, backend="aot_eager", fullgraph=True)
    monkeypatch.setattr(
        torch, "compile", lambda function, fullgraph=True, **more: traced(function, **more)
    )
    lora = drawing(loras=(LoraUse(str(tiny.lora), 0.7),))
    compiled = SdxlBackend(settings(tiny, sdxl_compile=extent, sdxl_fuse_qkv=True))
    for asked in (drawing(), lora, drawing()):
        assert apart(pixels(compiled, asked)[0], pixels(backend, asked)[0]) < 0.05


@pytest.mark.parametrize("size", [(72, 104), (136, 64), (64, 192)])
def test_every_multiple_of_8_is_drawn(tiny: TinySdxl, size: tuple[int, int]) -> None:
    width, height = size
    backend = SdxlBackend(settings(tiny, sdxl_steps=3, sdxl_cache_every=2))
    (drawn,) = pixels(backend, drawing(width=width, height=height))
    assert drawn.shape == (height, width, 3)


def test_inpainting_without_guidance_at_its_end(tiny: TinySdxl, photo: Pixels) -> None:
    quick = SdxlBackend(settings(tiny, sdxl_guidance_until=0.5))
    mask = np.zeros((64, 64), np.float32)
    mask[:32] = 1
    two = [drawing(start=photo, mask=mask, seed=seed) for seed in (1, 2)]
    first, second = pixels(quick, *two)
    assert np.array_equal(first[32:], photo[32:])
    assert apart(first[:32], second[:32]) > 1


class Hungry:
    """A UNet's work that fails for want of memory with batches larger than ``most``."""

    def __init__(self, backend: SdxlBackend, most: int) -> None:
        denoiser = backend._open()._models.denoiser
        self._deep = denoiser._deep
        self.most = most
        self.tried: list[int] = []
        denoiser._deep = self

    def __call__(self, sample: torch.Tensor, *rest: Any) -> Any:
        self.tried.append(len(sample) // 2)  # guided: each picture twice
        if self.tried[-1] > self.most:
            raise torch.OutOfMemoryError("planted")
        return self._deep(sample, *rest)


def test_without_memory_smaller_batches_are_drawn_and_remembered(
    tiny: TinySdxl, backend: SdxlBackend
) -> None:
    four = [drawing(seed=seed) for seed in range(4)]
    cramped = SdxlBackend(settings(tiny, sdxl_steps=2))
    hungry = Hungry(cramped, most=1)
    drawn = cramped.draw(four, watch=Notes())
    assert [each.manifest["batch"] for each in drawn] == [1] * 4
    assert hungry.tried[:3] == [4, 2, 1]
    hungry.tried.clear()
    cramped.draw(four, watch=Notes())
    assert set(hungry.tried) == {1}
    roomy = SdxlBackend(settings(tiny, sdxl_steps=2))
    for ours, theirs in zip(drawn, pixels(roomy, *four), strict=True):
        assert np.abs(ours.pixels.astype(int) - theirs).max() <= 1


def test_where_not_even_one_picture_fits_the_error_says_so(tiny: TinySdxl) -> None:
    cramped = SdxlBackend(settings(tiny))
    hungry = Hungry(cramped, most=0)
    with pytest.raises(PermanentError, match="64x64") as caught:
        cramped.draw([drawing()], watch=Notes())
    assert caught.value.reason == "out_of_memory"
    assert "메모리" in caught.value.text_ko
    hungry.most = 1
    assert len(pixels(cramped, drawing())) == 1


def test_a_picture_too_large_to_decode_is_decoded_in_tiles(
    tiny: TinySdxl, monkeypatch: pytest.MonkeyPatch
) -> None:
    cramped = SdxlBackend(settings(tiny))
    (whole,) = pixels(cramped, drawing())
    decoder = cramped._open()._models.vae.decoder
    forward = decoder.forward

    def hungry(sample: torch.Tensor, *rest: Any) -> Any:
        if sample.shape[-1] > 4:
            raise torch.OutOfMemoryError("planted")
        return forward(sample, *rest)

    monkeypatch.setattr(decoder, "forward", hungry)
    (tiled,) = pixels(cramped, drawing())
    assert tiled.shape == whole.shape
    # Tiles of 32 pixels of a VAE that never learned: alike, no more.
    assert apart(whole, tiled) < 30
    assert np.array_equal(tiled, pixels(cramped, drawing())[0])


def test_the_authors_prompts_are_read_to_their_last_token(backend: SdxlBackend) -> None:
    prompt = "RAW photo, a korean woman wearing a shirt, (high detailed skin:1.2), 8k uhd"
    asked = drawing(prompt=prompt, negative=AUTHORS_NEGATIVE)
    (drawn,) = backend.draw([asked], watch=Notes())
    negative = drawn.manifest["tokens"]["negative"]
    assert negative["kept"] > 133
    assert negative["dropped"] == 0
    assert drawn.manifest["tokens"]["prompt"]["dropped"] == 0
    assert drawn.manifest["tokens"]["prompt"]["windows"] == negative["windows"]
    shorter = drawing(prompt=prompt, negative=AUTHORS_NEGATIVE.removesuffix(", long neck"))
    assert not np.array_equal(drawn.pixels, pixels(backend, shorter)[0])


def test_the_manifest_says_all_that_draws_the_picture_again(
    backend: SdxlBackend, tiny: TinySdxl
) -> None:
    asked = drawing(loras=(LoraUse(str(tiny.lora), 0.5),))
    (drawn,) = backend.draw([asked], watch=Notes())
    manifest = drawn.manifest
    assert manifest["model"]["source"] == str(tiny.base)
    assert len(manifest["model"]["sha256"]["unet/diffusion_pytorch_model.safetensors"]) == 64
    assert manifest["loras"][0]["scale"] == 0.5
    assert len(manifest["loras"][0]["sha256"]) == 64
    wanted = {"prompt", "negative", "tokens", "seed", "steps", "scheduler", "guidance", "strength"}
    wanted |= {"width", "height", "preset", "kind", "device", "dtype", "versions", "seconds"}
    assert wanted <= set(manifest)
    assert set(manifest["versions"]) == {"torch", "diffusers", "transformers"}


def test_what_is_missing_is_told_once_and_for_good(tiny: TinySdxl) -> None:
    backend = SdxlBackend(settings(tiny, sdxl_model="nobody/nothing"))
    with pytest.raises(PermanentError, match="hf download nobody/nothing"):
        backend.load()
