"""Clothing Co-Parsing's label maps (Yang, Luo, Lin, CVPR 2014) in both forms they come in.

Its repository has ``annotations/pixel-level/0001.mat`` (``groundtruth``) and ``label_list.mat``;
a packed copy has ``masks/0001.png`` and ``labels.json``. Either way a pixel is an index into the
59 labels, and photos are ``photos/0001.jpg``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.errors import UsageError


def read_labels(folder: Path) -> list[str]:
    """Return the names of the labels, ``null`` first; UsageError where there are none."""
    try:
        if (folder / "label_list.mat").exists():
            from scipy.io import loadmat

            return [str(cell[0]) for cell in loadmat(folder / "label_list.mat")["label_list"][0]]
        labels: list[str] = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise UsageError(
            f"{folder}: no labels.json or label_list.mat that can be read; name a folder with "
            "Clothing Co-Parsing's photos/ and masks/ or annotations/",
            text_ko=f"{folder}: labels.json이나 label_list.mat을 읽을 수 없습니다. photos/와 "
            "masks/(또는 annotations/)가 있는 폴더를 지정하세요",
        ) from error
    return labels


def list_maps(folder: Path) -> list[Path]:
    """Return the files of the label maps, by name."""
    packed = sorted((folder / "masks").glob("*.png"))
    return packed or sorted((folder / "annotations" / "pixel-level").glob("*.mat"))


def read_map(path: Path) -> NDArray[np.integer]:
    """Return (height, width) indices into the labels; UsageError where it cannot be read."""
    try:
        if path.suffix == ".mat":
            from scipy.io import loadmat

            return np.asarray(loadmat(path)["groundtruth"])
        with Image.open(path) as image:
            return np.asarray(image)
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(
            f"{path}: cannot be read as a label map; remove it or unpack the data set again",
            text_ko=f"{path}: 라벨 지도를 읽을 수 없습니다. 지우거나 데이터셋을 다시 푸세요",
        ) from error
