"""What each step of the segmenter's data work gives: it is trained without one after the other.

``python -m tests.benchmarks.segmenter_ablation DATA --out runs/ablation --steps 120`` trains the
detector (no second stage) once with every step, once more with another seed, and once without each,
all from the same weights (``--init``, else ImageNet's) for as many steps. It prints the mean of the
six families on the validation photos of ``DATA/street`` and on made-up groups of their people. A
difference below that of the two seeds says nothing. The moving average is told from the first run,
the size of the test from the shipped weights. An interrupted run goes on where it was. Needs the ml
extra.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from services.segmentation import evaluate, finish, train
from services.segmentation.data.labelled import LabelledPhoto, read_labelled
from services.segmentation.data.scenes import make_scenes
from services.segmentation.metadata import Metadata, read_metadata
from services.segmentation.model import OnnxSegmenter
from services.segmentation.precision import mean
from services.segmentation.settings import SHIPPED, SegmentationSettings

START, EVERYTHING = "the start", "everything"
SIZES = ((192, 288), (256, 384), (320, 480), (384, 576))
"""At which the shipped weights are tested: short and long side."""


@dataclass(frozen=True)
class Row:
    """The mean of the six families on photos of one person, and on groups."""

    name: str
    ap: float
    ap50: float
    groups_ap: float
    groups_ap50: float


def everything(recipe: Any) -> None:
    """Change nothing."""


def another_seed(recipe: Any) -> None:
    recipe.randomness.seed += 1


def showing(**shown: float) -> Callable[[Any], None]:
    """Return what shows training's pictures otherwise."""

    def change(recipe: Any) -> None:
        recipe.shown = {**recipe.get("shown", {}), **shown}

    return change


def as_they_are(recipe: Any) -> None:
    """Show pictures in their own colours, at the size of the test."""
    recipe.train_pipeline = [
        {**step, "ratio_range": (1.0, 1.0)} if step["type"] == "RandomResize" else step
        for step in recipe.train_pipeline
        if step["type"] != "YOLOXHSVRandomAug"
    ]


def plain(recipe: Any) -> None:
    as_they_are(recipe)
    showing(paste_people=0, paste_garments=0, rarity=0)(recipe)


RUNS: dict[str, tuple[Callable[[Any], None], bool]] = {
    EVERYTHING: (everything, True),
    "everything, another seed": (another_seed, True),
    "without any of these": (plain, False),
    "without pasted garments": (showing(paste_garments=0), True),
    "without pasted people": (showing(paste_people=0), True),
    "without photos of single garments": (everything, False),
    "without rare families more often": (showing(rarity=0), True),
    "without changes of colour and scale": (as_they_are, True),
}
"""What is changed in the recipe, and whether photos of single garments are learned from."""


class Photos:
    """The validation photos, and groups made of them."""

    def __init__(self, data: Path, work: Path) -> None:
        self.alone = list(read_labelled(data, "val"))
        if not (work / "scenes" / "scenes-val.json").exists():
            make_scenes(work / "data", work / "scenes", split="val")
        self.groups = list(read_labelled(work / "scenes", "val"))

    def judge(self, weights: Path, name: str, scale: tuple[int, int] | None = None) -> Row:
        """Return how good weights are, at their own size of a picture or another."""
        metadata = read_metadata(weights)
        metadata = metadata.model_copy(update={"input_scale": scale or metadata.input_scale})
        alone, groups = (measured(metadata, photos) for photos in (self.alone, self.groups))
        return Row(name, *alone, *groups)


def measured(metadata: Metadata, photos: Iterable[LabelledPhoto]) -> tuple[float, float]:
    """Return AP and AP50, the mean of the families."""
    settings = SegmentationSettings(weights=metadata.folder, threshold=evaluate.LOWEST)
    segmenter = OnnxSegmenter(metadata, settings)
    board = evaluate.measure(segmenter, photos, threshold=finish.UNCHOSEN).board
    precision = mean(board.by_family())
    return precision.ap, precision.ap50


