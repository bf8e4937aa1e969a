"""What MMDetection's training pipeline needs of us: copy-paste, and rare garments more often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from mmcv.transforms import BaseTransform
from mmdet.registry import DATA_SAMPLERS, TRANSFORMS
from mmdet.structures.bbox import HorizontalBoxes
from mmdet.structures.mask import BitmapMasks

from services.segmentation.data.cut_outs import CutOut, read_cut_outs
from services.segmentation.data.labelled import decode_segmentation
from services.segmentation.data.rarity import rarity
from services.segmentation.pasting import Lot, Scene, add_garment, add_person
from services.segmentation.second_stage.rescoring import FAMILY_INDEX

TWO_PEOPLE: Final = 0.3
"""How often, where someone is pasted, a second one is too."""


@TRANSFORMS.register_module()
class PasteCutOuts(BaseTransform):  # type: ignore[misc]
    """Pastes people beside people (``people``: how often, 0 to 1) and garments that nobody wears.

    It stands behind ``LoadAnnotations``. ``files``: the annotation files of training; those
    whose pictures say ``people`` or ``alone`` give the cut-outs, rare families more often.
    """

    def __init__(self, people: float, garments: float, files: Sequence[str] = ()) -> None:
        self.people, self.garments = people, garments
        self.files = [Path(file) for file in files]

    @cached_property
    def _lots(self) -> tuple[Lot, Lot]:
        """The people and the garments of all files."""
        read = [read_cut_outs(file) for file in self.files]
        kinds = [[c for kinds in read for c in kinds[kind]] for kind in (0, 1)]
        people, garments = (Lot(k, rarity([c.families for c in k], power=1.0)) for k in kinds)
        return people, garments

    @cached_property
    def _wearers(self) -> dict[str, CutOut]:
        return {str(cut_out.path): cut_out for cut_out in self._lots[0].cut_outs}

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Return the picture with what was pasted into it, boxes and masks included."""
        # mmengine seeds numpy's and Python's own generator in every worker process.
        random = np.random.default_rng(np.random.randint(2**31))
        people, garments = self._lots
        adding = []
        if people.cut_outs and random.random() < self.people:
            adding += [(add_person, people)] * (2 if random.random() < TWO_PEOPLE else 1)
        if garments.cut_outs and random.random() < self.garments:
            adding.append((add_garment, garments))
        if not adding:
            return results
        wearer = self._wearers.get(str(results["img_path"]))
        scene = Scene(
            results["img"][..., ::-1],
            tuple(results["gt_masks"].masks.astype(bool)),
            tuple(results["gt_bboxes_labels"].tolist()),
            decode_segmentation(wearer.region, wearer.size) if wearer else None,
        )
        for add, lot in adding:
            scene = add(scene, lot, random)
        return _changed(results, scene)


def _changed(results: dict[str, Any], scene: Scene) -> dict[str, Any]:
    height, width = scene.pixels.shape[:2]
    masks = BitmapMasks([mask.astype(np.uint8) for mask in scene.masks], height, width)
    return {
        **results,
        "img": np.ascontiguousarray(scene.pixels[..., ::-1]),
        "gt_masks": masks,
        "gt_bboxes": masks.get_bboxes(HorizontalBoxes),
        "gt_bboxes_labels": np.array(scene.categories, np.int64),
        "gt_ignore_flags": np.zeros(len(scene.masks), bool),
    }


@DATA_SAMPLERS.register_module()
class RareFamiliesSampler:
    """Draws pictures without end, those with rare families more often.

    ``shares``: how much of what is drawn each data set gives. Within a set a picture's weight
    is that of its rarest family, 1 / frequency to the power of ``power`` (0: all alike).
    """

    def __init__(
        self, dataset: Any, shares: Sequence[float], *, power: float = 0.5, seed: int | None = None
    ) -> None:
        weights = []
        for share, part in zip(shares, dataset.datasets, strict=True):
            families = [
                frozenset(FAMILY_INDEX[part.get_cat_ids(index)].tolist())
                for index in range(len(part))
            ]
            weights.append(share / sum(shares) * rarity(families, power=power))
        self._weights = np.concatenate(weights)
        self._random = np.random.default_rng(seed)

    def __iter__(self) -> Iterator[int]:
        while True:
            yield from self._random.choice(len(self), 512, p=self._weights).tolist()

    def __len__(self) -> int:
        return len(self._weights)

    def set_epoch(self, epoch: int) -> None:
        """Do nothing: there are no epochs."""
