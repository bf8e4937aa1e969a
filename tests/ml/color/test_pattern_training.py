"""Training the pattern model: what is exported answers as what was trained."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch

from services.color.pattern.features import Features
from services.color.pattern.fitting import best_temperature, fit
from services.color.pattern.model import open_session, softmax
from services.color.pattern.network import (
    FEATURES,
    Head,
    PatternNet,
    Trunk,
    export,
    joined,
)
from shared.imagenet import mobilenet_v2_weights
from shared.onnx_export import halve_weights

pytestmark = pytest.mark.ml


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
    found = fit(made_up(), epochs=40)
    assert found.cross_validated_f1 > 0.9
    assert 0 < found.least_confidence <= 1


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
