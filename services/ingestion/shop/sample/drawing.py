"""A made-up article as a photo: its cloth laid flat on a table, in soft light from above left."""

from __future__ import annotations

import zlib
from io import BytesIO
from itertools import pairwise
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from services.ingestion.shop.sample.articles import DYES, Article
from services.ingestion.shop.sample.cloth import Dice, Light, figured, linear, noise, thread
from services.ingestion.shop.sample.shapes import Part, Point, Role, Shape, page_of, shape_of
from shared.fonts import font

Window = tuple[slice, slice]
WIDTH: Final = 640
HEIGHT: Final = 800
_UNIT: Final = WIDTH / 100
_FINE: Final = 2
"""Outlines are drawn so many times larger, for smooth edges."""
_TABLES: Final = ("#f1efea", "#e6e7e8", "#ded6c9", "#f4f4f2", "#d9dde0")
_KNITS: Final = (
    "sweatshirt",
    "knit",
    "turtleneck",
    "cardigan",
    "knit_vest",
    "knit_dress",
    "jogger",
)
_TWILLS: Final = ("denim_jacket", "straight", "shorts", "trench", "jacket")
_BRIGHTNESS: Final[dict[Role, float]] = {
    "cloth": 1.0, "inside": 0.42, "rib": 0.9, "dark": 0.3, "trim": 1.03,
}  # fmt: skip


def draw_photo(article: Article) -> bytes:
    """Return a JPEG of the article, 640 x 800; the same article is always the same photo."""
    dice = np.random.default_rng(zlib.crc32(article.article_id.encode()))
    page = _table(dice)
    _Garment(article, shape_of(article.cut, article.category), dice).lay_on(page)
    vignette = 1 + 0.05 * noise((HEIGHT, WIDTH), (600, 500), dice)
    light = np.clip(page * vignette[..., None], 0, 1)
    encoded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    encoded += dice.normal(0, 0.006, encoded.shape)
    picture = Image.fromarray((np.clip(encoded, 0, 1) * 255).astype(np.uint8))
    out = BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


def _table(dice: Dice) -> Light:
    ground = linear(str(dice.choice(_TABLES)))
    grain = 1 + 0.012 * noise((HEIGHT, WIDTH), (2, 2), dice)
    slope = np.linspace(1.03, 0.95, HEIGHT)[:, None] * np.linspace(1.02, 0.97, WIDTH)[None]
    page: Light = (ground * (grain * slope)[..., None]).astype(np.float32)
    return page


