"""What stands beside SDXL: a checker of pictures, other VAEs, half precision, the benchmark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import torch

from services.generation.backends import Drawing, Drawn
from services.generation.sdxl.backend import SdxlBackend
from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.vision import quick_look
from shared.errors import PermanentError

if TYPE_CHECKING:
    from tests.samples.tiny_sdxl import TinySdxl

pytestmark = [
    pytest.mark.ml,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


class Nobody:
    def step(self, number: int, steps: int, preview: object) -> None:
        """Watch nothing."""


def drawn(tiny: TinySdxl, *, start: Any = None, **changes: Any) -> Drawn:
    plain: dict[str, Any] = {"sdxl_model": str(tiny.base), "sdxl_vae": None, "sdxl_loras": {}}
    backend = SdxlBackend(SdxlSettings(**(plain | {"sdxl_steps": 2} | changes)))
    asked = Drawing("a coat", "", 1, 64, 64, "quality", start=start)
    (result,) = backend.draw([asked], watch=Nobody())
    return result


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny classifier that finds every picture unsafe with probability 0.9."""
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

    config = ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=32,
        patch_size=16,
        id2label={0: "normal", 1: "NSFW"},
        label2id={"normal": 0, "NSFW": 1},
    )
    model = ViTForImageClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([0.1, 0.9]).log())
    folder = tmp_path_factory.mktemp("checker")
    model.save_pretrained(folder)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def test_what_must_not_be_shown_is_withheld(tiny: TinySdxl, checker: Path) -> None:
    found = drawn(tiny, sdxl_checker=str(checker))
    assert found.manifest["withheld"]
    assert found.manifest["shown_to"] == "nobody"
    assert found.manifest["unsafe"] == pytest.approx(0.9, abs=1e-3)
    assert np.ptp(found.pixels) == 0


def test_a_picture_that_was_looked_at_is_for_anyone(tiny: TinySdxl, checker: Path) -> None:
    found = drawn(tiny, sdxl_checker=str(checker), sdxl_checker_threshold=0.95)
    assert found.manifest["shown_to"] == "anyone"
    assert str(checker) in found.manifest["checked_by"]
    assert np.ptp(found.pixels) > 0


def test_a_picture_that_nobody_looked_at_is_for_its_owner(tiny: TinySdxl) -> None:
    assert drawn(tiny).manifest["shown_to"] == "owner"


def test_a_checker_must_know_its_labels(tiny: TinySdxl, checker: Path) -> None:
    with pytest.raises(PermanentError, match="normal, nsfw"):
        drawn(tiny, sdxl_checker=str(checker), sdxl_checker_labels=("porn",))


@pytest.fixture(scope="module")
def vaes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """A VAE of one's own of each kind."""
    from diffusers import AutoencoderKL, AutoencoderTiny

    folder = tmp_path_factory.mktemp("vaes")
    torch.manual_seed(5)
    channels = {"block_out_channels": (8, 8, 16, 16), "norm_num_groups": 4, "sample_size": 64}
    blocks = {
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
    }
    large = AutoencoderKL(**channels, **blocks, scaling_factor=0.13025, force_upcast=False)
    large.save_pretrained(folder / "large")
    small = AutoencoderTiny(
        encoder_block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
    )
    small.save_pretrained(folder / "small")
    yield {"large": folder / "large", "small": folder / "small"}


@pytest.mark.parametrize("kind", ["large", "small"])
def test_another_vae_develops_the_same_drawing(
    tiny: TinySdxl, vaes: dict[str, Path], kind: str
) -> None:
    start = np.full((64, 64, 3), 90, np.uint8)
    for on in (None, start):
        usual, other = drawn(tiny, start=on), drawn(tiny, start=on, sdxl_vae=str(vaes[kind]))
        assert other.manifest["vae"]["source"] == str(vaes[kind])
        assert other.pixels.shape == (64, 64, 3)
        assert not np.array_equal(usual.pixels, other.pixels)


