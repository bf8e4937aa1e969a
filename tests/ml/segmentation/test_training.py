"""Training from labelled photos to weights that can be served, on made-up photos."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("mmdet")
pytest.importorskip("onnx")

from services.segmentation.data.splits import split_of
from services.segmentation.model import open_segmenter
from services.segmentation.settings import SegmentationSettings
from services.segmentation.train import train_segmenter

# MMDetection and the exporter warn about many things that are theirs.
pytestmark = [pytest.mark.ml, pytest.mark.filterwarnings("ignore")]

LABELS = ["null", "skin", "t-shirt", "jeans"]


def draw(name: str, folder, random: np.random.Generator) -> None:
    """Draw a "person": a bright shirt above dark trousers, with their label map."""
    labels = np.zeros((300, 200), np.uint8)
    left = int(random.integers(40, 80))
    labels[60:140, left : left + 80] = LABELS.index("t-shirt")
    labels[140:270, left + 10 : left + 70] = LABELS.index("jeans")
    pixels = np.full((300, 200, 3), 128, np.uint8)
    pixels[labels == 2] = random.integers(180, 256, 3)
    pixels[labels == 3] = random.integers(0, 60, 3)
    Image.fromarray(pixels).save(folder / "photos" / f"{name}.jpg")
    Image.fromarray(labels).save(folder / "masks" / f"{name}.png")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    for name in ("photos", "masks"):
        (data / "street" / name).mkdir(parents=True)
    (data / "street" / "labels.json").write_text(json.dumps(LABELS))
    names = [f"{number:04}" for number in range(60)]
    random = np.random.default_rng(0)
    for name in [name for name in names if split_of(name) == "train"][:8] + [
        name for name in names if split_of(name) == "val"
    ][:2]:
        draw(name, data / "street", random)
    return data


def train(data, out, *options: str):
    """Run ``mapsi train segmenter`` for a few steps; return its folder."""
    few = ["--epochs", "1", "--second-stage-steps", "3"]
    result = CliRunner().invoke(
        train_segmenter,
        ["--data", str(data), "--out", str(out), *few, *options],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    return train(data, tmp_path_factory.mktemp("out"))


def test_training_writes_weights_that_are_accepted(trained):
    assert (trained / "segmenter.onnx").stat().st_size < 25e6
    open_segmenter(SegmentationSettings(weights=trained)).load()


def test_training_can_go_on_from_both_networks(data, trained, tmp_path):
    from safetensors.torch import load_file

    options = ("--rate", "1e-7", "--paste-people", "1", "--paste-garments", "0", "--rarity", "1")
    out = train(data, tmp_path, "--init", str(trained / "segmenter.safetensors"), *options)
    for name, drift in (("segmenter.safetensors", 0.01), ("second_stage.safetensors", 0.05)):
        before, after = load_file(trained / name), load_file(out / name)
        weights = [key for key in before if key.endswith("weight")]
        assert max(float((before[k] - after[k]).abs().max()) for k in weights) < drift


def test_onnx_answers_as_torch_does(trained):
    import torch

    from services.segmentation.export import raw_answer_module
    from services.segmentation.metadata import read_metadata
    from services.segmentation.network import build, load_checkpoint, read_config

    metadata = read_metadata(trained)
    network = build(read_config("mobile"))
    load_checkpoint(network, metadata.verified(metadata.checkpoint))
    import onnxruntime

    session = onnxruntime.InferenceSession(
        metadata.verified(metadata.onnx), providers=["CPUExecutionProvider"]
    )
    for height, width in ((384, 256), (256, 384), (64, 96)):
        picture = np.random.default_rng(0).uniform(0, 255, (1, 3, height, width))
        picture = picture.astype(np.float32)
        with torch.inference_mode():
            expected = raw_answer_module(network).eval()(torch.from_numpy(picture))
        for ours, theirs in zip(session.run(None, {"picture": picture}), expected, strict=True):
            # Both hold weights of 16 bits; the sums are taken in another order.
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-2, atol=2e-2)


def test_both_engines_report_the_same_garments(trained):
    photo = np.random.default_rng(1).integers(0, 256, (330, 220, 3), np.uint8)
    reports = []
    for engine in ("onnx", "mmdet"):
        settings = SegmentationSettings(weights=trained, engine=engine, threshold=0.01)
        (garments,) = open_segmenter(settings).predict([photo])
        reports.append({(garment.category, round(garment.score, 2)) for garment in garments[:5]})
    assert reports[0] == reports[1]
