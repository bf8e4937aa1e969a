"""Colour words that captions of clothes use, and which of them is nearest to a colour.

The hex values are those of XKCD's colour survey (CC0). Of its 949 names these are the ones that
people say of clothes; many of the others would draw the thing they are named after.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from shared.lab import Floats, ciede2000, srgb_to_lab

BASIC_WORD: Final = {"yellow_green": "lime green", "blue_green": "teal", "navy": "navy blue"}
"""Basic colours that a caption says otherwise."""

_NAMES: Final = {
    "red": "red e50000, dark red 840000, burgundy 610023, scarlet be0119, coral fc5a50, "
    "raspberry b00149",
    "orange": "orange f97306, burnt orange c04e01, light orange fdaa48, peach ffb07c, "
    "copper b66325",
    "yellow": "yellow ffff14, pale yellow ffff84, mustard yellow d2bd0a, golden yellow fec615, "
    "cream ffffc2",
    "yellow_green": "lime green aaff32, chartreuse c1f80a",
    "green": "green 15b01a, dark green 033500, olive green 677a04, army green 4b5d16, "
    "sage green 87ae73, mint green 8fff9f, emerald green 01a049, light green 96f97b",
    "blue_green": "teal 029386, dark teal 014d4e, turquoise 06c2ac, aqua 13eac9",
    "blue": "blue 0343df, light blue 95d0fc, sky blue 75bbfd, pale blue d0fefe, "
    "royal blue 0504aa, denim blue 3b5b92, dusty blue 5a86ad, powder blue b1d1fc, "
    "slate blue 5b7c99",
    "navy": "navy blue 01153e, dark navy blue 000435",
    "purple": "purple 7e1e9c, dark purple 35063e, lavender c79fef, lilac cea2fd, plum 580f41",
    "magenta": "magenta c20078, fuchsia ed0dd9, wine 80013f",
    "pink": "pink ff81c0, light pink ffd1df, hot pink ff028d, dusty pink d58a94, rose cf6275, "
    "salmon pink ff796c, mauve ae7181",
    "brown": "brown 653700, dark brown 341c02, light brown ad8150, camel c69f59, khaki aaa662, "
    "rust a83c09, chestnut brown 742802",
    "white": "white ffffff, off white ffffe4",
    "gray": "gray 929591, light gray d8dcd6, dark gray 363737, charcoal gray 3c4142, "
    "silver gray c5c9c7, slate gray 59656d",
    "black": "black 000000",
    "beige": "beige e6daa6, taupe b9a281, tan d1b26f, stone beige ada587, light beige fffeb6",
}


def color_word(basic: str | None, hex_color: str | None) -> str:
    """Return how a caption says a colour: by ``#rrggbb`` where it is known, "" where none is.

    The nearest word by CIEDE2000, of the asked basic colour where one is asked.
    """
    if hex_color is None:
        return "" if basic is None else BASIC_WORD.get(basic, basic)
    words, basics, lab = _known()
    allowed = np.array([basic in (None, own) for own in basics])
    apart = np.where(allowed, ciede2000(lab, lab_of(hex_color)), np.inf)
    return words[int(apart.argmin())]


def usual_hex(basic: str) -> str:
    """Return ``#rrggbb`` of a basic colour as it is thought of: the first of its words."""
    return f"#{_NAMES[basic].split(', ')[0].rsplit(' ', 1)[1]}"


def lab_of(hex_color: str) -> Floats:
    """Return CIELAB, shape (3,), of ``#rrggbb``."""
    return srgb_to_lab(np.frombuffer(bytes.fromhex(hex_color[1:]), np.uint8))


@cache
def _known() -> tuple[tuple[str, ...], tuple[str, ...], Floats]:
    rows = [
        (*entry.rsplit(" ", 1), basic)
        for basic, entries in _NAMES.items()
        for entry in entries.split(", ")
    ]
    rgb: npt.NDArray[np.uint8] = np.frombuffer(
        bytes.fromhex("".join(row[1] for row in rows)), np.uint8
    ).reshape(-1, 3)
    return tuple(row[0] for row in rows), tuple(row[2] for row in rows), srgb_to_lab(rgb)
