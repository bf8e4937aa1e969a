"""Every configuration trains, goes on after a kill, and is served; other people's weights too."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("torch")
pytest.importorskip("mmdet")
pytest.importorskip("onnx")

import torch

from services.segmentation.export_command import export_segmenter
from services.segmentation.finish import (
    Description,
    decide,
    describe,
    write_metadata,
    write_weights,
)
from services.segmentation.metadata import read_metadata
from services.segmentation.model import open_segmenter
from services.segmentation.network import build, read_config, train_all
from services.segmentation.settings import SegmentationSettings
from services.segmentation.train import run
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import PermanentError, UsageError
from shared.masks import decode_mask
from tests.benchmarks.segmentation import agreement
from tests.ml.segmentation.made_up import made_small, write_coco

# MMDetection and the exporter warn about many things that are theirs.
pytestmark = [
    pytest.mark.ml,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(1200),
]

SHAPES = ((330, 220), (300, 200), (220, 330), (96, 96), (300, 200))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_coco(tmp_path_factory.mktemp("data") / "coco", train=4, val=1)


def photos(seed: int = 1) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.integers(0, 256, (*shape, 3), np.uint8) for shape in SHAPES]


def engine(folder: Path, name: str, **more: object):
    given = {"weights": folder, "engine": name, "threshold": 0.02, **more}
    return open_segmenter(SegmentationSettings(**given))


def certain(network):
    """Make an untrained network report garments, and prefer one category to the others."""
    for layer in network.bbox_head.rtm_cls:
        layer.weight.data *= 30
        layer.bias.data += 4
    return network


@pytest.mark.parametrize("config", ["rtmdet-tiny", "rtmdet-s", "mask-rcnn-r50"])
def test_a_few_steps_give_weights_that_the_mmdet_engine_serves(config, data, tmp_path):
    recipe = made_small(read_config(config))
    network = run(recipe, [data / "made-train.json"], tmp_path / "run")
    write_weights(network, tmp_path / "out")
    metadata = decide(tmp_path / "out", describe(config, recipe.input_scale, data), data)
    assert (metadata.onnx is None) == (config == "mask-rcnn-r50")
    assert dict(metadata.data) == {"made-train": "annotations"}
    found = engine(tmp_path / "out", "mmdet").predict(photos())
    for garments, (height, width) in zip(found, SHAPES, strict=True):
        for garment in garments:
            assert garment.mask.size == (height, width)
            assert garment.area == decode_mask(garment.mask, height=height, width=width).sum() > 0


def test_a_killed_training_goes_on_where_it_was(data, tmp_path):
    work = tmp_path / "run"
    script = (
        "from pathlib import Path; import torch; torch.set_num_threads(1)\n"
        "from services.segmentation.network import read_config\n"
        "from services.segmentation.train import run\n"
        "from tests.ml.segmentation.made_up import made_small\n"
        "recipe = made_small(read_config('mobile')); recipe.epochs = 500\n"
        f"run(recipe, [Path({str(data / 'made-train.json')!r})], Path({str(work)!r}))\n"
    )
    root = Path(__file__).parents[3]
    path = os.pathsep.join([str(root), *filter(None, sys.path)])
    with (tmp_path / "log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", script],
            env={**os.environ, "PYTHONPATH": path},
            stdout=log,
            stderr=log,
            cwd=root,
        )
        try:
            while not (work / "last_checkpoint").exists():
                assert child.poll() is None, (tmp_path / "log").read_text()[-2000:]
                time.sleep(0.2)
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
    reached = int(Path((work / "last_checkpoint").read_text()).stem.removeprefix("iter_"))
    recipe = made_small(read_config("mobile"))
    recipe.epochs, recipe.resume = reached, True  # two steps an epoch: as many steps again
    run(recipe, [data / "made-train.json"], work)
    steps = Path((work / "last_checkpoint").read_text()).stem
    assert steps == f"iter_{2 * reached}"
    resumed = [path for path in work.rglob("*.log") if f"iter: {reached}" in path.read_text()]
    assert resumed


@pytest.fixture(scope="module")
def raw_weights(tmp_path_factory):
    """RTMDet-Ins tiny as colours in blue, green, red; untrained, but sure of itself."""
    torch.manual_seed(0)
    out = tmp_path_factory.mktemp("raw")
    write_weights(certain(build(read_config("rtmdet-tiny"))), out)
    write_metadata(out, Description("rtmdet-tiny", (128, 192)), threshold=0.3)
    return out


def test_both_engines_report_the_same_garments(raw_weights):
    given = [photo for seed in range(6) for photo in photos(seed)]
    onnx, mmdet = (engine(raw_weights, name).predict(given) for name in ("onnx", "mmdet"))
    alike = agreement(onnx, mmdet)
    assert alike["matched"] >= 10
    assert alike["only in one"] <= 0.05 * alike["matched"]
    assert alike["IoU at least .95"] >= 0.99
    assert alike["same category"] >= 0.99


def test_a_photos_garments_do_not_depend_on_its_company(raw_weights):
    given = photos()
    together = engine(raw_weights, "mmdet", batch_size=4).predict(given)
    alone = [engine(raw_weights, "mmdet").predict([photo])[0] for photo in given]
    for first, second in zip(together, alone, strict=True):
        assert [one.category for one in first] == [one.category for one in second]
        np.testing.assert_allclose(
            [one.score for one in first], [one.score for one in second], atol=2e-3
        )


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """A random Mask R-CNN of 15 classes, as the model zoo publishes its own."""
    torch.manual_seed(0)
    network = build(read_config("mask-rcnn-r50-deepfashion"))
    path = tmp_path_factory.mktemp("zoo") / "mask_rcnn_r50_fpn_15e_deepfashion.pth"
    meta = {"CLASSES": ("top", "skirt"), "time": "Sun Mar 29 2020", "mmdet_version": "2.0.0"}
    torch.save({"meta": meta, "state_dict": network.state_dict()}, path)
    return path


def test_the_model_zoos_deepfashion_weights_are_mapped_to_our_categories(zoo, tmp_path):
    result = CliRunner().invoke(
        export_segmenter,
        ["--checkpoint", str(zoo), "--config", "mask-rcnn-r50-deepfashion", "--out",
         str(tmp_path / "out"), "--license", "Apache-2.0"],
        catch_exceptions=False,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    metadata = read_metadata(tmp_path / "out")
    assert (metadata.onnx, len(metadata.classes)) == (None, 15)
    text = (tmp_path / "out" / "segmenter.toml").read_text()
    (tmp_path / "out" / "segmenter.toml").write_text(text.replace("[750, 1101]", "[96, 144]"))
    found = engine(tmp_path / "out", "mmdet", threshold=0.01).predict(photos())
    garments = [garment for one in found for garment in one]
    assert garments
    assert {garment.category for garment in garments} <= set(metadata.classes) & set(CATEGORIES)
    with pytest.raises(PermanentError, match="MAPSI_SEGMENTATION_ENGINE=mmdet"):
        engine(tmp_path / "out", "onnx")


class Evil:
    """Runs code where a checkpoint is unpickled carelessly."""

    def __reduce__(self):
        return (Path.touch, (Path("evil-was-here"),))


def test_a_checkpoint_with_code_in_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in (("torch.pth", None), ("plain.pth", pickle.dumps(Evil()))):
        path = tmp_path / name
        if content is None:
            torch.save({"state_dict": Evil()}, path)
        else:
            path.write_bytes(content)
        with pytest.raises(UsageError, match=f"{name}: no weights that can be read safely"):
            CliRunner().invoke(
                export_segmenter,
                ["--checkpoint", str(path), "--out", str(tmp_path / "out")],
                catch_exceptions=False,
            )
    assert not (tmp_path / "evil-was-here").exists()


def test_weights_of_another_configuration_are_refused_in_one_line(raw_weights, tmp_path):
    with pytest.raises(UsageError, match="does not fit the configuration"):
        CliRunner().invoke(
            export_segmenter,
            ["--checkpoint", str(raw_weights / "segmenter.safetensors"), "--out", str(tmp_path)],
            catch_exceptions=False,
        )


def test_a_backbone_without_weights_is_trained_as_a_whole():
    network = build(read_config("mask-rcnn-r50"))
    assert not network.backbone.conv1.weight.requires_grad
    train_all(network)
    network.train()
    assert network.backbone.conv1.weight.requires_grad
    assert network.backbone.layer1[0].bn1.training


def test_mmdets_own_operators_are_found_without_a_compiler():
    read_config("mask-rcnn-r50")
    from mmcv.ops import roi_align
    from torchvision.ops import roi_align as expected

    features = torch.rand(2, 3, 20, 30, requires_grad=True)
    rois = torch.tensor([[0, 1.0, 2, 40, 60], [1, 5, 5, 100, 70]])
    ours = roi_align(features, rois, (7, 7), 0.25, 2, "avg", True)
    theirs = expected(features, rois, (7, 7), 0.25, 2, True)
    torch.testing.assert_close(ours, theirs)
    weights = torch.rand_like(ours)
    given, wanted = (torch.autograd.grad((one * weights).sum(), features) for one in (ours, theirs))
    torch.testing.assert_close(given[0], wanted[0])
