"""Curves as SVG: what was, what may come, and how sure that is. Pure strings, no library."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

INK: Final = "#1b1b1f"
FAINT: Final = "#8a8a94"
GRID: Final = "#e7e5e0"

Line = Sequence[float]
"""One value a week; NaN where there is none."""


@dataclass(frozen=True)
class Band:
    """An interval around the weeks ahead."""

    low: Line
    high: Line
    opacity: float


@dataclass(frozen=True)
class Curve:
    """One chart."""

    history: Line
    ahead: Line = ()
    """Follows ``history`` week by week."""
    bands: Sequence[Band] = field(default_factory=tuple)
    """Around ``ahead``; the widest first."""
    truth: Line = ()
    """What came in the weeks ahead, where it is known."""
    title: str = ""
    color: str = "#2f5bd0"
    tail: int = 0
    """Weeks at the end of ``history`` that are drawn in ``color``."""


@dataclass(frozen=True)
class Frame:
    """Size of a chart in pixels, and the room its line keeps from the edges."""

    width: int
    height: int
    top: int = 6
    side: int = 4
    bottom: int = 6


def svg(curve: Curve, frame: Frame, *, label: str) -> str:
    """Return a chart as one ``<svg>`` element; ``label`` tells it to who cannot see it."""
    inner = "".join(draw(curve, frame))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {frame.width} {frame.height}" '
        f'role="img" aria-label="{escape(label, {chr(34): "&quot;"})}">{inner}</svg>'
    )


def draw(curve: Curve, frame: Frame) -> Iterator[str]:
    """Yield the elements of a chart."""
    weeks = len(curve.history) + len(curve.ahead)
    ceiling = _ceiling(curve)

    def at(week: int, value: float) -> tuple[float, float]:
        across = frame.width - 2 * frame.side
        down = frame.height - frame.top - frame.bottom
        x = frame.side + across * week / max(weeks - 1, 1)
        return round(x, 1), round(frame.top + down * (1 - value / ceiling), 1)

    start = len(curve.history)
    yield _straight(at(0, 0.0), at(weeks - 1, 0.0), GRID)
    # A band begins at the last known week, so that no gap opens before the first week ahead.
    root = next((value for value in reversed(curve.history) if not math.isnan(value)), 0.0)
    for band in curve.bands:
        upper = [at(start - 1, root)] + [at(start + i, v) for i, v in enumerate(band.high)]
        lower = [at(start - 1, root)] + [at(start + i, v) for i, v in enumerate(band.low)]
        if not any(math.isnan(value) for value in (*band.low, *band.high)):
            yield _area([*upper, *reversed(lower)], curve.color, band.opacity)
    past = [at(i, v) for i, v in enumerate(curve.history)]
    for points in _runs(past):
        yield _path(points, INK if not curve.tail else FAINT, 1.6)
    if curve.tail:
        for points in _runs(past[-curve.tail - 1 :]):
            yield _path(points, curve.color, 2.4)
    if curve.ahead:
        ahead = [at(start - 1, root), *(at(start + i, v) for i, v in enumerate(curve.ahead))]
        yield _path(ahead, curve.color, 1.8)
    for points in _runs([at(start + i, v) for i, v in enumerate(curve.truth)]):
        yield _path(points, INK, 1.2, dash="2 2")
    if curve.title:
        place = f'x="{frame.side}" y="14" font-size="12" fill="{INK}"'
        yield f"<text {place}>{escape(curve.title)}</text>"


def _ceiling(curve: Curve) -> float:
    values = [*curve.history, *curve.ahead, *curve.truth]
    values += [value for band in curve.bands for value in band.high]
    return max((value for value in values if math.isfinite(value)), default=0.0) or 1.0


def _runs(points: list[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """Yield the points between gaps; a single one is doubled, so that it shows as a dot."""
    run: list[tuple[float, float]] = []
    for point in [*points, (math.nan, math.nan)]:
        if not math.isnan(point[1]):
            run.append(point)
        elif run:
            yield run if len(run) > 1 else [run[0], run[0]]
            run = []


def _path(points: Sequence[tuple[float, float]], color: str, width: float, dash: str = "") -> str:
    route = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{route}" fill="none" stroke="{color}" stroke-width="{width}" '
        f'stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
    )


def _area(points: Sequence[tuple[float, float]], color: str, opacity: float) -> str:
    route = "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"
    return f'<path d="{route}" fill="{color}" fill-opacity="{opacity}"/>'


def _straight(start: tuple[float, float], end: tuple[float, float], color: str) -> str:
    return f'<path d="M{start[0]:g} {start[1]:g}L{end[0]:g} {end[1]:g}" stroke="{color}"/>'
