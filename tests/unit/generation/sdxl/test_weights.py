"""Weights of SDXL: found, refused, held to their hashes, and how to get those that are missing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.weights import Found, fingerprints, locate
from shared.errors import PermanentError

BASE = "stabilityai/stable-diffusion-xl-base-1.0"
REVISION = "462165984030d82259a11f4367a4eed129e94a7b"
TENSORS = (2).to_bytes(8, "little") + b"{}"
"""The smallest safetensors file."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(folder))
    return folder


def in_cache(cache: Path, name: str, revision: str, *files: str) -> Path:
    folder = cache / f"models--{name.replace('/', '--')}" / "snapshots" / revision
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(TENSORS)
    return folder


def pipeline(folder: Path, *files: str) -> None:
    parts = {"_class_name": "X", "unet": ["diffusers", "U"], "tokenizer": ["transformers", "T"]}
    parts |= {"feature_extractor": [None, None]}
    (folder / "tokenizer").mkdir(parents=True)
    (folder / "unet").mkdir()
    for file in files:
        (folder / file).write_bytes(TENSORS)
    (folder / "model_index.json").write_text(json.dumps(parts))


def refusal(
    source: str, *, kind: str = "lora", settings: SdxlSettings | None = None
) -> PermanentError:
    with pytest.raises(PermanentError) as caught:
        found = locate(source, kind=kind, settings=settings or SdxlSettings())  # type: ignore[arg-type]
        fingerprints(found)
    assert caught.value.text_ko != caught.value.text
    return caught.value


def test_what_is_missing_comes_with_the_command_that_gets_it() -> None:
    told = refusal(BASE, kind="pipeline")
    assert told.reason == "missing_weights"
    for text in (told.text, told.text_ko):
        assert f"hf download {BASE} --revision {REVISION} --include" in text


def test_one_file_of_a_repository_is_asked_for_alone() -> None:
    told = refusal("ByteDance/SDXL-Lightning/sdxl_lightning_4step_lora.safetensors")
    assert "hf download ByteDance/SDXL-Lightning --revision c9a24f48" in told.text
    assert '--include "sdxl_lightning_4step_lora.safetensors"' in told.text


def test_a_revision_of_ones_own_goes_before_the_pinned_one(cache: Path) -> None:
    in_cache(cache, "latent-consistency/lcm-lora-sdxl", "abc", "pytorch_lora_weights.safetensors")
    found = locate("latent-consistency/lcm-lora-sdxl@abc", kind="lora", settings=SdxlSettings())
    assert found.revision == "abc"


def test_a_branch_is_followed_to_what_was_fetched(cache: Path) -> None:
    folder = in_cache(cache, "someone/lora", "abc", "lora.safetensors")
    branch = folder.parents[1] / "refs" / "main"
    branch.parent.mkdir()
    branch.write_text("abc")
    assert locate("someone/lora", kind="lora", settings=SdxlSettings()).weights == (
        folder / "lora.safetensors",
    )


def test_a_file_other_than_the_pinned_one_is_refused(cache: Path) -> None:
    name, revision = "latent-consistency/lcm-lora-sdxl", "a18548dd4956b174ec5b0d78d340c8dae0a129cd"
    in_cache(cache, name, revision, "pytorch_lora_weights.safetensors")
    told = refusal(name)
    assert told.reason == "bad_weights"
    assert "a764e6859b6e" in told.text


def test_pins_of_ones_own_hold_for_local_files_too(tmp_path: Path) -> None:
    lora = tmp_path / "mine.safetensors"
    lora.write_bytes(TENSORS)
    pins = tmp_path / "pins.toml"
    settings = SdxlSettings(sdxl_pins=pins)
    right = hashlib.sha256(TENSORS).hexdigest()
    pins.write_text(f'["{lora}"]\nsha256 = {{ "mine.safetensors" = "{right}" }}\n')
    found = locate(str(lora), kind="lora", settings=settings)
    assert fingerprints(found) == {"mine.safetensors": right}
    lora.write_bytes(TENSORS + b" ")
    assert refusal(str(lora), settings=settings).reason == "bad_weights"


def test_pickles_are_refused_by_name_and_by_content(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pytorch_lora_weights.bin").write_bytes(b"\x80\x02")
    assert "pickles" in refusal(str(tmp_path / "a")).text
    disguised = tmp_path / "b.safetensors"
    disguised.write_bytes(b"\x80\x02}q\x00.........")
    assert refusal(str(disguised)).reason == "bad_weights"
    checkpoint = tmp_path / "c.ckpt"
    checkpoint.write_bytes(TENSORS)
    assert refusal(str(checkpoint)).reason == "bad_weights"


def test_of_several_files_one_has_to_be_named(tmp_path: Path) -> None:
    for name in ("a.safetensors", "b.safetensors"):
        (tmp_path / name).write_bytes(TENSORS)
    assert "a.safetensors, b.safetensors" in refusal(str(tmp_path)).text


def test_a_pipeline_lacks_no_part(tmp_path: Path) -> None:
    pipeline(tmp_path / "whole", "unet/m.fp16.safetensors", "unet/m.safetensors")
    found: Found = locate(str(tmp_path / "whole"), kind="pipeline", settings=SdxlSettings())
    assert [file.name for file in found.weights] == ["m.fp16.safetensors"]
    assert found.variant == "fp16"
    pipeline(tmp_path / "torn")
    assert "no safetensors" in refusal(str(tmp_path / "torn"), kind="pipeline").text


def test_a_snapshot_that_was_fetched_in_part_counts_as_missing(cache: Path) -> None:
    folder = in_cache(cache, BASE, REVISION, "unet/m.safetensors")
    (folder / "model_index.json").write_text(json.dumps({"unet": ["d", "U"], "vae": ["d", "V"]}))
    assert "hf download" in refusal(BASE, kind="pipeline").text
    in_cache(cache, BASE, REVISION, "vae/config.json")
    assert "hf download" in refusal(BASE, kind="pipeline").text
    in_cache(cache, BASE, REVISION, "vae/v.safetensors")
    assert len(locate(BASE, kind="pipeline", settings=SdxlSettings()).weights) == 2


def test_what_is_neither_a_path_nor_a_name_is_said_to_be() -> None:
    assert refusal("no/such/@@").reason == "missing_weights"


def test_nothing_is_fetched_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.generation.sdxl.weights._fetch", pytest.fail)
    refusal(BASE, kind="pipeline")


def test_pins_that_cannot_be_read_name_the_setting(tmp_path: Path) -> None:
    told = refusal("a/b", settings=SdxlSettings(sdxl_pins=tmp_path / "none.toml"))
    assert "MAPSI_GENERATION_SDXL_PINS" in told.text
