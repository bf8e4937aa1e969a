"""The report's pictures, as SVG: curves, the palette, bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from services.trends.curves import GRID, Band, Curve, Frame, svg
from services.trends.report.digest import Entry
from services.trends.table import SWATCHES

UP: Final = "#1a7f4e"
DOWN: Final = "#b3372c"
CALM: Final = "#3a4a68"

_MOVER: Final = Frame(width=240, height=84, top=8, side=4, bottom=5)
_AHEAD: Final = Frame(width=420, height=150, top=10, side=6, bottom=8)
_PALETTE: Final = (640, 46)
_GAP: Final = 1.5


def mover_curve(entry: Entry, label: str) -> str:
    """Return a cell's shares by week."""
    growth = entry.growth.value if entry.growth else 0.0
    color = UP if growth > 0 else DOWN
    return svg(Curve(history=_line(entry.shares), color=color, tail=4), _MOVER, label=label)


def ahead_curve(entry: Entry, label: str) -> str:
    """Return a cell's shares of a year and those of the weeks ahead."""
    told = entry.ahead
    if told is None:
        return ""
    curve = Curve(
        history=_line(entry.shares),
        ahead=told.middle,
        bands=(Band(told.low95, told.high95, 0.12), Band(told.low80, told.high80, 0.22)),
        color=CALM,
    )
    return svg(curve, _AHEAD, label=label)


def palette(shares: Sequence[tuple[str, float]], label: str) -> str:
    """Return colours side by side, as wide as their shares of all."""
    width, height = _PALETTE
    total = sum(share for _, share in shares) or 1.0
    x, parts = 0.0, []
    for name, share in shares:
        wide = width * share / total
        if wide > _GAP:
            edge = f' stroke="{GRID}"' if name == "white" else ""
            parts.append(
                f'<rect x="{x:.1f}" width="{wide - _GAP:.1f}" height="{height}" rx="3" '
                f'fill="{SWATCHES.get(name, CALM)}"{edge}/>'
            )
        x += wide
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'preserveAspectRatio="none" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _line(shares: Sequence[float | None]) -> list[float]:
    return [math.nan if share is None else share for share in shares]