class _Garment:
    """One article being drawn."""

    def __init__(self, article: Article, shape: Shape, dice: Dice) -> None:
        self._article, self._shape, self._dice = article, shape, dice
        self._ground = linear(DYES[article.color][0])
        self._figure = linear(DYES[article.second or article.color][0])
        self._kind = _kind(article)
        self._tilt = float(dice.uniform(-2.5, 2.5))
        self._seed = int(dice.integers(2**31))
        self._scale, self._middle = page_of(shape)
        self._ripple = noise((HEIGHT, WIDTH), (120, 70), dice)
        self._folds = _folds(dice)

    def lay_on(self, page: Light) -> None:
        covers = [self._cover(part.outline) for part in self._shape.parts]
        self._cast_shadow(page, covers)
        for part, cover in zip(self._shape.parts, covers, strict=True):
            self._lay(page, part, cover, _window(cover))
        whole = np.max(covers, axis=0)
        self._print(page)
        self._stitch(page, whole)
        self._buttons(page)

    def _place(self, points: tuple[Point, ...]) -> Light:
        """Return points in pixels, tilted a little about the middle of the page."""
        turn = np.radians(self._tilt)
        x, y = (np.array(points, np.float32) - np.array(self._middle, np.float32)).T * self._scale
        turned = (x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn))
        placed: Light = np.stack(turned, axis=1).astype(np.float32) * np.float32(_UNIT)
        return placed + np.array((WIDTH / 2, HEIGHT / 2), np.float32)

    def _cover(self, outline: tuple[Point, ...]) -> Light:
        points = _rounded(self._place(outline)) * _FINE
        image = Image.new("L", (WIDTH * _FINE, HEIGHT * _FINE))
        ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in points], 255)
        small = image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
        return np.asarray(small, np.float32) / 255

    def _cast_shadow(self, page: Light, covers: list[Light]) -> None:
        whole = np.max(covers, axis=0)
        for reach, depth in ((5, 0.35), (18, 0.22)):
            moved = np.roll(_soft(whole, reach), (reach, reach // 2), axis=(0, 1))
            page *= (1 - depth * moved)[..., None]

    def _lay(self, page: Light, part: Part, whole: Light, window: Window) -> None:
        cover, below = whole[window], page[window]
        cloth = self._cloth(part, window) * self._light(part, cover, window)[..., None]
        edge = _soft(cover, 3) * (1 - cover)  # a thin shadow on what lies below
        below *= (1 - 0.5 * edge)[..., None]
        page[window] = below * (1 - cover[..., None]) + cloth * cover[..., None]

    def _cloth(self, part: Part, window: Window) -> Light:
        """Return the cloth of a part, its thread turned and rippled by folds."""
        dice = np.random.default_rng(self._seed)  # one pattern on all parts
        y, x = np.mgrid[window].astype(np.float32)
        turn = np.radians(part.turn + self._tilt)
        ripple = 5 * self._ripple[window]
        along = (y - HEIGHT / 2) * np.cos(turn) - (x - WIDTH / 2) * np.sin(turn) + ripple
        across = (x - WIDTH / 2) * np.cos(turn) + (y - HEIGHT / 2) * np.sin(turn) + ripple
        if self._shape.stripes == "down" and self._article.pattern == "striped":
            along, across = across, along
        kind = "knit" if part.role == "rib" else self._kind
        fiber = thread(kind, along, across, self._dice)
        colors = (self._ground, self._figure)
        pattern = self._article.pattern if part.role in ("cloth", "trim") else "solid"
        if pattern == "striped" and self._article.cut in ("wide", "straight", "slim"):
            pattern = "pinstriped"
        return figured(pattern, colors, along, across, dice) * fiber[..., None]

    def _light(self, part: Part, cover: Light, window: Window) -> Light:
        """Return the light on a part: round at its edges, in folds, darker inside."""
        rim = np.clip((_soft(cover, 16) - 0.5) * 2, 0, 1)
        round_ = 0.74 + 0.26 * rim**0.7
        deep = 0.13 * self._shape.fold * (0.5 if self._kind == "knit" else 1.0)
        light: Light = _BRIGHTNESS[part.role] * round_ * (1 + deep * self._folds[window])
        return light * _pleats(part, cover) if part.pleats else light

    def _print(self, page: Light) -> None:
        """Put letters in a ring on the chest."""
        if self._article.pattern != "printed" or self._shape.prints is None:
            return
        image = Image.new("L", (WIDTH, HEIGHT))
        draw = ImageDraw.Draw(image)
        x, y = self._place((self._shape.prints,))[0]
        draw.ellipse((x - 74, y - 66, x + 74, y + 82), 235)
        draw.ellipse((x - 62, y - 54, x + 62, y + 70), 0)
        draw.rectangle((x - 96, y - 16, x + 96, y + 30), 235)
        face: ImageFont.FreeTypeFont = font(34)
        draw.text((x, y + 7), "MAPSI 85", fill=0, font=face, anchor="mm")
        ink = np.asarray(image, np.float32)[..., None] / 255
        shade = page.mean(axis=2, keepdims=True) / max(float(self._ground.mean()), 0.05)
        page[:] = page * (1 - ink) + self._figure * np.clip(shade, 0.6, 1.2) * ink

    def _stitch(self, page: Light, whole: Light) -> None:
        """Draw seams as soft dark lines with a light edge, stitches as dashes."""
        dark = Image.new("L", (WIDTH, HEIGHT))
        draw = ImageDraw.Draw(dark)
        for seam in self._shape.seams:
            draw.line([tuple(p) for p in self._place(seam)], 200, width=3)
        for stitch in self._shape.stitches:
            for start, end in _dashes(self._place(stitch)):
                draw.line([start, end], 150, width=1)
        lines = np.asarray(dark.filter(ImageFilter.GaussianBlur(0.8)), np.float32) / 255 * whole
        lit = np.roll(lines, (2, 2), axis=(0, 1))
        page *= (1 - 0.45 * lines + 0.12 * lit)[..., None]

    def _buttons(self, page: Light) -> None:
        image = Image.new("L", (WIDTH, HEIGHT))
        draw = ImageDraw.Draw(image)
        for center in self._shape.buttons:
            x, y = self._place((center,))[0]
            draw.ellipse((x - 6, y - 6, x + 6, y + 6), 255)
        cover = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), np.float32)[..., None] / 255
        tone = linear("#cfc8ba" if float(self._ground.mean()) < 0.3 else "#5a5048")
        page *= 1 - 0.35 * np.roll(cover, (2, 2), axis=(0, 1))
        page[:] = page * (1 - cover) + tone * cover


