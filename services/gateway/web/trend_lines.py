"""Rows of the trend table as people read them, and which of them rise and fall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.gateway.domain import Language
from services.gateway.trend_views import labels
from services.gateway.web.trend_address import Asked
from shared.contracts.vocabulary import BASIC_COLORS
from shared.trend_figures import TrendRow, TrendTable, share_interval
from shared.trend_outlook import Growth

_UP: Final = frozenset({"rising", "emerging"})
_CURVE: Final = (160.0, 44.0)


@dataclass(frozen=True)
class Grown:
    """A growth as people read it."""

    change: str
    low: str
    high: str | None
    way: str
    """``up`` or ``down`` where the interval leaves out zero, else ``""``."""


@dataclass(frozen=True)
class Line:
    """One row of the trend, ready to be written."""

    key: str
    """Its values, joined by ``~``: what the address and the scripts call it."""
    name: str
    colors: tuple[str, ...]
    total: int
    share: str
    """Of the last whole week: the first looks of a week say little."""
    between: tuple[str, str] | None
    """The 95 % interval of ``share``."""
    growth: Grown | None
    stage: str | None
    points: str
    """Of an SVG polyline, 160 x 44: the whole weeks."""
    photos: str
    """Query of ``/v1/trends/photos``: those of the window, latest first."""


@dataclass(frozen=True)
class Trend:
    """A trend table as a page shows it."""

    first: str
    last: str
    looks: int
    running: bool
    rising: list[Line]
    falling: list[Line]
    most: list[Line]
    """Worn most, without what moves."""
    lines: list[Line]
    picks: list[str]
    """Keys of the curves that are shown at first."""


def trend_of(
    table: TrendTable,
    asked: Asked,
    language: Language,
    *,
    most: int,
    rows: int,
    picked: Sequence[str],
) -> Trend:
    """Return a table as a page shows it: at most ``most`` movers, at most ``rows`` rows."""
    rising, falling = movers(table, asked, language, most=most)
    lines = [line_of(table, row, asked, language) for row in table.rows[:rows]]
    moving = {line.key for line in (*rising, *falling)}
    known = {line.key for line in lines} | moving
    chosen = [key for key in dict.fromkeys(picked) if key in known]
    first = [line.key for line in (*rising[:2], *falling[:1], *lines[:1])][:2]
    return Trend(
        first=table.weeks[0].isoformat() if table.weeks else "",
        last=(table.weeks[-1] + timedelta(days=6)).isoformat() if table.weeks else "",
        looks=sum(table.totals),
        running=table.running,
        rising=rising,
        falling=falling,
        most=[line for line in lines if line.key not in moving][:most],
        lines=lines,
        picks=(chosen or first)[:4],
    )


def line_of(table: TrendTable, row: TrendRow, asked: Asked, language: Language) -> Line:
    """Return a row as a person reads it."""
    told = labels(table.by, row.values, language)
    named = dict(zip(table.by, row.values, strict=True))
    order = sorted(table.by, key=lambda name: name in ("item", "family"))
    whole = len(table.weeks) - (table.running and len(table.weeks) > 1)
    looks, total = row.looks[whole - 1], table.totals[whole - 1]
    between = share_interval(looks, total, phi=row.figures.phi) if total else None
    return Line(
        key="~".join(row.values),
        name=" ".join(told[name] for name in order),
        colors=(named["color"],) if named.get("color") in BASIC_COLORS else (),
        total=row.total,
        share=_percent(looks / total if total else None),
        between=(_percent(between[0]), _percent(between[1])) if between else None,
        growth=_grown(row.figures.growth_4w),
        stage=row.figures.stage,
        points=_curve(row.looks[:whole], table.totals[:whole]),
        photos=asked.photos(named, table.weeks[0], table.weeks[-1]),
    )


def movers(
    table: TrendTable, asked: Asked, language: Language, *, most: int
) -> tuple[list[Line], list[Line]]:
    """Return what rises and what falls, the surest first, each at most ``most``."""
    sure = sorted(table.rows, key=lambda row: (_doubt(row), -row.total))
    moving = [row for row in sure if not row.figures.one_source]
    up = [row for row in moving if row.figures.stage in _UP]
    down = [row for row in moving if row.figures.stage == "falling"]
    return (
        [line_of(table, row, asked, language) for row in up[:most]],
        [line_of(table, row, asked, language) for row in down[:most]],
    )


def _doubt(row: TrendRow) -> float:
    return 1.0 if row.figures.q_value is None else row.figures.q_value


def _grown(growth: Growth | None) -> Grown | None:
    if growth is None:
        return None
    return Grown(
        change=_signed(growth.value),
        low=_signed(growth.low),
        high=None if growth.high is None else _signed(growth.high),
        way="up" if growth.low > 0 else "down" if (growth.high or 1) < 0 else "",
    )


def _signed(value: float) -> str:
    return f"{value:+.0%}".replace("-", "\N{MINUS SIGN}")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _curve(looks: Sequence[int], totals: Sequence[int]) -> str:
    shares = [count / total if total else 0.0 for count, total in zip(looks, totals, strict=True)]
    width, height = _CURVE
    most, step = max([*shares, 1e-9]), width / max(1, len(shares) - 1)
    return " ".join(
        f"{at * step:.1f},{height - 3 - (height - 6) * value / most:.1f}"
        for at, value in enumerate(shares)
    )
