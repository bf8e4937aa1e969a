"""Training the pattern model: what is exported answers as what was trained."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch

from services.color.pattern.cutout import Cutout
from services.color.pattern.features import Features
from services.color.pattern.fitting import FOLDS, best_temperature, fit, folds_of
from services.color.pattern.model import open_session, softmax
from services.color.pattern.network import (
    FEATURES,
    Head,
    PatternNet,
    Trunk,
    export,
    joined,
)
from services.color.pattern.samples import Sample, list_samples
from services.color.pattern.tuning import FIRST, Recipe, Views, tune
from shared.imagenet import mobilenet_v2_weights
from shared.onnx_export import halve_weights
from tests.smoke.data import write_data

pytestmark = pytest.mark.ml
SAMPLE = Sample("garment", "1", "", "solid", doubtful=False, unit="7")


def made_up(count: int = 90) -> Features:
    """Features of three patterns that a head can tell apart."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 3
    values = random.normal(0, 1, (count, FEATURES)).astype(np.float32)
    values[:, :60] += 3 * (labels[:, None] == np.arange(60) // 20)
    no = np.zeros(count, np.bool_)
    units = np.array([f"garment/{number // 3}" for number in range(count)])
    return Features(values, labels, units, doubtful=no, genuine=~no, street=no)


def test_a_joined_head_answers_the_mean_of_its_parts():
    torch.manual_seed(0)
    heads = [Head().eval(), Head().eval()]
    features = torch.randn(4, FEATURES)
    mean = (heads[0](features) + heads[1](features)) / 2
    assert torch.allclose(joined(heads)(features), mean, atol=1e-5)


def test_cross_validation_says_how_well_the_head_does():
    features = made_up()
    found = fit(features, folds=folds_of(features.units), epochs=40)
    assert found.cross_validated_f1 > 0.9
    assert 0 < found.least_confidence <= 1


def test_the_trunk_learns_too_from_garments_outside_the_fold_that_judges(tmp_path):
    write_data(tmp_path / "data")
    data, masks = tmp_path / "data", tmp_path / "data/masks"
    samples = list_samples(data, data / "patterns.csv")[:12]
    network = Trunk(mobilenet_v2_weights())
    before = {key: value.clone() for key, value in network.state_dict().items()}
    told: list[str] = []
    recipe = Recipe(epochs=1)
    tune(network, samples, data=data, masks=masks, recipe=recipe, tell=told.append)
    changed = {key for key, value in network.state_dict().items() if (value != before[key]).any()}
    assert changed
    assert all(int(key.split(".")[1]) >= FIRST for key in changed)
    assert not any("running" in key for key in changed)
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert "pass 1/1" in told[0]


def test_garments_of_unlike_shapes_share_a_batch(tmp_path):
    views = Views([SAMPLE, SAMPLE], tmp_path, tmp_path)
    wide = Cutout(np.full((96, 160, 3), 7, np.uint8), np.ones((96, 160), np.float32))
    tall = Cutout(np.full((160, 96, 3), 9, np.uint8), np.ones((160, 96), np.float32))
    pixels, cover, target, weight = views.together([(wide, 0), None, (tall, 1)])
    assert pixels.shape == (2, 160, 160, 3)
    assert cover.sum(dim=(1, 2)).tolist() == [96 * 160, 160 * 96]
    assert target.shape == (2, 6)
    assert weight.shape == (2,)
    assert views.together([None]) is None


def test_folds_share_no_contributor_and_hold_everybody_once():
    units = [f"garment/{number % 17}" for number in range(60)]
    folds = folds_of(units)
    assert sorted(unit for fold in folds for unit in fold) == sorted(set(units))
    assert len(folds) == FOLDS


def test_a_temperature_calms_an_overconfident_head():
    labels = np.array([0, 1] * 50)
    logits = np.zeros((100, 6))
    logits[np.arange(100), np.where(np.arange(100) % 4 == 3, 0, labels)] = 9
    assert best_temperature(logits, labels) > 1.5


def test_the_half_sized_export_answers_as_the_network(tmp_path):
    torch.manual_seed(0)
    network = PatternNet(Trunk(mobilenet_v2_weights()), joined([Head()])).eval()
    file = tmp_path / "pattern.onnx"
    export(network, file, output="logits")
    full = file.stat().st_size
    halve_weights(file)
    half = file.read_bytes()
    assert len(half) < 0.55 * full
    pixels = np.random.default_rng(0).integers(0, 255, (1, 320, 160, 3), np.uint8)
    cover = np.ones((1, 320, 160), np.float32)
    with torch.no_grad():
        wanted = network(torch.from_numpy(pixels), torch.from_numpy(cover)).numpy()
    (given,) = open_session(half, threads=1).run(None, {"pixels": pixels, "cover": cover})
    assert np.abs(softmax(given) - softmax(wanted)).max() < 0.01
