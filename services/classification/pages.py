"""Pages that are surely no fashion, drawn by code: posters, chats, charts, lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Canvas = npt.NDArray[np.uint8]
_WORDS: Final = [
    *("SALE", "50%", "new", "in", "menu", "follow", "like", "reply", "today", "open", "coffee"),
    *("summer", "music", "live", "tickets", "price", "the", "of", "and", "with", "more", "best"),
    *("week", "shop", "story", "12:30", "2026", "#ootd", "@mapsi", "KRW 39,000", "NOTICE"),
]


def draw_page(side: int, random: np.random.Generator) -> Canvas:
    """Return a page (side, side, 3): flat or shaded ground, most with text, shapes or bars."""
    ground = _ground(side, random)
    page = Image.fromarray(ground)
    drawer: Callable[[ImageDraw.ImageDraw, np.random.Generator], None] = _DRAWERS[
        int(random.integers(len(_DRAWERS)))
    ]
    drawer(ImageDraw.Draw(page), random)
    noise = random.normal(0, random.uniform(0, 12), ground.shape)
    return np.clip(np.asarray(page) + noise, 0, 255).astype(np.uint8)


def write(draw: ImageDraw.ImageDraw, place: tuple[int, int], random: np.random.Generator) -> None:
    """Write one to five words at ``place``, 7 to 40 pixels high."""
    words = " ".join(random.choice(_WORDS, int(random.integers(1, 6))))
    size = int(np.exp(random.uniform(np.log(7), np.log(40))))
    draw.text(place, words, fill=_color(random), font=_font(size))


def _ground(side: int, random: np.random.Generator) -> Canvas:
    ends = random.integers(0, 256, (2, 3)) if random.random() < 0.6 else np.full((2, 3), 250)
    ramp = np.linspace(0, 1, side)[:, None, None] * (random.random() < 0.5)
    return np.broadcast_to(ends[0] + (ends[1] - ends[0]) * ramp, (side, side, 3)).astype(np.uint8)


def _poster(draw: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    width, height = draw.im.size
    for _ in range(int(random.integers(0, 9))):
        place = int(random.integers(0, width // 2)), int(random.integers(0, height))
        write(draw, place, random)


def _chat(draw: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    width, height = draw.im.size
    top, colors = 4, (_color(random), _color(random))
    while top < height:
        tall, wide = int(random.integers(12, 40)), int(width * random.uniform(0.3, 0.75))
        mine = int(random.integers(2))
        left = (width - wide - 5) if mine else 5
        draw.rounded_rectangle((left, top, left + wide, top + tall), 6, fill=colors[mine])
        write(draw, (left + 4, top + 2), random)
        top += tall + int(random.integers(3, 12))


def _chart(draw: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    width, height = draw.im.size
    count = int(random.integers(3, 12))
    color, step = _color(random), width / count
    tops = [int(height * random.uniform(0.1, 0.9)) for _ in range(count)]
    if random.random() < 0.5:
        for index, top in enumerate(tops):
            left = int(index * step)
            draw.rectangle((left + 1, top, left + int(step * 0.8), height - 8), fill=color)
    else:
        draw.line([(int((i + 0.5) * step), top) for i, top in enumerate(tops)], color, 3)
    write(draw, (5, 2), random)


def _tiles(draw: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    width, height = draw.im.size
    step = int(random.integers(12, 60))
    for top in range(0, height, step):
        for left in range(0, width, step):
            if random.random() < 0.7:
                draw.rectangle((left, top, left + step - 3, top + step - 3), fill=_color(random))


_DRAWERS: Final = (_poster, _poster, _chat, _chart, _tiles)


def _color(random: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in random.integers(0, 256, 3))
    return red, green, blue


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
