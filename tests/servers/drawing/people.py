"""Flat people with coloured garments: what a model might draw for a prompt, by Pillow alone.

The same words and seed give the same picture, and a garment lies at the same place whatever else
is worn, so that a picture can be drawn over through a mask as a good model would.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from shared.contracts.garments import Color, Garment
from shared.faces import Face
from shared.masks import encode_mask

COLORS = {
    "navy blue": "#1c2850", "teal": "#108080",
    "red": "#c8202c", "orange": "#f07818", "yellow green": "#9ac830", "yellow": "#f5d020",
    "blue green": "#108080", "green": "#2a8c3c", "navy": "#1c2850", "blue": "#2858b4",
    "purple": "#7030a0", "magenta": "#a01860", "pink": "#f4a0b8", "brown": "#6e4528",
    "white": "#f8f8f6", "gray": "#8c8c8c", "grey": "#8c8c8c", "black": "#181818",
    "beige": "#d8c3a0",
}  # fmt: skip
GARMENTS = {
    "outer": r"jackets?|coats?|outerwear|outwear|cardigans?|blazers?|parkas?",
    "dress": r"dress(?:es)?|gowns?",
    "skirt": r"skirts?",
    "shorts": r"shorts",
    "trousers": r"trousers|pants|jeans|slacks",
    "top": r"t-shirts?|shirts?|tees?|blouses?|tops?|sweaters?|vests?|camisoles?|slings?",
}
BASIC = {
    name.replace(" ", "_"): code
    for name, code in COLORS.items()
    if name not in ("navy blue", "teal", "grey")
}
SKIN = "#e8bc9c"
TONE = 10
"""Steps by which finishing may move a channel."""
# In hundredths of the picture's height, from the middle of the picture and its upper edge.
PLACES = {
    "top": [(-9, 22), (9, 22), (17, 44), (13, 46), (9, 36), (9, 51), (-9, 51), (-9, 36),
            (-13, 46), (-17, 44)],
    "outer": [(-10, 21), (10, 21), (19, 48), (14, 50), (11, 38), (12, 60), (4, 60), (3, 24),
              (-3, 24), (-4, 60), (-12, 60), (-11, 38), (-14, 50), (-19, 48)],
    "trousers": [(-9, 50), (9, 50), (10, 90), (3, 90), (0, 60), (-3, 90), (-10, 90)],
    "shorts": [(-9, 50), (9, 50), (11, 66), (2, 66), (0, 58), (-2, 66), (-11, 66)],
    "skirt": [(-9, 50), (9, 50), (15, 74), (-15, 74)],
    "dress": [(-9, 22), (9, 22), (15, 40), (9, 38), (9, 50), (16, 78), (-16, 78), (-9, 50),
              (-9, 38), (-15, 40)],
}  # fmt: skip
ORDER = ("trousers", "shorts", "skirt", "top", "dress", "outer")


@dataclass(frozen=True)
class Worn:
    """A garment that a prompt names."""

    family: str
    color: str


def worn(prompt: str) -> list[Worn]:
    """Return the garments of a prompt, each with the colour named last before it."""
    words = "|".join(
        [f"(?P<color>{'|'.join(COLORS)})"]
        + [f"(?P<{family}>{forms})" for family, forms in GARMENTS.items()]
    )
    found, color = [], "gray"
    for word in re.finditer(rf"\b(?:{words})\b", prompt.lower().replace("_", " ")):
        if word["color"]:
            color = word["color"]
        else:
            family = word.lastgroup or ""
            found.append(Worn(family, color))
            color = "gray"
    return found


def draw(prompt: str, *, seed: int, width: int, height: int) -> Image.Image:
    """Draw who wears what ``prompt`` says."""
    luck = random.Random(seed)
    shade = 240 if "bright" in prompt else luck.randrange(170, 215)
    page = Image.new("RGB", (width, height), (shade, shade, min(255, shade + luck.randrange(30))))
    pen = ImageDraw.Draw(page)

    def at(points: list[tuple[int, int]]) -> list[tuple[float, float]]:
        return [(width / 2 + x * height / 100, y * height / 100) for x, y in points]

    pen.polygon(at([(-8, 50), (8, 50), (8, 93), (3, 93), (0, 56), (-3, 93), (-8, 93)]), SKIN)
    pen.polygon(at([(-9, 22), (9, 22), (18, 52), (14, 53), (9, 38), (-9, 38), (-14, 53),
                    (-18, 52)]), SKIN)  # fmt: skip
    pen.ellipse(at([(-6, 3), (6, 19)]), luck.choice(("#2a1c14", "#50331c", "#101010")))
    pen.ellipse(at([(-5, 6), (5, 20)]), SKIN)
    pen.rectangle(at([(-2, 18), (2, 23)]), SKIN)
    wanted = {one.family: one for one in worn(prompt)}
    for family in ORDER:
        if family in wanted:
            pen.polygon(at(PLACES[family]), COLORS[wanted[family].color], "#404040")
    return page


def draw_over(
    start: Image.Image, opacity: np.ndarray, prompt: str, *, seed: int, strength: float = 1.0
) -> Image.Image:
    """Draw ``start`` anew where ``opacity`` (H, W), 0 to 1, says, as much as ``strength``."""
    fresh = np.asarray(draw(prompt, seed=seed, width=start.width, height=start.height), float)
    share = (opacity * strength)[..., None]
    mixed = np.asarray(start.convert("RGB"), float) * (1 - share) + fresh * share
    return Image.fromarray(np.rint(mixed).astype(np.uint8))


TELLING = {"outer": (-10.7, 53), "trousers": (6, 85), "skirt": (10, 72), "shorts": (7, 64),
           "dress": (0, 48), "top": (0, 40)}  # fmt: skip
"""Where only this garment is, given that the ones before it are not there."""
CATEGORY = {
    "outer": "long_sleeved_outwear",
    "trousers": "trousers",
    "skirt": "skirt",
    "shorts": "shorts",
    "dress": "short_sleeved_dress",
    "top": "long_sleeved_shirt",
}


@dataclass(frozen=True)
class Seen:
    """What ``Eyes`` see."""

    garments: tuple[Garment, ...]
    alternatives: tuple[Garment, ...] = ()
    fashion: float = 0.99


class Eyes:
    """Sees exactly what ``draw`` drew, as perfect models would."""

    def examine(self, pixels: np.ndarray, *, path: str) -> Seen:
        found = {family: _color_at(pixels, at) for family, at in TELLING.items()}
        if found["dress"] and found["dress"] == found["skirt"]:
            found["skirt"] = found["top"] = None
        else:
            found["dress"] = None
        if found["trousers"] or found["skirt"] or found["dress"]:
            found["shorts"] = None
        return Seen(tuple(_garment(pixels, family, c) for family, c in found.items() if c))


def _color_at(pixels: np.ndarray, at: tuple[float, float]) -> str | None:
    height, width = pixels.shape[:2]
    x, y = round(width / 2 + at[0] * height / 100), round(at[1] * height / 100)
    seen = pixels[y, min(width - 1, max(0, x))]
    return next((name for name, code in BASIC.items() if _like(seen, code)), None)


def _like(pixels: np.ndarray, code: str) -> np.ndarray:
    """Tell where the colour is ``code``, but for a little tone and sharpening."""
    apart = np.abs(pixels.astype(int) - tuple(bytes.fromhex(code[1:])))
    return apart.max(axis=-1) <= TONE


def _garment(pixels: np.ndarray, family: str, color: str) -> Garment:
    height, width = pixels.shape[:2]
    place = Image.new("1", (width, height))
    points = [(width / 2 + x * height / 100, y * height / 100) for x, y in PLACES[family]]
    ImageDraw.Draw(place).polygon(points, 1)
    mask = np.asarray(place) & _like(pixels, BASIC[color])
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Garment(
        category=CATEGORY[family],
        score=0.95,
        box=(float(columns[0]), float(rows[0]), float(columns[-1]) + 1, float(rows[-1]) + 1),
        mask=encode_mask(mask),
        area=int(mask.sum()),
        pattern="solid",
        colors=(Color(name=color, name_ko=color, basic=color, hex=BASIC[color], share=1.0),),
    )


def png(image: Image.Image) -> bytes:
    """Return a picture's bytes."""
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Faces:
    """Finds the one face that ``draw`` drew."""

    version = "flat"

    def faces(self, pixels: np.ndarray) -> tuple[Face, ...]:
        """Return it, surely."""
        height, width = pixels.shape[:2]
        unit, middle = height / 100, width / 2
        box = (middle - 4 * unit, 9 * unit, middle + 4 * unit, 18 * unit)
        eyes = (middle - 2 * unit, 12 * unit), (middle + 2 * unit, 12 * unit)
        mouth = (middle - unit, 16 * unit), (middle + unit, 16 * unit)
        return (Face(box, 0.99, eyes, (middle, 14 * unit), mouth),)

    def find(self, pixels: np.ndarray) -> tuple[tuple[float, float, float, float], ...]:
        """Return its box."""
        return tuple(face.box for face in self.faces(pixels))
