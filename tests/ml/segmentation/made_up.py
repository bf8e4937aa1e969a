"""Made-up photos for tests that train: a bright shirt above dark trousers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from services.segmentation.data.coco import CocoFile


def write_coco(folder: Path, **photos: int) -> Path:
    """Write a COCO folder with so many photos of 200 x 300 pixels by split."""
    (folder / "made").mkdir(parents=True)
    random = np.random.default_rng(0)
    for split, count in photos.items():
        file = CocoFile()
        for number in range(count):
            shirt, trousers = np.zeros((2, 300, 200), bool)
            left = int(random.integers(40, 80))
            shirt[60:140, left : left + 80] = trousers[140:270, left + 10 : left + 70] = True
            pixels = np.full((300, 200, 3), 128, np.uint8)
            pixels[shirt] = random.integers(180, 256, 3)
            pixels[trousers] = random.integers(0, 60, 3)
            name = f"{split}{number}.jpg"
            Image.fromarray(pixels).save(folder / "made" / name)
            image_id = file.add_image(name, width=200, height=300)
            file.add_garment(image_id, "short_sleeved_shirt", shirt)
            file.add_garment(image_id, "trousers", trousers)
        (folder / f"made-{split}.json").write_text(json.dumps(file.body()))
    return folder


def made_small(recipe: Any) -> Any:
    """Let a recipe see tiny pictures, two a step, without worker processes."""
    recipe.epochs, side = 1, 96
    recipe.input_scale = (side, side)
    for step in recipe.train_pipeline:
        for key in ("scale", "img_scale", "crop_size", "size"):
            if key in step:
                step[key] = (side, side)
    loader = recipe.train_dataloader
    loader.batch_size, loader.num_workers = 2, 0
    loader.persistent_workers = loader.pin_memory = False
    recipe.default_hooks.checkpoint.interval = 1
    return recipe
