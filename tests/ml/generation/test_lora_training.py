"""Training a LoRA on twenty drawn looks with a tiny SDXL: it learns, resumes, and is loaded."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

pytest.importorskip("torch")
pytest.importorskip("diffusers")
pytest.importorskip("peft")

import torch
from accelerate.state import AcceleratorState
from diffusers import StableDiffusionXLPipeline
from safetensors import safe_open
from safetensors.torch import load_file

from services.generation.lora import running
from services.generation.lora.base import find_base
from services.generation.lora.caching import cache_pictures, cache_texts
from services.generation.lora.checkpoints import latest
from services.generation.lora.dataset import Entry, read_dataset, write_dataset
from services.generation.lora.objective import Objective
from services.generation.lora.recipe import Recipe
from services.generation.lora.running import Run, Showing, train
from services.generation.lora.training import Training
from services.generation.sdxl.loras import read_lora
from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.weights import locate
from shared.errors import MapsiError, PermanentError, UsageError

pytestmark = [
    pytest.mark.ml,
    # diffusers' schedulers and accelerate on today's numpy and torch.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

COLORS = {"red": (220, 40, 40), "blue": (40, 60, 200), "white": (240, 240, 240), "black": (20,) * 3}
TINY = Recipe(
    steps=40, batch=2, accumulate=2, rank=8, alpha=4, rate=5e-3, warmup=4, precision="no",
    resolution=128, device="cpu", sample_every=20, save_every=20, checkpointing=False,
    caption_dropout=0.1, sample_prompts=("a korean woman wearing a red skirt",),
)  # fmt: skip


def draw_set(folder: Path, count: int = 20) -> Path:
    """Draw looks of two shapes, each with its caption."""
    folder.mkdir()
    random = np.random.default_rng(0)
    entries = []
    for number in range(count):
        word, ink = list(COLORS.items())[number % len(COLORS)]
        size = (128, 128) if number % 2 else (96, 160)
        page = Image.new("RGB", size, tuple(int(v) for v in random.integers(100, 180, 3)))
        middle = size[0] // 2
        ImageDraw.Draw(page).rectangle((middle - 16, 32, middle + 16, 112), fill=ink)
        page.save(folder / f"{number}.png")
        entries.append(
            Entry(file_name=f"{number}.png", text=f"a korean woman wearing a {word} skirt",
                  licence="CC0", source="drawn", original_size=(600, 500))
        )  # fmt: skip
    write_dataset(folder, entries)
    return folder


def silent(title, total):
    return lambda: None


QUIET = Showing(silent, "en")


@pytest.fixture(autouse=True)
def as_in_a_new_process():
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return draw_set(tmp_path_factory.mktemp("lora") / "set")


@pytest.fixture(scope="module")
def base(tiny):
    return find_base(str(tiny.base), SdxlSettings())


def order(data, out, recipe=TINY, **more):
    return Run(data, out, "tiny", "CC0", recipe, **more)


@pytest.fixture(scope="module")
def trained(data, base, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    return out, train(order(data, out), base, QUIET)


def drawn(tiny, lora: Path | None) -> torch.Tensor:
    pipeline = StableDiffusionXLPipeline.from_pretrained(tiny.base)
    pipeline.set_progress_bar_config(disable=True)
    if lora:
        pipeline.load_lora_weights(str(lora.parent), weight_name=lora.name)
    picture = pipeline(
        "a korean woman wearing a red skirt", num_inference_steps=4, width=64, height=64,
        generator=torch.Generator().manual_seed(3), output_type="pt",
    ).images  # fmt: skip
    return picture


def test_the_loss_of_what_it_learns_from_falls(trained):
    measured = trained[1].curve.measured()
    assert [row.step for row in measured] == [0, 20, 40]
    assert measured[-1].seen < 0.99 * measured[0].seen
    assert measured[0].held_out != measured[-1].held_out


def test_curve_and_samples_are_there_to_look_at(trained):
    out, _ = trained
    with (out / "loss.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(41))
    assert all(float(row["loss"]) > 0 for row in rows[1:])
    with Image.open(out / "loss.png") as picture:
        assert picture.width > 800
    before, after = (
        np.asarray(Image.open(out / f"samples/step-{step:06}.png")) for step in (0, 40)
    )
    assert before.shape == after.shape and (before != after).any()


def test_both_forms_draw_the_same_and_not_what_the_base_draws(trained, tiny):
    result = trained[1]
    bare, one, other = (drawn(tiny, lora) for lora in (None, result.diffusers, result.kohya))
    assert (one - bare).abs().max() > 0.01
    assert (one - other).abs().max() < 1e-4


def test_the_backend_reads_the_same_from_both_forms(trained, tiny):
    config = StableDiffusionXLPipeline.from_pretrained(tiny.base).unet.config
    one, other = (
        read_lora(locate(str(file), kind="lora", settings=SdxlSettings()), unet_config=config)
        for file in (trained[1].diffusers, trained[1].kohya)
    )
    assert one.layers.keys() == other.layers.keys() == {"unet"}
    assert one.layers["unet"].keys() == other.layers["unet"].keys()
    for name, layer in one.layers["unet"].items():
        twin = other.layers["unet"][name]
        torch.testing.assert_close(
            layer.scale * layer.up @ layer.down, twin.scale * twin.up @ twin.down
        )


def test_the_files_say_what_they_are(trained, data):
    for file in (trained[1].diffusers, trained[1].kohya):
        with safe_open(file, framework="pt") as opened:
            said = opened.metadata()
        assert (said["ss_network_dim"], said["ss_network_alpha"]) == ("8", "4")
        assert (said["modelspec.license"], said["mapsi.data_licences"]) == ("CC0", '["CC0"]')
        assert len(said["mapsi.captions_sha256"]) == 64
        assert json.loads(said["mapsi.base_sha256"])
        assert json.loads(said["mapsi.recipe"])["seed"] == 0


def test_kohyas_names_are_those_of_the_first_release(trained):
    names = load_file(trained[1].kohya)
    # Down blocks 1 and 2, two layers each, behind the first convolution and two shrinkings.
    assert "lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q.alpha" in names
    assert "lora_unet_input_blocks_8_1_transformer_blocks_1_attn2_to_out_0.lora_up.weight" in names
    assert "lora_unet_middle_block_1_transformer_blocks_0_attn1_to_k.lora_down.weight" in names
    assert "lora_unet_output_blocks_5_1_transformer_blocks_0_attn2_to_v.alpha" in names


class Killed(BaseException):
    """Stops a run as a signal would."""


def killed_after(steps: int) -> Showing:
    left = [steps]

    def begin(title, total):
        def moved_on():
            if title == "steps":
                left[0] -= 1
                if not left[0]:
                    raise Killed

        return moved_on

    return Showing(begin, "en")


@pytest.mark.parametrize("text_encoders", [False, True], ids=["unet", "with text encoders"])
def test_a_killed_run_goes_on_to_the_same_weights(data, base, tmp_path, text_encoders):
    recipe = replace(
        TINY, steps=6, sample_every=4, save_every=2, dropout=0.1, checkpointing=True,
        text_encoders=text_encoders, text_rate=1e-3,
    )  # fmt: skip
    whole = train(order(data, tmp_path / "whole", recipe), base, QUIET)
    with pytest.raises(Killed):
        train(order(data, tmp_path / "cut", recipe), base, killed_after(3))
    assert latest(tmp_path / "cut").name == "step-000002"
    again = train(order(data, tmp_path / "cut", recipe, resume=True), base, QUIET)
    first, second = load_file(whole.kohya), load_file(again.kohya)
    assert first.keys() == second.keys()
    assert any("lora_te1" in name for name in first) == text_encoders
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert (tmp_path / "whole/loss.csv").read_text() == (tmp_path / "cut/loss.csv").read_text()


def test_text_encoders_are_exported_in_both_forms(data, base, tiny, tmp_path):
    recipe = replace(TINY, steps=4, text_encoders=True, text_rate=1e-2, sample_every=99)
    result = train(order(data, tmp_path / "run", recipe), base, QUIET)
    config = StableDiffusionXLPipeline.from_pretrained(tiny.base).unet.config
    one, other = (
        read_lora(locate(str(file), kind="lora", settings=SdxlSettings()), unet_config=config)
        for file in (result.diffusers, result.kohya)
    )
    parts = {"unet", "text_encoder", "text_encoder_2"}
    assert one.layers.keys() == other.layers.keys() == parts
    assert all(one.layers[part].keys() == other.layers[part].keys() for part in parts)
    changed = [layer.up.abs().max() for layer in one.layers["text_encoder"].values()]
    assert max(changed) > 0
    assert (drawn(tiny, result.diffusers) - drawn(tiny, result.kohya)).abs().max() < 1e-4


def test_a_run_with_other_options_cannot_go_on(trained, data, base):
    out, _ = trained
    with pytest.raises(UsageError, match=r"rank 8 → 16") as caught:
        train(order(data, out, replace(TINY, rank=16), resume=True), base, QUIET)
    assert caught.value.reason == "other_run"


def test_a_run_is_not_overwritten(trained, data, base):
    out, _ = trained
    with pytest.raises(UsageError, match="has a run already"):
        train(order(data, out), base, QUIET)


def test_a_loss_that_is_no_number_ends_the_run(data, base, tmp_path, monkeypatch):
    def broken(*_, **__):
        return torch.tensor(float("nan"), requires_grad=True)

    monkeypatch.setattr(Training, "_loss", broken)
    with pytest.raises(MapsiError, match="no number after step 0"):
        train(order(data, tmp_path / "run"), base, QUIET)


def test_there_must_be_something_to_go_on_from(data, base, tmp_path):
    with pytest.raises(UsageError, match="no checkpoint"):
        train(order(data, tmp_path / "run", resume=True), base, QUIET)


def test_half_a_checkpoint_is_named(trained, data, base, tmp_path):
    folder = tmp_path / "run/checkpoints/step-000020"
    folder.mkdir(parents=True)
    with pytest.raises(UsageError, match="no whole checkpoint"):
        train(order(data, tmp_path / "run", resume=True), base, QUIET)


def test_too_few_pictures_are_told(base, tmp_path):
    few = draw_set(tmp_path / "few", 9)
    with pytest.raises(UsageError, match="9 pictures are too few; 10"):
        train(order(few, tmp_path / "run"), base, QUIET)


def test_a_missing_base_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(PermanentError, match="hf download stabilityai"):
        find_base("stabilityai/stable-diffusion-xl-base-1.0", SdxlSettings())


def test_the_refiner_is_no_base(tiny):
    with pytest.raises(MapsiError, match="no SDXL base"):
        find_base(str(tiny.refiner), SdxlSettings())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_is_said(data, base, tmp_path):
    with pytest.raises(UsageError, match="sees 0 GPUs") as caught:
        train(order(data, tmp_path / "run", replace(TINY, device="cuda")), base, QUIET)
    assert "GPU는 0개" in caught.value.text_ko


def test_half_precision_on_a_cpu_is_refused(data, base, tmp_path):
    with pytest.raises(UsageError, match="fp16 needs a GPU"):
        train(order(data, tmp_path / "run", replace(TINY, precision="fp16")), base, QUIET)


def test_without_bitsandbytes_8_bit_adam_is_refused(data, base, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "bitsandbytes.optim", None)
    with pytest.raises(UsageError, match="pip install bitsandbytes"):
        train(order(data, tmp_path / "run", replace(TINY, optimizer="adamw8bit")), base, QUIET)


def test_too_small_a_memory_says_what_to_lower(data, base, tmp_path, monkeypatch):
    def full(*_, **__):
        raise torch.OutOfMemoryError("planted")

    monkeypatch.setattr(running, "add_layers", full)
    with pytest.raises(MapsiError, match="--checkpointing, --batch 1 --accumulate 4") as caught:
        train(order(data, tmp_path / "run"), base, QUIET)
    assert caught.value.reason == "out_of_memory"


def test_bf16_trains_too(data, base, tmp_path):
    recipe = replace(TINY, steps=1, precision="bf16", warmup=0)
    measured = train(order(data, tmp_path / "run", recipe), base, QUIET).curve.measured()
    assert all(np.isfinite([row.seen for row in measured]))


def test_latents_are_computed_once(data, base, tmp_path):
    entries, file = read_dataset(data), tmp_path / "latents.safetensors"
    moved = []

    def begin(title, total):
        return lambda: moved.append(title)

    for _ in range(2):
        pictures = cache_pictures(data, entries, base, resolution=128, device="cpu", file=file,
                                  progress=begin)  # fmt: skip
    assert len(moved) == len(entries)
    changed = [entries[0].model_copy(update={"crop": (8, 0)}), *entries[1:]]
    again = cache_pictures(data, changed, base, resolution=128, device="cpu", file=file,
                           progress=begin)  # fmt: skip
    assert len(moved) == 2 * len(entries)
    assert pictures[0].time_ids.tolist() == [600, 500, 0, 0, 160, 96]
    assert again[0].time_ids.tolist() == [600, 500, 8, 0, 160, 96]


def test_pictures_of_other_sizes_are_cut_and_captions_of_any_length_whole(base, tmp_path):
    Image.new("RGB", (300, 200), "gray").save(tmp_path / "a.png")
    long = " ".join(["a korean woman wearing a red skirt"] * 20)
    write_dataset(tmp_path, [Entry(file_name="a.png", text=long)])
    (entry,) = read_dataset(tmp_path)
    (picture,) = cache_pictures(tmp_path, [entry], base, resolution=128, device="cpu",
                                file=tmp_path / "cache", progress=silent)  # fmt: skip
    assert picture.size == (20, 12)
    texts = cache_texts([long, "red"], base.encoders("cpu")[0], silent)
    assert texts[long].states.shape[1] == texts["red"].states.shape[1] >= 2 * 77
    assert not texts[""].states.any()


def test_nothing_is_learned_where_a_face_is_hidden(data, base, tmp_path):
    entry = read_dataset(data)[1].model_copy(update={"veiled": ((0.0, 0.0, 128.0, 32.0),)})
    (picture,) = cache_pictures(data, [entry], base, resolution=128, device="cpu",
                                file=tmp_path / "cache", progress=silent)  # fmt: skip
    assert not picture.counted[:, :4].any() and picture.counted[:, 4:].all()
    texts = cache_texts([entry.text], base.encoders("cpu")[0], silent)

    class Says:
        def __init__(self, sample):
            self.sample = sample

    def wrong_above(seen, times, states, added_cond_kwargs):
        guess = noise.clone()
        guess[:, :, :4] += 1000
        return Says(guess)

    noise = torch.randn(1, 4, 16, 16)
    loss = Objective(wrong_above, base.noising(), 5.0, "cpu").loss(
        [picture], [texts[entry.text]], noise=noise, sampled=torch.zeros_like(noise),
        times=torch.tensor([500]),
    )  # fmt: skip
    assert float(loss) == 0


def test_nearly_clean_pictures_weigh_no_more_than_min_snr_says(base):
    noising = base.noising()
    times = torch.tensor([0, 500, 999])
    kept = noising.alphas_cumprod[times]
    snr = kept / (1 - kept)
    objective = Objective(None, noising, 5.0, "cpu")
    torch.testing.assert_close(objective._weights(times), snr.clamp(max=5) / snr)
    assert Objective(None, noising, 0.0, "cpu")._weights(times).tolist() == [1, 1, 1]
