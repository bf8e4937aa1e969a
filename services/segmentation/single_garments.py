"""Photos of one garment on no person: is the family of the best garment reported the right one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from services.segmentation.data.garments import GarmentPhoto
from services.segmentation.model import Segmenter
from shared.contracts.vocabulary import FAMILIES, FAMILY_OF, label
from shared.imaging import decode

NOTHING: Final = "-"

Pairs = Counter[tuple[str, str]]
"""(true family, reported family or ``-``) and how often."""


def compare(segmenter: Segmenter, photos: Iterable[GarmentPhoto], *, threshold: float) -> Pairs:
    """Return what the best garment over the threshold was taken for, photo by photo."""
    pairs: Pairs = Counter()
    for photo in photos:
        pixels = decode(photo.path.read_bytes(), name=str(photo.path)).pixels
        (garments,) = segmenter.predict([pixels])
        best = garments[0] if garments and garments[0].score >= threshold else None
        reported = FAMILY_OF[best.category] if best else NOTHING
        pairs[FAMILY_OF[photo.category], reported] += 1
    return pairs


def top1(pairs: Pairs) -> dict[str, Any]:
    """Return the share of photos whose family is right, in all and by true family."""
    families = {}
    for family in FAMILIES:
        photos = sum(count for (true, _), count in pairs.items() if true == family)
        if photos:
            families[family] = {"photos": photos, "right": pairs[family, family] / photos}
    right = sum(count for (true, reported), count in pairs.items() if true == reported)
    return {
        "photos": pairs.total(),
        "top1": right / max(1, pairs.total()),
        "families": families,
        "confusion": [
            {"true": true, "reported": reported, "count": count}
            for (true, reported), count in pairs.most_common()
        ],
    }


def lines(measured: dict[str, Any], *, language: str) -> Iterator[str]:
    """Yield the figures as text."""
    korean = language == "ko"
    title = "옷 한 벌 사진, 계열 top-1" if korean else "photos of one garment, family top-1"
    yield f"{title}: {measured['top1']:.3f} ({measured['photos']})"
    for family, row in measured["families"].items():
        yield f"  {label(family, language):24}{row['photos']:>6}{row['right']:>8.3f}"
