"""``mapsi train segmenter``: from labelled photos to weights that are ready to serve."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from services.segmentation.data.labelled import coco_files
from shared.contracts.vocabulary import CATEGORIES
from shared.errors import UsageError

WITHOUT_BACKBONE = (
    "the backbone starts from nothing; with --backbone it learns faster "
    "(백본을 처음부터 학습합니다. --backbone을 주면 더 빨리 배웁니다)"
)
CONVERTED: Final = ("street", "garments", "tagged")
"""What is trained on from ``OUT/data``; ``mapsi data tagged`` writes the last."""
REPEATS: Final = {"street": 6, "tagged": 4}
SHOWN: Final = {"paste_people": 0.25, "paste_garments": 0.25, "rarity": 0.5}
"""How training shows pictures, unless it is told otherwise."""
Folder = click.Path(file_okay=False, path_type=Path)
File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              required=True, help="Folder with street/ and garments/, or one that `mapsi data` "
              "wrote. 학습 데이터 폴더.")  # fmt: skip
@click.option("--out", type=Folder, default=Path("runs/segmenter"), show_default=True)
@click.option("--config", default="mobile", show_default=True,
              help="mobile: two CPU cores; large, rtmdet-tiny, rtmdet-s, mask-rcnn-r50: "
              "a GPU. 모델 구성.")  # fmt: skip
@click.option("--saliency-model", type=File,
              help="U²-Net as ONNX, for the masks of garments/; unset: none.")  # fmt: skip
@click.option("--init", type=File, help="Start from this segmenter.safetensors, and the second "
              "stage from the one beside it; not from ImageNet. 시작 가중치.")  # fmt: skip
@click.option("--backbone", type=File, help="ImageNet weights of a ResNet or CSPNeXt (.pth, "
              ".safetensors); MobileNetV2's are in a package. 백본 가중치.")  # fmt: skip
@click.option("--resume", is_flag=True,
              help="Go on with the interrupted run in --out. 중단된 학습 이어서 하기.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(min=1), help="Default: the configuration's.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Learning rate; a "
              "smaller one with --init. Default: the configuration's. 학습률.")  # fmt: skip
@click.option("--paste-people", type=click.FloatRange(0, 1), help="How often someone is pasted "
              "beside a picture's people. Default: 0.25. 사람 붙이기.")  # fmt: skip
@click.option("--paste-garments", type=click.FloatRange(0, 1), help="How often a garment that "
              "nobody wears is pasted into a picture. Default: 0.25. 옷 붙이기.")  # fmt: skip
@click.option("--rarity", type=click.FloatRange(0, 1), help="0: all pictures as often; 1: rare "
              "families as often as others. Default: 0.5. 드문 옷.")  # fmt: skip
@click.option("--second-stage-steps", type=click.IntRange(min=0), help="0: the detector "
              "alone. Default: the configuration's. 2단계 학습 횟수.")  # fmt: skip
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:1.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True,
              help="On a busy machine one is faster than two.")  # fmt: skip
def train_segmenter(
    data: Path,
    out: Path,
    config: str,
    saliency_model: Path | None,
    init: Path | None,
    backbone: Path | None,
    resume: bool,
    epochs: int | None,
    rate: float | None,
    second_stage_steps: int | None,
    device: str,
    threads: int,
    **shown: float | None,
) -> None:
    """Train the segmenter and write its weights and segmenter.toml into --out. 옷 분할 학습.

    Networks that ONNX cannot hold (Mask R-CNN) are written as safetensors alone.
    """
    import torch

    from services.segmentation.finish import SECOND_STAGE, decide, describe, write_weights
    from services.segmentation.network import read_config
    from shared.devices import usable_device

    torch.set_num_threads(threads)
    recipe = read_config(config)
    check_trainable(config, recipe, device=usable_device(device))
    recipe.device = device
    recipe.epochs = epochs or recipe.epochs
    recipe.optim_wrapper.optimizer.lr = rate or recipe.optim_wrapper.optimizer.lr
    recipe.shown = {name: value for name, value in shown.items() if value is not None}
    recipe.resume = resume
    files = prepare_data(data, out / "data", saliency_model=saliency_model)
    network = run(recipe, files, out / "run", init=init, backbone=backbone)
    write_weights(network, out)
    description = describe(config, recipe.input_scale, data)
    metadata = decide(out, description, data)
    steps = (
        recipe.get("second_stage_steps", 0) if second_stage_steps is None else second_stage_steps
    )
    if steps and metadata.onnx:
        known = init.with_name(SECOND_STAGE["second_stage_checkpoint"]) if init else None
        known = known if known and known.exists() else None
        look_closer(out, files, data, steps=steps, init=known, device=device)
        metadata = decide(out, description, data)
    click.echo(f"{out / 'segmenter.toml'}: threshold {metadata.threshold}, {metadata.metrics}")


def check_trainable(config: str, recipe: Any, *, device: str) -> None:
    """Raise UsageError where a configuration is not for training, or not on this device."""
    if "epochs" not in recipe:
        raise UsageError(
            f"{config}: made for weights from elsewhere; choose another --config to train",
            text_ko=f"{config}: 학습용 구성이 아닙니다. 다른 --config를 고르세요",
        )
    if device == "cpu" and recipe.optim_wrapper.type == "AmpOptimWrapper":
        raise UsageError(
            f"{config}: trains in bfloat16 on a GPU; name one with --device, or choose another "
            "--config",
            text_ko=f"{config}: GPU에서 bfloat16으로 학습합니다. --device로 GPU를 지정하거나 다른 "
            "--config를 고르세요",
            reason="needs_gpu",
        )


def prepare_data(data: Path, out: Path, *, saliency_model: Path | None) -> list[Path]:
    """Convert what was not converted yet; return the annotation files for training."""
    ready = coco_files(data, "train")
    if ready:
        return ready
    from services.segmentation.data.coco import convert_garments, convert_street

    street, garments, tagged = (out / f"{name}-train.json" for name in CONVERTED)
    if not street.exists():
        click.echo(f"street: {convert_street(data / 'street', out).written('en')}")
    if saliency_model and not garments.exists():
        report = convert_garments(data / "garments", out, saliency_model=saliency_model)
        click.echo(f"garments: {report.written('en')}")
    return [path for path in (street, garments, tagged) if path.exists()]


def run(
    recipe: Any,
    files: list[Path],
    work: Path,
    *,
    init: Path | None = None,
    backbone: Path | None = None,
) -> Any:
    """Train with mmengine's Runner on the recipe's ``device``; return the averaged network."""
    from mmengine.device import utils as devices
    from mmengine.runner import Runner

    import services.segmentation.augmentation  # noqa: F401 - registers what recipes name
    from services.segmentation.checkpoints import keep_checkpoints_plain
    from services.segmentation.network import (
        averaged_weights,
        load_backbone,
        load_checkpoint,
        skip_initialisation,
        train_all,
    )

    devices.DEVICE = recipe.get("device", "cpu")  # else the Runner takes any GPU it finds
    runner = Runner.from_cfg(complete(recipe, files, work))
    network = runner.model
    network.init_weights()
    if init:
        load_checkpoint(network, init.read_bytes())
    elif not load_backbone(network, backbone):
        click.echo(WITHOUT_BACKBONE, err=True)
        train_all(network)
    skip_initialisation(network)
    keep_checkpoints_plain(runner)
    runner.train()
    network.load_state_dict(averaged_weights(work))
    return network


def look_closer(
    out: Path,
    files: list[Path],
    data: Path,
    *,
    steps: int,
    init: Path | None = None,
    device: str = "cpu",
) -> None:
    """Train the second stage on what the detector in ``out`` draws on the training photos."""
    from services.segmentation.metadata import read_metadata
    from services.segmentation.model import OnnxSegmenter
    from services.segmentation.second_stage.scenes import collect, scenes_of_coco
    from services.segmentation.second_stage.train import train_second_stage
    from services.segmentation.settings import SegmentationSettings

    segmenter = OnnxSegmenter(read_metadata(out), SegmentationSettings(weights=out))
    scenes = collect(files, data / "street", segmenter, tell=click.echo)
    val = []
    for file in files:
        labelled = file.with_name(file.name.replace("-train.", "-val."))
        if labelled.exists() and not file.name.startswith("garments"):
            val += scenes_of_coco(labelled, "val", segmenter)
    train_second_stage(scenes, val, out, steps=steps, init=init, device=device, tell=click.echo)


def complete(recipe: Any, files: list[Path], work: Path) -> Any:
    """Return the configuration with data, number of steps, learning rate's course and folder.

    The number of steps is the recipe's own (``steps``) or follows from its epochs.
    """
    recipe.work_dir = str(work)
    recipe.shown = {**SHOWN, **recipe.get("shown", {})}
    recipe.train_dataloader.dataset = _dataset(recipe, files)
    shares = [_count(path) * _repeats(path) for path in files]
    recipe.train_dataloader.sampler = {
        "type": "RareFamiliesSampler",
        "shares": shares,
        "power": recipe.shown["rarity"],
    }
    counted = recipe.epochs * sum(shares) // recipe.train_dataloader.batch_size
    steps = recipe.get("steps") or max(1, counted)
    recipe.train_cfg = {"type": "IterBasedTrainLoop", "max_iters": steps}
    rate = recipe.optim_wrapper.optimizer.lr
    warm, flat = max(1, min(100, steps // 4)), steps // 4
    recipe.param_scheduler = [
        {"type": "LinearLR", "start_factor": 0.01, "by_epoch": False, "begin": 0, "end": warm},
        {
            "type": "CosineAnnealingLR",
            "eta_min": rate * 0.03,
            "begin": flat,
            "end": steps,
            "T_max": steps - flat,
            "by_epoch": False,
        },
    ]
    return recipe


def _dataset(recipe: Any, files: list[Path]) -> dict[str, Any]:
    pipeline = _with_cut_outs(recipe, files)
    return {
        "type": "ConcatDataset",
        "datasets": [
            {
                "type": "CocoDataset",
                "ann_file": str(path),
                "data_prefix": {"img": f"{path.parent / path.stem.removesuffix('-train')}/"},
                "metainfo": {"classes": CATEGORIES},
                "filter_cfg": {"filter_empty_gt": True, "min_size": 8},
                "pipeline": pipeline,
            }
            for path in files
        ],
    }


def _with_cut_outs(recipe: Any, files: list[Path]) -> list[Any]:
    """Return the training pipeline that pastes, as soon as a picture and its masks are read."""
    pasting = {
        "type": "PasteCutOuts",
        "people": recipe.shown["paste_people"],
        "garments": recipe.shown["paste_garments"],
        "files": [str(path) for path in files],
    }
    read = next(
        index
        for index, step in enumerate(recipe.train_pipeline, start=1)
        if step["type"] == "LoadAnnotations"
    )
    return [*recipe.train_pipeline[:read], pasting, *recipe.train_pipeline[read:]]


def _repeats(path: Path) -> int:
    """Return how often a pass over the data shows a file's photos: the street is the task."""
    return REPEATS.get(path.name.removesuffix("-train.json"), 1)


def _count(path: Path) -> int:
    return len(json.loads(path.read_text())["images"])
