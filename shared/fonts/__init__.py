"""The typeface of every picture we draw: Pretendard 1.3.9, for Hangul and Latin alike.

Both weights are whole and unchanged, under the SIL Open Font License (``LICENSE.txt``).
Source: https://github.com/orioncactus/pretendard, the package ``pretendard`` of npm.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from PIL import ImageFont


@lru_cache(maxsize=64)
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return the typeface at ``size`` pixels."""
    weight = "Bold" if bold else "Regular"
    return ImageFont.truetype(str(files(__package__) / f"Pretendard-{weight}.otf"), size)