def _folds(dice: Dice) -> Light:
    """Return folds (height, width): long soft ones that run down, and sharp creases on them."""
    size = (HEIGHT, WIDTH)
    slant = np.linspace(-1, 1, HEIGHT)[:, None] * dice.uniform(-60, 60)
    columns = np.clip(np.arange(WIDTH)[None] + slant, 0, WIDTH - 1).astype(np.intp)
    rows = np.arange(HEIGHT)[:, None]
    long_ = noise(size, (420, 46), dice)[rows, columns]
    short = noise(size, (150, 60), dice)
    crease = 1 - 4 * np.abs(noise(size, (260, 90), dice)[rows, columns])
    folds: Light = 0.8 * long_ + 0.45 * short - 0.55 * np.clip(crease, 0, 1)
    return folds


def _kind(article: Article) -> str:
    if article.cut in _KNITS:
        return "knit"
    if article.color == "denim" or article.cut in _TWILLS:
        return "twill"
    return "weave"


def _pleats(part: Part, cover: Light) -> Light:
    """Return light and shadow of pleats that fan out from the waist."""
    high, wide = cover.shape
    x = np.arange(wide)[None] - wide / 2
    share = x / np.maximum(cover.sum(axis=1), 40)[:, None] * part.pleats
    saw = np.mod(share, 1.0)
    grown = np.clip(np.arange(high) / 80, 0.3, 1)[:, None]
    light: Light = (1 + grown * (0.16 * saw - 0.2 * (saw < 0.12))).astype(np.float32)
    return light


def _window(cover: Light) -> Window:
    """Return the part of the page that a cover touches, and a little around it."""
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - 20), min(HEIGHT, int(rows[-1]) + 21)),
        slice(max(0, int(columns[0]) - 20), min(WIDTH, int(columns[-1]) + 21)),
    )


def _soft(cover: Light, reach: int) -> Light:
    image = Image.fromarray((cover * 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(reach)), np.float32) / 255


def _rounded(points: Light) -> Light:
    """Cut the corners of an outline twice, each time near them (Chaikin)."""
    for keep in (0.86, 0.75):
        following = np.roll(points, -1, axis=0)
        pair = (points * keep + following * (1 - keep), points * (1 - keep) + following * keep)
        points = np.stack(pair, axis=1).reshape(-1, 2)
    return points


def _dashes(points: Light) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    dashes = []
    for start, end in pairwise(points):
        length = float(np.hypot(*(end - start)))
        for at in np.arange(0, length - 4, 8):
            a, b = start + (end - start) * at / length, start + (end - start) * (at + 4) / length
            dashes.append(((float(a[0]), float(a[1])), (float(b[0]), float(b[1]))))
    return dashes
