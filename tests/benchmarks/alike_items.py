"""How alike are the items that are said to be? On real garment photos that have labels.

    python -m tests.benchmarks.alike_items DATA MASKS

``DATA`` holds garments/ (clothing-dataset), ``MASKS`` a saliency map <photo>.png for each photo.
No two photos of one contributor are compared: they share the room, the light and the taste. The
weight of colour is chosen on the contributors of the training split, where the embedding's
directions were learned too, and measured on the others.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from services.color.domain import palette
from services.color.names import color_names
from services.color.pattern.metadata import read_metadata
from services.color.pattern.model import PatternReader
from services.color.pattern.samples import Sample, list_samples, read_samples
from services.color.settings import SHIPPED, ColorSettings
from services.color.table import open_table
from services.gateway.catalog.alike import COLOR_WEIGHT, FAR
from shared.embeddings import from_bytes, to_bytes
from shared.lab import ciede2000, srgb_to_lab
from shared.settings import read

_KIND: Final = {
    "T-Shirt": "top", "Polo": "top", "Longsleeve": "top", "Shirt": "top", "Hoodie": "top",
    "Blouse": "top", "Top": "top", "Undershirt": "top", "Outwear": "outer", "Blazer": "outer",
    "Pants": "trousers", "Shorts": "shorts", "Skirt": "skirt", "Dress": "dress",
}  # fmt: skip
WEIGHTS: Final = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
FIRST: Final = 5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Garments:
    """Garments that can be looked for among each other, as arrays."""

    looks: Floats
    lab: Floats
    labels: npt.NDArray[np.str_]
    basics: npt.NDArray[np.str_]
    patterns: npt.NDArray[np.str_]
    units: npt.NDArray[np.str_]

    def part(self, which: npt.NDArray[np.bool_]) -> Garments:
        """Return some of them."""
        return Garments(*(array[which] for array in vars(self).values()))

    def comparable(self) -> npt.NDArray[np.bool_]:
        """Tell which pairs (n, n) are of one family and not of one contributor."""
        kinds = np.array([_KIND[label] for label in self.labels])
        return (kinds[:, None] == kinds) & (self.units[:, None] != self.units)

    def far(self) -> Floats:
        """Return how far apart the colours of each pair (n, n) are, 0 to 1."""
        rows = [ciede2000(self.lab, one) for one in self.lab]
        return np.minimum(np.stack(rows), FAR) / FAR


def measured(garments: Garments, likeness: Floats) -> tuple[float, ...]:
    """Return the share of the first ``FIRST`` that have the same label, colour, pattern, all."""
    ranked = np.where(garments.comparable(), likeness, -np.inf)
    first = np.argsort(-ranked, axis=1, kind="stable")[:, :FIRST]
    same = [
        told[first] == told[:, None]
        for told in (garments.labels, garments.basics, garments.patterns)
    ]
    return tuple(float(part.mean()) for part in (*same, np.logical_and.reduce(same)))


def see(data: Path, masks: Path) -> tuple[Garments, list[str]]:
    """Run the shipped models on every labelled garment photo; return also each one's split."""
    samples = [s for s in list_samples(data) if s.group == "garment" and not s.doubtful]
    rows = list(_seen(data, masks, samples, _labels(data)))
    looks, lab, labels, basics, patterns, units, splits = zip(*rows, strict=True)
    told = (np.array(texts) for texts in (labels, basics, patterns, units))
    return Garments(np.stack(looks).astype(float), np.stack(lab), *told), list(splits)


def _seen(
    data: Path, masks: Path, samples: list[Sample], labels: dict[str, str]
) -> Iterator[tuple[object, ...]]:
    reader = PatternReader(read_metadata(SHIPPED))
    table, names = open_table(read(ColorSettings).cache_dir.expanduser()), color_names()
    for sample, photo, mask in read_samples(data, masks, samples):
        embedding = reader.see(photo, mask).embedding
        colors = palette(photo, mask, names=names, table=table)
        if embedding is None or not colors or labels[sample.photo] not in _KIND:
            continue
        code = np.frombuffer(bytes.fromhex(colors[0].hex[1:]), np.uint8)
        yield (
            from_bytes(to_bytes(embedding)), srgb_to_lab(code[None])[0], labels[sample.photo],
            colors[0].basic, sample.pattern, sample.unit, sample.split,
        )  # fmt: skip


def _labels(data: Path) -> dict[str, str]:
    rows = (data / "garments" / "garments.csv").read_text("utf-8").splitlines()
    image, label = (rows[0].split(",").index(name) for name in ("image", "label"))
    return {row.split(",")[image]: row.split(",")[label] for row in rows[1:]}


def _show(name: str, shares: tuple[float, ...]) -> None:
    print(f"{name:32}" + "".join(f"{share:9.3f}" for share in shares))


def main(data: Path, masks: Path) -> None:
    """Print the shares by weight on the training split, and what the chosen one does on others."""
    garments, splits = see(data, masks)
    train = np.array([split == "train" for split in splits])
    print(f"{'of the first 5, the same':32}    label   colour  pattern      all")
    for name, which in (("weight chosen on", train), ("measured on", ~train)):
        part = garments.part(which)
        cosine, far = part.looks @ part.looks.T, part.far()
        print(f"{name} {len(part.units)} garments of {len(set(part.units))} contributors")
        chance = np.random.default_rng(0).random(cosine.shape)
        _show("  chance", measured(part, chance))
        _show("  colour alone", measured(part, -far))
        for weight in WEIGHTS:
            mark = " (shipped)" if weight == COLOR_WEIGHT else ""
            _show(f"  look - {weight:g} colour{mark}", measured(part, cosine - weight * far))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