def written(network: Any, out: Path, scale: tuple[int, int]) -> Path:
    """Write a network so that it can be served, for pictures of a size."""
    finish.write_weights(network, out)
    finish.write_metadata(out, finish.Description("mobile", scale), threshold=finish.UNCHOSEN)
    return out


def recipe_for(change: Callable[[Any], None], arguments: argparse.Namespace) -> Any:
    from services.segmentation.network import read_config

    recipe = read_config("mobile")
    change(recipe)
    resize(recipe, arguments.size)
    recipe.steps = arguments.steps
    recipe.optim_wrapper.optimizer.lr = arguments.rate or recipe.optim_wrapper.optimizer.lr
    # The average of so few steps would be the last ones else.
    recipe.custom_hooks[0]["gamma"] = max(1, arguments.steps // 4)
    return recipe


def resize(recipe: Any, size: tuple[int, int]) -> None:
    """Train at another size: short and long side."""
    for step in recipe.train_pipeline:
        for key, value in step.items():
            if value == recipe.input_scale:
                step[key] = size
    recipe.input_scale = size


def started(init: Path, out: Path, size: tuple[int, int]) -> Path:
    """Write the weights that all runs start from."""
    from services.segmentation.network import build, load_checkpoint, read_config

    network = build(read_config("mobile"))
    load_checkpoint(network, init.read_bytes())
    return written(network, out, size)


def unaveraged(work: Path) -> dict[str, Any]:
    """Return the weights of a run's last step; mmengine keeps them where the average was."""
    import torch
    from mmengine.runner import find_latest_checkpoint

    content = torch.load(find_latest_checkpoint(str(work)), weights_only=True)
    raw = content["ema_state_dict"]
    return {key.removeprefix("module."): value for key, value in raw.items() if key != "steps"}


def rows(arguments: argparse.Namespace, known: dict[str, Row]) -> Iterator[Row]:
    """Train and judge what is not known yet."""
    out = arguments.out
    files = train.prepare_data(
        arguments.data, out / "data", saliency_model=arguments.saliency_model
    )
    photos = Photos(arguments.data, out)
    if arguments.init and START not in known:
        yield photos.judge(started(arguments.init, out / "start", arguments.size), START)
    for name, (change, garments) in RUNS.items():
        if name in known:
            continue
        used = [path for path in files if garments or not path.name.startswith("garments")]
        work = out / name.replace(" ", "-").replace(",", "")
        recipe = recipe_for(change, arguments)
        network = train.run(recipe, used, work, init=arguments.init)
        yield photos.judge(written(network, work, recipe.input_scale), name)
        if name == EVERYTHING:
            network.load_state_dict(unaveraged(work), strict=False)
            last = written(network, work / "last", recipe.input_scale)
            yield photos.judge(last, "without the moving average")
    for scale in SIZES:
        name = f"shipped, at {scale[0]} x {scale[1]}"
        if name not in known:
            yield photos.judge(SHIPPED, name, scale)


def read_rows(path: Path) -> dict[str, Row]:
    if not path.exists():
        return {}
    read = [Row(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row.name: row for row in read}


def draw(known: dict[str, Row]) -> Table:
    table = Table("", "AP", "AP50", "groups: AP", "AP50")
    for row in known.values():
        figures = (row.ap, row.ap50, row.groups_ap, row.groups_ap50)
        table.add_row(row.name, *(f"{value:.3f}" for value in figures))
    return table


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="street/ and garments/, as mapsi train reads them")
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--steps", type=int, default=120, help="of 8 pictures, each run")
    parser.add_argument("--size", type=int, nargs=2, default=[256, 384], help="short, long side")
    parser.add_argument("--rate", type=float, help="learning rate; default: the configuration's")
    parser.add_argument("--init", type=Path, help="a segmenter.safetensors; default: ImageNet's")
    parser.add_argument("--saliency-model", type=Path, help="U2-Net as ONNX, for garments/")
    arguments = parser.parse_args()
    arguments.size = tuple(arguments.size)
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    results = arguments.out / "rows.jsonl"
    for row in rows(arguments, read_rows(results)):
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(vars(row)) + "\n")
        print(row, flush=True)
    Console().print(draw(read_rows(results)))


if __name__ == "__main__":
    main()
