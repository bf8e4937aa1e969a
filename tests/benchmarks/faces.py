"""How many photos of people have a face found, and what that costs: a table.

    python -m tests.benchmarks.faces [FOLDER] [--photos 200] [--sheet heads.png]

Without a folder only the made-up people of the package ``openpeople`` are looked at, by skin
tone. ``--sheet`` writes the hidden heads of the folder's photos, 16 in a row, to judge by eye.
"""

from __future__ import annotations

import json
import random
import resource
import time
from collections import Counter, defaultdict
from importlib.util import find_spec
from pathlib import Path

import click
import numpy as np
from PIL import Image

from shared.faces import Box, open_finder, veil
from shared.imaging import Pixels, decode

_TILE = 96
_ROW = 16


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--photos", default=200, show_default=True, help="Photos of the folder.")
@click.option("--sheet", type=click.Path(path_type=Path), help="Write the hidden heads there.")
def main(folder: Path | None, photos: int, sheet: Path | None) -> None:
    """Print what was found."""
    open_finder().load()
    _openpeople()
    if folder is not None:
        every = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
        _folder(random.Random(7).sample(every, min(photos, len(every))), sheet)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


def _openpeople() -> None:
    spec = find_spec("openpeople")
    assert spec is not None and spec.submodule_search_locations
    found, seen = Counter[str](), Counter[str]()
    for person in sorted(Path(spec.submodule_search_locations[0]).glob("data/curated/*")):
        facts = json.loads((person / "metadata.json").read_text())
        tone = facts["character_details"]["demographics"]["skin_tone"]
        for path in person.glob("assets/*.jpg"):
            if not path.stem.endswith("_sheet"):
                seen[tone] += 1
                found[tone] += bool(open_finder().find(_read(path)))
    for tone in sorted(seen):
        print(f"openpeople, {tone}: a face in {found[tone]} of {seen[tone]} photos")


def _folder(paths: list[Path], sheet: Path | None) -> None:
    spent: list[float] = []
    faces: defaultdict[int, int] = defaultdict(int)
    tiles: list[Image.Image] = []
    for path in paths:
        pixels = _read(path)
        started = time.process_time()
        boxes = open_finder().find(pixels)
        spent.append(time.process_time() - started)
        faces[min(len(boxes), 2)] += 1
        if boxes:
            tiles.append(_head(veil(pixels, boxes), boxes[0]))
    print(f"{len(paths)} photos: no face in {faces[0]}, one in {faces[1]}, more in {faces[2]}")
    print(f"{1000 * float(np.mean(spent)):.0f} ms of CPU a photo, decoding not counted")
    if sheet is not None:
        rows = -(-len(tiles) // _ROW)
        page = Image.new("RGB", (_ROW * _TILE, rows * _TILE), "white")
        for number, tile in enumerate(tiles):
            page.paste(tile, (number % _ROW * _TILE, number // _ROW * _TILE))
        page.save(sheet)


def _head(pixels: Pixels, box: Box) -> Image.Image:
    reach = 1.2 * max(box[2] - box[0], box[3] - box[1])
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    around = (round(x - reach), round(y - reach), round(x + reach), round(y + reach))
    return Image.fromarray(pixels).crop(around).resize((_TILE, _TILE))


def _read(path: Path) -> Pixels:
    return decode(path.read_bytes(), name=path.name).pixels


if __name__ == "__main__":
    main()
