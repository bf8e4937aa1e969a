"""What the start page and the trend page show, made of the trend table; no request, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import Final
from urllib.parse import urlencode

from services.gateway.domain import Language
from services.gateway.trend_views import labels
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, STYLES, label
from shared.errors import UsageError
from shared.records.trend_pairs import PairTable
from shared.records.trend_queries import TrendQuery, check, parse_dimensions
from shared.trend_figures import TrendRow, TrendTable
from shared.trend_outlook import Growth

BYS: Final = ("item,color", "item", "color", "family", "style", "pattern", "source")
WEEKS: Final = (4, 12, 26, 52, 104)
HEATS: Final = 9
_FIELDS: Final = ("by", "weeks", "item", "color", "style", "source")
_UP: Final = frozenset({"rising", "emerging"})
_CURVE: Final = (160.0, 44.0)


@dataclass(frozen=True)
class Asked:
    """What a trend page's address asks for."""

    by: str = "item,color"
    weeks: int = 12
    item: str | None = None
    color: str | None = None
    style: str | None = None
    source: str | None = None
    week: str | None = None
    """Monday of the heat map; None: the last whole one."""

    @property
    def query(self) -> TrendQuery:
        """The question to the trend table; UsageError where it cannot be asked."""
        return TrendQuery(
            by=parse_dimensions(self.by),
            weeks=self.weeks,
            item=check("item", self.item),
            color=check("color", self.color),
            style=check("style", self.style),
            source=self.source,
        )

    @property
    def cut(self) -> dict[str, str]:
        """Which looks and rows are looked at."""
        given = {name: getattr(self, name) for name in ("item", "color", "style", "source")}
        return {name: value for name, value in given.items() if value}

    @property
    def parameters(self) -> str:
        """The question to the API, in full."""
        given = {name: getattr(self, name) for name in _FIELDS}
        return urlencode({name: value for name, value in given.items() if value})


def asked_of(parameters: Mapping[str, str]) -> Asked:
    """Return what an address asks for; UsageError where it makes no sense."""
    given = {name: value for name, value in parameters.items() if name in _FIELDS and value}
    weeks = given.pop("weeks", "12")
    if not weeks.isdecimal() or not 1 <= int(weeks) <= 520:
        raise UsageError(
            f"{weeks!r} is no number of weeks from 1 to 520",
            text_ko=f"{weeks!r}: 1에서 520 사이의 주 수가 아닙니다",
            reason="bad_weeks",
        )
    asked = Asked(weeks=int(weeks), week=parameters.get("week") or None, **given)
    return asked if asked.query else Asked()


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
    between: tuple[str, str] | None
    """The 95 % interval of ``share``."""
    growth: Grown | None
    stage: str | None
    points: str
    """Of an SVG polyline, 160 x 44."""
    photos: str
    """Query of ``/v1/trends/photos``: those of the window, latest first."""


@dataclass(frozen=True)
class Heat:
    """One cell of the heat map."""

    text: str
    level: int
    """0 to ``HEATS``, of the largest share of the week."""
    name: str
    photos: str


@dataclass(frozen=True)
class HeatMap:
    """Item by colour, in one week."""

    week: date
    earlier: date | None
    later: date | None
    colors: tuple[tuple[str, str], ...]
    """Name and label."""
    rows: tuple[tuple[str, tuple[Heat, ...]], ...] = field(default=())


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
    between = row.last_interval
    return Line(
        key="~".join(row.values),
        name=" ".join(told[name] for name in order),
        colors=(named["color"],) if named.get("color") in BASIC_COLORS else (),
        total=row.total,
        share=_percent(row.last_share),
        between=(_percent(between[0]), _percent(between[1])) if between else None,
        growth=_grown(row.figures.growth_4w),
        stage=row.figures.stage,
        points=_curve(row.looks, table.totals),
        photos=_photos(asked, named, table.weeks[0], table.weeks[-1]),
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


def heat_map(table: TrendTable, asked: Asked, language: Language) -> HeatMap:
    """Return the shares of a table by item and colour in one week of its window."""
    weeks = list(table.weeks)
    last = len(weeks) - 1 - (table.running and len(weeks) > 1)
    at = next((at for at, monday in enumerate(weeks) if monday.isoformat() == asked.week), last)
    looks = {row.values: row.looks[at] for row in table.rows}
    most = max([1, *looks.values()])
    items = [item for item in CATEGORIES if any(values[0] == item for values in looks)]
    colors = [color for color in BASIC_COLORS if any(values[1] == color for values in looks)]
    return HeatMap(
        week=weeks[at],
        earlier=weeks[at - 1] if at else None,
        later=weeks[at + 1] if at + 1 < len(weeks) else None,
        colors=tuple((color, label(color, language)) for color in colors),
        rows=tuple(
            (
                label(item, language),
                tuple(
                    _heat(
                        asked, {"item": item, "color": color}, looks.get((item, color), 0),
                        total=table.totals[at], most=most, week=weeks[at], language=language,
                    )
                    for color in colors
                ),
            )
            for item in items
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Together:
    """Two garments that are worn together."""

    one: str
    other: str
    looks: int
    lift: str
    low: str
    high: str


def together(table: PairTable, language: Language, *, most: int) -> list[Together]:
    """Return the pairs that are surely worn together more often than by chance."""
    sure = [pair for pair in table.pairs if pair.q_value <= 0.05 and pair.lift > 1]
    return [
        Together(
            one=label(pair.one[0], language),
            other=label(pair.other[0], language),
            looks=pair.looks,
            lift=f"{pair.lift:.1f}",
            low=f"{pair.interval[0]:.1f}",
            high=f"{pair.interval[1]:.1f}",
        )
        for pair in sure[:most]
    ]


def choices(language: Language, sources: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Return what each filter offers: value and label."""
    named = {"item": CATEGORIES, "color": BASIC_COLORS, "style": STYLES}
    told = {
        name: [(value, label(value, language)) for value in values]
        for name, values in named.items()
    }
    return told | {"source": [(source, source) for source in sources]}


def _heat(
    asked: Asked,
    named: dict[str, str],
    looks: int,
    *,
    total: int,
    most: int,
    week: date,
    language: Language,
) -> Heat:
    return Heat(
        text=f"{100 * looks / total:.1f}" if total and looks else "·",
        level=ceil(HEATS * looks / most),
        name=f"{label(named['color'], language)} {label(named['item'], language)}",
        photos=_photos(asked, named, week, week),
    )


def _photos(asked: Asked, named: Mapping[str, str], first: date, last: date) -> str:
    cell = {("item" if name == "family" else name): value for name, value in named.items()}
    period = {"since": first.isoformat(), "until": last.isoformat()}
    return urlencode(period | asked.cut | cell)


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
