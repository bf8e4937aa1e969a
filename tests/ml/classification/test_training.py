"""Training from photos to weights that can be served, on made-up photos."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch

from services.classification.calibrate import fit_odds
from services.classification.dataset import list_samples, listed, load_pools
from services.classification.distil import Recipe, batches, distil, save
from services.classification.finish import ship
from services.classification.model import open_classifier, prepare
from services.classification.net import FashionNet, ServedNet, Teacher, load_student
from services.classification.settings import ClassificationSettings
from shared.errors import UsageError

pytestmark = pytest.mark.ml


def picture(random: np.random.Generator, *, fashion: bool) -> Image.Image:
    """Draw a "garment", a bright block on gray, or nothing but noise."""
    pixels = np.full((200, 150, 3), random.integers(90, 150), np.uint8)
    if fashion:
        pixels[50:160, 40:110] = random.integers(0, 256, 3)
    else:
        pixels = random.integers(0, 256, pixels.shape, np.uint8)
    return Image.fromarray(pixels)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(0)
    for name in ("street/photos", "street/masks", "garments/photos", "negatives"):
        (folder / name).mkdir(parents=True)
    with (folder / "garments" / "garments.csv").open("w", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("image", "contributor", "label", "kids"))
        for index in range(40):
            rows.writerow((f"g{index}", str(index // 2), "T-Shirt", "False"))
            picture(random, fashion=True).save(folder / f"garments/photos/g{index}.jpg")
    for index in range(40):
        picture(random, fashion=True).save(folder / f"street/photos/{index:04}.jpg")
        picture(random, fashion=False).save(folder / f"negatives/n{index:08}_thing.jpg")
    for index in range(40):
        Image.fromarray(np.zeros((200, 150), np.uint8)).save(
            folder / f"street/masks/{index:04}.png"
        )
    (folder / "street/labels.json").write_text('["null", "hair"]', "utf-8")
    return folder


@pytest.fixture(scope="module")
def mobilenet(tmp_path_factory):
    """MobileNetV2 with random weights: the tests need its shapes, not its wisdom."""
    from torchvision.models import mobilenet_v2

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("teacher") / "mobilenet.pth"
    torch.save(mobilenet_v2().state_dict(), path)
    return path


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """Weights of EfficientNet-lite0, random."""
    from efficientnet_lite_pytorch import EfficientNet

    path = tmp_path_factory.mktemp("wide") / "efficientnet.pth"
    torch.save(EfficientNet.from_name("efficientnet-lite0").state_dict(), path)
    return path


@pytest.fixture(scope="module")
def teacher(mobilenet):
    return Teacher(mobilenet)


def test_no_contributor_is_in_two_splits(data):
    samples = list_samples(data)
    splits = {}
    for sample in samples:
        splits.setdefault((sample.group, sample.unit), set()).add(sample.split)
    assert all(len(found) == 1 for found in splits.values())
    assert {sample.split for sample in samples} == {"train", "validation", "test"}


def test_unclean_negatives_are_left_out(data):
    name = sorted(listed("unclean_negatives.txt"))[0]
    picture(np.random.default_rng(1), fashion=False).save(data / f"negatives/{name}_dress.jpg")
    assert not any(name in str(sample.path) for sample in list_samples(data))


def test_hard_negatives_are_a_kind_of_their_own(data):
    name = sorted(listed("hard_negatives.txt"))[0]
    picture(np.random.default_rng(1), fashion=False).save(data / f"negatives/{name}_dog.jpg")
    (sample,) = [sample for sample in list_samples(data) if name in str(sample.path)]
    assert (sample.label, sample.fashion) == ("people", False)
    assert not listed("hard_negatives.txt") & listed("unclean_negatives.txt")


def test_a_garment_keeps_its_label(data):
    garments = [sample for sample in list_samples(data) if sample.group == "garment"]
    assert {sample.label for sample in garments} == {"T-Shirt"}


def test_fitted_odds_come_true():
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, 20_000).astype(np.float32)
    labels = random.random(20_000) < 1 / (1 + np.exp(-(logits / 2.5)))
    temperature, shift = fit_odds(logits, labels)
    assert temperature == pytest.approx(2.5, rel=0.1)
    assert shift == pytest.approx(0, abs=0.2)


def test_a_second_training_goes_on_from_the_first(data, teacher, tmp_path):
    pools = load_pools(data, list_samples(data))
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    student = FashionNet()
    save(student, teacher, first)
    distil(
        pools,
        teacher,
        recipe=Recipe(minutes=0.02, side=32, batch=8, start=first),
        checkpoint=second,
        report=lambda done, step, loss: None,
    )
    before, after = student.trunk.conv1.weight, load_student(second).trunk.conv1.weight
    assert float((before - after).detach().abs().max()) < 0.01


def test_every_batch_is_half_fashion(data):
    pools = load_pools(data, list_samples(data))
    pixels, labels = next(batches(pools, Recipe(minutes=1, side=64, batch=16)))
    assert pixels.shape == (16, 64, 64, 3)
    assert pixels.dtype == torch.uint8
    assert labels.sum() == 8


def test_what_is_served_sees_what_was_trained(data):
    """The network's own pixels-to-logit and the served file's agree, and so does the order."""
    network = FashionNet().eval()
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    planes = network.pixels(torch.from_numpy(prepare([red], side=32)))
    expected = [(255 - 123.675) / 58.395, -116.28 / 57.12, -103.53 / 57.375]
    assert planes[0, :, 5, 5].tolist() == pytest.approx(expected, abs=1e-4)


def test_a_short_training_ends_in_weights_that_serve(data, wide, teacher, tmp_path):
    samples = list_samples(data)
    pools = load_pools(data, samples)
    heard = []
    student, _ = distil(
        pools,
        teacher,
        recipe=Recipe(minutes=0.12, side=64, batch=8),
        checkpoint=tmp_path / "student.safetensors",
        report=lambda done, step, loss: heard.append(loss),
    )
    assert heard and all(np.isfinite(heard))
    network = ServedNet(student, wide)
    fields = ship(network, pools, samples, side=128, folder=tmp_path, tell=print)
    assert fields["metrics"]["balanced_accuracy"] > 0.8
    classifier = open_classifier(ClassificationSettings(weights=tmp_path))
    random = np.random.default_rng(5)
    photo, *photos = [np.asarray(picture(random, fashion=True)) for _ in range(8)]
    others = [np.asarray(picture(random, fashion=False)) for _ in range(8)]
    served, *verdicts = classifier.predict([photo, *photos, *others])
    chances = [verdict.fashion for verdict in (served, *verdicts)]
    assert np.mean(chances[:8]) > np.mean(chances[8:]) + 0.2
    with torch.no_grad():
        _, embedding = student(torch.from_numpy(prepare([photo], side=64)))
    assert float(embedding[0].numpy() @ served.embedding) > 0.97
    restored = load_student(tmp_path / "student.safetensors")
    assert restored.trunk.conv1.weight.shape == (64, 3, 7, 7)


def test_a_head_can_be_fitted_anew_without_training(data, mobilenet, teacher, tmp_path):
    from click.testing import CliRunner

    from services.classification.train import train_classifier

    start = tmp_path / "student.safetensors"
    save(FashionNet(), teacher, start)
    options = ["--data", data, "--teacher", mobilenet, "--out", tmp_path / "out", "--minutes", 0]
    options += ["--start", start, "--served-side", 64, "--threads", 1]
    result = CliRunner().invoke(train_classifier, [str(option) for option in options])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / "classifier.onnx").is_file()


def test_no_head_without_a_student(data, mobilenet, tmp_path):
    from click.testing import CliRunner

    from services.classification.train import train_classifier

    options = ["--data", data, "--teacher", mobilenet, "--out", tmp_path, "--minutes", 0]
    result = CliRunner().invoke(train_classifier, [str(option) for option in options])
    assert isinstance(result.exception, UsageError)