def test_half_precision_draws_nearly_the_same(tiny: TinySdxl) -> None:
    exact = drawn(tiny).pixels.astype(int)
    found = drawn(tiny, sdxl_dtype="bfloat16")
    assert found.manifest["dtype"] == "bfloat16"
    assert np.abs(found.pixels - exact).mean() < 3


def test_weights_of_half_precision_are_found_by_their_names(tiny: TinySdxl, tmp_path: Path) -> None:
    shutil.copytree(tiny.base, tmp_path / "base")
    for file in list((tmp_path / "base").rglob("*.safetensors")):
        file.rename(file.with_name(f"{file.stem}.fp16.safetensors"))
    found = drawn(tiny, sdxl_model=str(tmp_path / "base"))
    assert "unet/diffusion_pytorch_model.fp16.safetensors" in found.manifest["model"]["sha256"]
    assert np.array_equal(found.pixels, drawn(tiny).pixels)


def test_a_quick_look_shows_bright_where_latents_are_bright() -> None:
    latents = torch.zeros(4, 8, 8)
    latents[0, :, 4:] = 2
    look = quick_look(latents)
    assert look.shape == (16, 16, 3)
    assert look[:, 12:].mean() > look[:, :4].mean() + 50


def test_latents_that_are_no_numbers_do_not_stop_a_preview() -> None:
    assert quick_look(torch.full((4, 8, 8), float("nan"))).shape == (16, 16, 3)


def test_what_is_missing_is_fetched_where_that_is_allowed(
    tiny: TinySdxl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def fetch(name: str, **more: Any) -> str:
        asked.update(more, name=name)
        return str(tiny.base)

    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.snapshot_download", fetch)
    found = drawn(tiny, sdxl_model="someone/sdxl@v1", sdxl_download=True)
    assert found.manifest["model"]["revision"] == "v1"
    assert (asked["name"], asked["revision"]) == ("someone/sdxl", "v1")
    assert not [pattern for pattern in asked["allow_patterns"] if "bin" in pattern]


def test_the_benchmark_prints_its_table(capfd: pytest.CaptureFixture[str]) -> None:
    from tests.benchmarks.sdxl import main

    only = ["--rows", "plain diffusers", "best, both", "--batches"]
    main(["--tiny", "--steps", "2", "--draws", "1", *only])
    lines = capfd.readouterr().out.splitlines()
    assert [line[:36].strip() for line in lines[2:]] == [
        "plain diffusers",
        "best, both",
        "plain diffusers, 4 steps unguided",
    ]
    assert "failed" not in "".join(lines)


def test_the_benchmark_builds_sdxl_at_its_full_size() -> None:
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from torch.utils.flop_counter import FlopCounterMode

    from services.generation.sdxl.denoiser import Denoiser
    from tests.samples import full_sdxl

    with torch.device("meta"):
        unet, vae = UNet2DConditionModel(**full_sdxl.UNET), AutoencoderKL(**full_sdxl.VAE)
        given = (torch.empty(1, 4, 128, 128), torch.empty(()), torch.empty(1, 77, 2048))
        added = (torch.empty(1, 1280), torch.empty(1, 6))
    # The published weights' numbers of parameters.
    assert sum(weight.numel() for weight in unet.parameters()) == 2_567_463_684
    assert sum(weight.numel() for weight in vae.parameters()) == 83_653_863
    denoiser = Denoiser(unet, SdxlSettings(sdxl_channels_last=False))
    with torch.no_grad(), FlopCounterMode(display=False) as whole:
        _, kept = denoiser._compute_all(*given, *added)
    with torch.no_grad(), FlopCounterMode(display=False) as outer:
        denoiser._compute_outer(*given, *added, kept)
    assert whole.get_total_flops() == pytest.approx(6.76e12, rel=0.001)
    assert outer.get_total_flops() == pytest.approx(0.447e12, rel=0.001)
