"""XKCD's colour names with their Korean names, and which of them describes a colour best."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.basic_colors import basic_of
from shared.contracts.vocabulary import BASIC_COLORS
from shared.lab import Floats, ciede2000, lab_to_lch, srgb_to_lab

NAMES_FILE: Final = Path(__file__).parent / "data" / "names.csv"
_CANDIDATES: Final = 24
_FOREIGN: Final = 3.0
"""How much nearer, by CIEDE2000, a name of another basic colour must be: no navy on black."""
_PLAIN: Final = {**{name: name for name in BASIC_COLORS}, "grey": "gray", "violet": "purple"}


@dataclass(frozen=True)
class ColorNames:
    """The named colours in the file's order, which is the numbering of the 24-bit table."""

    english: tuple[str, ...]
    korean: tuple[str, ...]
    rgb: npt.NDArray[np.uint8]
    lab: Floats
    basics: npt.NDArray[np.int64]
    """Index in ``BASIC_COLORS`` of what each name says, or else of its own colour."""
    skin: npt.NDArray[np.bool_]
    """Names of colours that bare skin has in photos, from light to dark."""

    def describe(self, lab: Floats) -> list[tuple[int, str]]:
        """Return the best name's index and the basic colour of each Lab colour, shape (n, 3).

        The nearest few by Lab distance are ranked again by CIEDE2000, which sees dark and
        strong colours as people do.
        """
        return [
            (self._best(place, int(basic)), BASIC_COLORS[basic])
            for place, basic in zip(lab, basic_of(lab), strict=True)
        ]

    def _best(self, lab: Floats, basic: int) -> int:
        apart = ((self.lab - lab) ** 2).sum(axis=1)
        near = np.argpartition(apart, _CANDIDATES)[:_CANDIDATES]
        cost = ciede2000(self.lab[near], lab) * np.where(self.basics[near] == basic, 1, _FOREIGN)
        return int(near[cost.argmin()])


@cache
def color_names() -> ColorNames:
    """Read the names that ship with the service."""
    with NAMES_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    packed = bytes.fromhex("".join(row["hex"] for row in rows))
    rgb = np.frombuffer(packed, np.uint8).reshape(-1, 3)
    lab = srgb_to_lab(rgb)
    return ColorNames(
        english=tuple(row["name"] for row in rows),
        korean=tuple(row["name_ko"] for row in rows),
        rgb=rgb,
        lab=lab,
        basics=_said([row["name"] for row in rows], basic_of(lab)),
        skin=_skin(lab),
    )


def _said(names: list[str], basics: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Let a name that says one basic colour, as "very light pink" does, count as that."""
    said = basics.copy()
    for index, name in enumerate(names):
        words = [_PLAIN[word] for word in name.replace("/", " ").split() if word in _PLAIN]
        if len(words) == 1 and name.split()[-1] in _PLAIN:
            said[index] = BASIC_COLORS.index(words[0])
    return said


def _skin(lab: Floats) -> npt.NDArray[np.bool_]:
    lightness, chroma, hue = np.moveaxis(lab_to_lch(lab), -1, 0)
    skin: npt.NDArray[np.bool_] = (lightness > 30) & (lightness < 90) & (hue > 30) & (hue < 75)
    skin &= (chroma > 12) & (chroma < 45)
    return skin
