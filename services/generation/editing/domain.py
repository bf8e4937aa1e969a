"""The region and the strength of a change, and the proof that the rest stayed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from services.generation.editing.reach import reach
from services.generation.editing.region import Box, grown, skin_of
from services.generation.prompts.colors import lab_of, usual_hex
from shared.contracts.garments import Garment
from shared.contracts.generation import LookWish, WornGarment
from shared.contracts.vocabulary import FAMILY_OF
from shared.errors import PermanentError
from shared.lab import ciede2000
from shared.masks import Mask, decode_mask

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Change = Literal["color", "pattern", "garment", "look"]

COLOR: Final = (0.65, 0.78)
"""How much is drawn anew for another colour: of a small and of the largest difference."""
FAR_COLOR: Final = 60.0
"""CIEDE2000 from which a difference of colour is as large as any."""
PATTERN: Final = 0.8
GARMENT: Final = 0.9
LOOK: Final = (0.55, 0.95)
"""For the whole picture: where no garment changes, and where all do."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What an edit draws anew."""

    mask: Floats | None
    """(height, width), 1: drawn anew, 0: stays to the bit; None: the whole picture."""
    strength: float
    """0..1, as img2img pipelines take it."""
    change: Change
    changed: tuple[WornGarment, ...]
    """The garments of the new wish that the old one did not have like this."""


def plan(
    before: LookWish,
    after: LookWish,
    garments: Sequence[Garment],
    pixels: Pixels,
    *,
    faces: Sequence[Box] = (),
) -> Plan:
    """Return what of the parent picture ``pixels`` is drawn anew so that ``after`` holds.

    ``garments`` is the parent's stored analysis, ``faces`` are boxes in its pixels. Raises
    PermanentError where the analysis has no garment of the asked index.
    """
    changed = tuple(worn for worn in after.wear if worn not in before.wear)
    edit = after.edit
    chosen = None if edit is None or edit.garment is None else _chosen(garments, edit.garment)
    change = _size_of(changed, chosen, before)
    strength = edit.strength if edit is not None else None
    strength = strength or _strength(change, chosen, changed, after)
    if chosen is None:
        return Plan(None, strength, change, changed)
    own, *others = _masks(chosen, garments, pixels)
    if change == "garment":
        own = own | _reach(own, chosen, changed, pixels, faces)
    keep = skin_of(pixels, faces)
    if others and change != "garment":
        keep = keep | np.any(others, axis=0)
    mask = grown(own, keep & ~own, faces=faces, wide=change == "garment")
    return Plan(mask, strength, change, changed)


def composite(parent: Pixels, drawn: Pixels, mask: Floats) -> Pixels:
    """Return ``drawn`` laid into ``parent`` by ``mask``: where that is 0, the parent's own bits."""
    weight = mask[..., None]
    mixed = np.rint(parent * (1 - weight) + drawn * weight).astype(np.uint8)
    return np.where(weight > 0, mixed, parent)


def psnr_outside(parent: Pixels, drawn: Pixels, mask: Floats) -> float:
    """Return the peak signal-to-noise ratio in dB where ``mask`` is 0; infinite: all bits stayed.

    Infinite, too, where the mask leaves nothing outside.
    """
    outside = mask == 0
    error = parent[outside].astype(np.float64) - drawn[outside]
    mean = float((error**2).mean()) if error.size else 0.0
    return float("inf") if mean == 0 else 10 * float(np.log10(255**2 / mean))


def _chosen(garments: Sequence[Garment], index: int) -> Garment:
    if index >= len(garments):
        raise PermanentError(
            f"the picture has {len(garments)} garments, and number {index} was to be changed; "
            "choose one of its analysis",
            text_ko=f"그림의 옷은 {len(garments)}벌인데 {index}번을 바꾸라고 했습니다. "
            "분석에 있는 옷을 고르세요",
            reason="no_such_garment",
        )
    return garments[index]


def _size_of(changed: Sequence[WornGarment], chosen: Garment | None, before: LookWish) -> Change:
    if chosen is None:
        return "look"
    family = FAMILY_OF[chosen.category]
    new = [worn for worn in changed if FAMILY_OF[worn.category] == family]
    old = [worn for worn in before.wear if FAMILY_OF[worn.category] == family]
    if not new or new[0].category != (old[0].category if old else chosen.category):
        return "garment"
    if old and old[0].words != new[0].words:
        return "garment"
    pattern = old[0].pattern if old else chosen.pattern
    return "pattern" if new[0].pattern not in (None, pattern) else "color"


def _reach(
    own: Mask,
    chosen: Garment,
    changed: Sequence[WornGarment],
    pixels: Pixels,
    faces: Sequence[Box],
) -> Mask:
    """Return what the garment that takes the place of ``chosen`` may cover beside it."""
    if not changed:
        return np.zeros_like(own)
    return reach(own, chosen.category, changed[0].category, pixels, faces)


def _strength(
    change: Change, chosen: Garment | None, changed: Sequence[WornGarment], after: LookWish
) -> float:
    if change == "look" or chosen is None:
        least, most = LOOK
        return round(least + (most - least) * len(changed) / max(1, len(after.wear)), 3)
    if change != "color":
        return PATTERN if change == "pattern" else GARMENT
    asked = next(worn for worn in changed if FAMILY_OF[worn.category] == FAMILY_OF[chosen.category])
    least, most = COLOR
    return round(least + (most - least) * min(1.0, _apart(asked, chosen) / FAR_COLOR), 3)


def _apart(asked: WornGarment, seen: Garment) -> float:
    """Return the CIEDE2000 from the largest colour there is to the asked one, as it is known."""
    hex_color = asked.hex or (usual_hex(asked.color) if asked.color else None)
    if hex_color is None or not seen.colors:
        return FAR_COLOR
    return float(ciede2000(lab_of(hex_color), lab_of(seen.colors[0].hex)))


def _masks(chosen: Garment, garments: Sequence[Garment], pixels: Pixels) -> list[Mask]:
    height, width = pixels.shape[:2]
    order = [chosen, *(garment for garment in garments if garment is not chosen)]
    return [decode_mask(garment.mask, height=height, width=width) for garment in order]
