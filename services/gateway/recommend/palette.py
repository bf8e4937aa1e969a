"""How well a piece's colours fit a person's season. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import cos, radians, sin

import numpy as np
import numpy.typing as npt

from services.gateway.catalog.domain import Item
from shared.analytics.harmony import lch
from shared.contracts.vocabulary import SEASONS

Floats = npt.NDArray[np.float64]


def season_fits(items: Sequence[Item]) -> Floats:
    """Return (n, 4): the fit with each of ``SEASONS`` in [0, 1], of all colours by their share.

    A piece whose colours were not seen fits each by a half.
    """
    fits = np.full((len(items), len(SEASONS)), 0.5)
    for at, item in enumerate(items):
        total = sum(color.share for color in item.colors)
        if total > 0:
            seen = [np.array(_fits(color.hex)) * color.share for color in item.colors]
            fits[at] = np.sum(seen, axis=0) / total
    return fits


@lru_cache(maxsize=65_536)
def _fits(hex_color: str) -> tuple[float, ...]:
    lightness, chroma, hue = lch(hex_color)
    turn = radians(hue)
    lab = (lightness, chroma * cos(turn), chroma * sin(turn))
    return tuple(fit(lab, {season: 1.0}) for season in SEASONS)


def fit(lab: tuple[float, float, float], seasons: Mapping[str, float]) -> float:
    """Stand-in until personal_color lands."""
    light, a, b = lab
    chroma = float(np.hypot(a, b))
    warm = 1 / (1 + np.exp(-b / 12))
    bright = 1 / (1 + np.exp(-(light - 55) / 12))
    vivid = 1 / (1 + np.exp(-(chroma - 35) / 10))
    fits = {
        "spring": warm * (0.5 * bright + 0.5 * vivid),
        "summer": (1 - warm) * (0.6 * bright + 0.4 * (1 - vivid)),
        "autumn": warm * (0.6 * (1 - bright) + 0.4 * (1 - vivid)),
        "winter": (1 - warm) * (0.4 * (1 - bright) + 0.6 * vivid),
    }
    return float(sum(fits[name] * share for name, share in seasons.items()))
