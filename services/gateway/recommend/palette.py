"""How well pieces' colours fit each season's palette. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.gateway.catalog.domain import Item
from services.gateway.personal_color import palettes
from shared.contracts.vocabulary import SEASONS
from shared.lab import Floats, srgb_to_lab


def season_fits(items: Sequence[Item]) -> Floats:
    """Return (n, 4): the fit with each of ``SEASONS`` in [0, 1], of all colours by their share.

    A piece whose colours were not seen fits each as if nothing were known of the person.
    """
    fits = np.full((len(items), len(SEASONS)), palettes.NEUTRAL)
    owner = [at for at, item in enumerate(items) for _ in item.colors]
    if not owner:
        return fits
    colors = [color for item in items for color in item.colors]
    share = np.array([color.share for color in colors])[:, None]
    codes, which = np.unique([color.hex for color in colors], return_inverse=True)
    pixels = np.array([list(bytes.fromhex(str(code)[1:])) for code in codes], np.uint8)
    each = palettes.season_fits(srgb_to_lab(pixels))[which]
    told, total = np.zeros_like(fits), np.zeros((len(items), 1))
    np.add.at(told, owner, each * share)
    np.add.at(total, owner, share)
    np.divide(told, total, out=fits, where=total > 0)
    return fits
