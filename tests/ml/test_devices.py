"""Every trainer refuses a GPU that is not there, in one line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

pytest.importorskip("torch")
pytest.importorskip("mmdet")

import torch

from services.classification.train import train_classifier
from services.color.pattern.train import train_pattern
from services.segmentation.train import train_segmenter
from shared.errors import UsageError

# MMDetection warns about many things that are its own.
pytestmark = [pytest.mark.ml, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize(
    ("trainer", "more"),
    [(train_classifier, ()), (train_segmenter, ("--config", "large")), (train_pattern, ())],
)
def test_a_gpu_that_is_not_there_is_refused(monkeypatch, tmp_path, trainer, more):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    given = ["--data", str(tmp_path), "--device", "cuda", *more]
    if trainer is train_pattern:
        given += ["--masks", str(tmp_path)]
    error = CliRunner().invoke(trainer, given).exception
    assert isinstance(error, UsageError)
    assert error.reason == "no_gpu" and "GPU" in error.text_ko


def test_a_network_for_a_gpu_is_not_begun_on_a_processor(tmp_path):
    given = ["--data", str(tmp_path), "--config", "large"]
    error = CliRunner().invoke(train_segmenter, given).exception
    assert isinstance(error, UsageError)
    assert error.reason == "needs_gpu" and "--device" in error.text
