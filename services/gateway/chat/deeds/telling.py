"""What the counts say of the rows that a question is about. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from services.gateway.chat.deeds.counting import is_named, matching
from services.gateway.chat.domain import Language, Slots
from services.gateway.chat.policy.acts import TellTrend
from services.gateway.chat.wording.cards import TrendCard, TrendRowCard
from services.gateway.chat.wording.phrases import say
from services.gateway.chat.wording.words import Word, percent, signed_percent
from services.gateway.trend_views import labels
from shared.records.trend_queries import TrendQuery
from shared.trend_figures import TrendRow, TrendTable

_TOP: Final = 5
_MOVING: Final = 3
_NAMED: Final = 4
_DIGITS: Final = 6
_FEW: Final = 20
"""Looks below which nothing is said of where a row is going (``MIN_SUPPORT`` of the counts)."""


@dataclass(frozen=True)
class Told:
    """A question's answer: its sentences and its card."""

    sentences: tuple[str, ...]
    cards: tuple[TrendCard, ...]


def told(asked: TellTrend, query: TrendQuery, table: TrendTable, *, language: Language) -> Told:
    """Return what the counts say about one stretch of time."""
    sentences = list(_preface(asked, language))
    if not sum(table.totals):
        empty = "trend_empty" if asked.period else "trend_nothing_lately"
        return Told((*sentences, say(empty, language)), ())
    rows = matching(table, asked.about)
    named = is_named(asked, table)
    name = _name_of(asked.about, query, language)
    if not rows:
        sentences.append(say("trend_none", language, name=name))
    elif named:
        for row in rows[:_NAMED]:
            sentences += of_one(row, table, language)
    else:
        sentences += _of_many(rows, table, language)
    sentences.append(window(table, language))
    if rows and not named:  # lists: each is a line
        sentences = ["\n".join(sentences)]
    return Told(tuple(sentences), (card_of(rows[:_TOP], query, table, language),))


def compared(
    asked: TellTrend,
    now: tuple[TrendQuery, TrendTable],
    before: tuple[TrendQuery, TrendTable],
    *,
    language: Language,
) -> Told:
    """Return how the shares of two stretches of time differ."""
    query, table = now
    other, earlier = before
    if not sum(table.totals):
        return Told((say("trend_empty", language),), ())
    if not sum(earlier.totals):
        assert other.since and other.until  # noqa: S101 - a comparison names its time
        missing = say("trend_one_side", language, since=other.since, until=other.until)
        return Told(
            (missing,), (card_of(matching(table, asked.about)[:_TOP], query, table, language),)
        )
    rows = matching(table, asked.about)[:_TOP]
    old = {row.values: row for row in earlier.rows}
    lines, unsure = [], []
    for row in rows:
        was = old.get(row.values)
        lines.append(_comparison(row, was, (table, earlier), language))
        if was is not None and _overlap(row.figures.interval, was.figures.interval):
            unsure.append(row_name(table.by, row, language))
    if not rows:
        lines = [say("trend_none", language, name=_name_of(asked.about, query, language))]
    if unsure:
        lines.append(say("trend_overlap", language, names=", ".join(unsure)))
    behind = [old[row.values] for row in rows if row.values in old]
    cards = (card_of(rows, query, table, language), card_of(behind, other, earlier, language))
    return Told(tuple(lines), cards)


def _preface(asked: TellTrend, language: Language) -> Iterable[str]:
    for name in ("occasion", "gender", "weather", "personal_color"):
        if getattr(asked.about, name):
            yield say("trend_uncounted", language, what=say(f"what_{name}", language))


def of_one(row: TrendRow, table: TrendTable, language: Language) -> Iterable[str]:
    """Yield what the counts say of one row: its share, and where it is going."""
    low, high = row.figures.interval
    yield say(
        "trend_share",
        language,
        name=row_name(table.by, row, language),
        share=percent(row.share),
        looks=row.total,
        low=percent(low),
        high=percent(high),
    )
    growth = row.figures.growth_4w
    if growth is None or row.figures.support < _FEW:
        yield say("trend_few", language, looks=row.total)
    elif row.figures.stage is None:
        yield say("trend_growth_unstaged", language, growth=signed_percent(growth.value))
    else:
        stage = say(f"stage_{row.figures.stage}", language)
        yield say("trend_growth", language, growth=signed_percent(growth.value), stage=stage)


