"""How pairs and harmonies are shown to clients."""

from __future__ import annotations

from typing import Final

from services.gateway.domain import Language, from_cursor, to_cursor
from services.gateway.pair_models import (
    HarmoniesView,
    HarmonyView,
    PairSide,
    PairsView,
    PairView,
)
from shared.analytics.harmony import HARMONY_LABELS
from shared.contracts.vocabulary import ALL, label
from shared.records.trend_pairs import Pair, PairTable, Side
from shared.trend_figures import TrendRow, TrendTable

_DIGITS: Final = 6


def pairs_view(
    table: PairTable, *, language: Language, cursor: str | None, limit: int
) -> PairsView:
    """Return one page of ``table``, the strongest pairs first."""
    pairs = table.pairs
    if cursor is not None:
        names = from_cursor(cursor, str, str, str, str)
        place = next((at for at, pair in enumerate(pairs) if _names(pair) == names), -1)
        pairs = pairs[place + 1 :]
    shown = pairs[:limit]
    return PairsView(
        weeks=list(table.weeks),
        looks=table.looks,
        pairs=[_pair(pair, language) for pair in shown],
        next=to_cursor(*_names(shown[-1])) if len(pairs) > limit else None,
    )


def harmonies_view(table: TrendTable, *, language: Language) -> HarmoniesView:
    """Return all harmonies."""
    return HarmoniesView(
        weeks=list(table.weeks),
        totals=list(table.totals),
        harmonies=[_harmony(row, language) for row in table.rows],
    )


def _harmony(row: TrendRow, language: Language) -> HarmonyView:
    low, high = row.figures.interval
    growth, q = row.figures.growth_4w, row.figures.q_value
    return HarmonyView(
        harmony=row.values[0],
        label=HARMONY_LABELS[row.values[0]][language],
        looks=list(row.looks),
        total=row.total,
        share=round(row.share, _DIGITS),
        interval=(round(low, _DIGITS), round(high, _DIGITS)),
        growth_4w=None if growth is None else round(growth.value, _DIGITS),
        q_value=None if q is None else round(q, _DIGITS),
        stage=row.figures.stage,
    )


def _pair(pair: Pair, language: Language) -> PairView:
    return PairView(
        one=_side(pair.one, language),
        other=_side(pair.other, language),
        looks=pair.looks,
        share=round(pair.share, _DIGITS),
        confidence=round(pair.confidence, _DIGITS),
        lift=round(pair.lift, _DIGITS),
        interval=(round(pair.interval[0], _DIGITS), round(pair.interval[1], _DIGITS)),
        q_value=round(pair.q_value, _DIGITS),
    )


def _side(side: Side, language: Language) -> PairSide:
    item, color = side
    if color == ALL:
        return PairSide(item=item, color=None, label=label(item, language))
    told = f"{label(color, language)} {label(item, language)}"
    return PairSide(item=item, color=color, label=told)


def _names(pair: Pair) -> list[str]:
    return [*pair.one, *pair.other]