def _of_many(rows: Sequence[TrendRow], table: TrendTable, language: Language) -> Iterable[str]:
    top = ", ".join(
        say(
            "trend_row",
            language,
            name=row_name(table.by, row, language),
            share=percent(row.share),
            looks=row.total,
        )
        for row in rows[:_TOP]
    )
    yield say("trend_top", language, rows=top)
    rising = moving(rows, ("emerging", "rising"))
    falling = moving(rows, ("falling",))
    if rising:
        yield say("trend_rising", language, rows=_moves(rising, table, language))
    if falling:
        yield say("trend_falling", language, rows=_moves(falling, table, language))
    if not (rising or falling):
        judged = any(row.figures.stage is not None for row in rows)
        looks = sum(table.totals)  # a look is in a row for each of its garments
        yield say("trend_steady", language) if judged else say("trend_few", language, looks=looks)


def moving(rows: Iterable[TrendRow], stages: tuple[str, ...]) -> list[TrendRow]:
    """Return the rows in these stages, the fastest first."""
    found = [row for row in rows if row.figures.stage in stages and row.figures.growth_4w]
    return sorted(found, key=lambda row: (-abs(_growth(row) or 0.0), row.values))[:_MOVING]


def _moves(rows: Iterable[TrendRow], table: TrendTable, language: Language) -> str:
    return ", ".join(
        say(
            "trend_moving",
            language,
            name=row_name(table.by, row, language),
            growth=signed_percent(_growth(row) or 0.0),
        )
        for row in rows
    )


def _growth(row: TrendRow) -> float | None:
    growth = row.figures.growth_4w
    return None if growth is None else growth.value


def _comparison(
    row: TrendRow,
    was: TrendRow | None,
    tables: tuple[TrendTable, TrendTable],
    language: Language,
) -> str:
    table, earlier = tables
    before = was.share if was else 0.0
    growth = signed_percent(row.share / before - 1) if before else say("trend_new", language)
    return say(
        "trend_compared",
        language,
        name=row_name(table.by, row, language),
        share=percent(row.share),
        since=table.weeks[0],
        until=_end(table),
        looks=row.total,
        total=sum(table.totals),
        before_share=percent(before),
        before_since=earlier.weeks[0],
        before_until=_end(earlier),
        before_looks=was.total if was else 0,
        before_total=sum(earlier.totals),
        growth=growth,
    )


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def window(table: TrendTable, language: Language) -> str:
    """Return which weeks were counted, and how many looks."""
    return say(
        "trend_window",
        language,
        since=table.weeks[0],
        until=_end(table),
        weeks=len(table.weeks),
        looks=sum(table.totals),
    )


def _end(table: TrendTable) -> date:
    return table.weeks[-1] + timedelta(days=6)


def row_name(by: Sequence[str], row: TrendRow, language: Language) -> Word:
    """Return a row as people name it: colour and pattern before the garment."""
    told_as = labels(by, row.values, language)
    order = ("style", "color", "pattern", "family", "item", "source")
    return Word(" ".join(told_as[name] for name in order if name in told_as))


def _name_of(about: Slots, query: TrendQuery, language: Language) -> Word:
    by = [name for name in ("color", "pattern", "item", "style") if getattr(about, name)]
    values = tuple(getattr(about, name)[0] for name in by)
    return Word(" ".join(labels(by, values, language).values()))


def card_of(
    rows: Sequence[TrendRow], query: TrendQuery, table: TrendTable, language: Language
) -> TrendCard:
    """Return rows as a card, with the addresses of the same figures."""
    address = urlencode({"by": ",".join(query.by)} | _cut(query), safe=",")
    return TrendCard(
        by=list(table.by),
        since=table.weeks[0] if table.weeks else None,
        until=_end(table) if table.weeks else None,
        weeks=len(table.weeks),
        looks=sum(table.totals),
        running=table.running,
        rows=[_row_card(table.by, row, language) for row in rows],
        links={"trends": f"/v1/trends?{address}", "series": f"/v1/trends/series?{address}"},
    )


def _cut(query: TrendQuery) -> dict[str, Any]:
    if query.since is None:
        cut: dict[str, Any] = {"weeks": query.weeks}
    else:
        cut = {"since": query.since, "until": query.until}
    return cut | ({"style": query.style} if query.style else {})


def _row_card(by: Sequence[str], row: TrendRow, language: Language) -> TrendRowCard:
    low, high = row.figures.interval
    growth = _growth(row)
    return TrendRowCard(
        values=dict(zip(by, row.values, strict=True)),
        labels=labels(by, row.values, language),
        looks=row.total,
        share=round(row.share, _DIGITS),
        interval=(round(low, _DIGITS), round(high, _DIGITS)),
        growth_4w=None if growth is None else round(growth, _DIGITS),
        stage=row.figures.stage,
    )
