"""The trend table as a person reads it, in Korean or English, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from services.trends.domain import sparkline
from services.trends.recount import Difference
from shared.analytics.movement import STAGE_LABELS
from shared.contracts.vocabulary import KOREAN, label
from shared.quoting import quotable
from shared.records.trend_queries import TrendQuery
from shared.trend_figures import MIN_WEEK_LOOKS, Change, TrendRow, TrendTable
from shared.trend_outlook import Figures, Growth

DRAWN: Final = 26
"""Bars of a sparkline at most."""

SWATCHES: Final = {
    "red": "#c8202f",
    "orange": "#f07f13",
    "yellow": "#f4d11f",
    "yellow_green": "#a4c639",
    "green": "#2e8b45",
    "blue_green": "#1a8a8a",
    "blue": "#2f6fd0",
    "navy": "#1f2a52",
    "purple": "#7d4fa3",
    "magenta": "#9c1f5c",
    "pink": "#f29bb4",
    "brown": "#7a4a2b",
    "white": "#f5f5f2",
    "gray": "#8c8c8c",
    "black": "#1c1c1c",
    "beige": "#d9c3a0",
}
"""How a basic colour is shown."""

_STAGE_STYLES: Final = {
    "emerging": "bold green",
    "rising": "green",
    "peak": "yellow",
    "falling": "red",
    "seasonal": "cyan",
}
_CLEAR: Final = 0.05

WORDS: Final = {
    "item": {"en": "Item", "ko": "아이템"},
    "color": {"en": "Colour", "ko": "색"},
    "style": {"en": "Style", "ko": "스타일"},
    "source": {"en": "Source", "ko": "출처"},
    "looks": {"en": "Looks", "ko": "룩"},
    "share": {"en": "Share", "ko": "비율"},
    "last": {"en": "Last", "ko": "끝 주"},
    "running": {"en": "Now", "ko": "이번 주"},
    "change": {"en": "Change", "ko": "전주 대비"},
    "growth": {"en": "4 weeks", "ko": "4주"},
    "year": {"en": "Year", "ko": "1년"},
    "stage": {"en": "Stage", "ko": "단계"},
    "one_source": {"en": "one source", "ko": "출처 하나"},
    "family": {"en": "Family", "ko": "종류"},
    "pattern": {"en": "Pattern", "ko": "무늬"},
    "weeks": {"en": "Weeks", "ko": "주별 추이"},
    "heading": {
        "en": "Looks by week, {first} to {last} (Mondays), {total:,} looks",
        "ko": "주별 룩 {first} ~ {last} (월요일), 모두 {total:,}개",
    },
    "legend": {
        "en": "Share: of all looks of these weeks. {week}: looks of the last week. Change: its "
        "share against the week before, in points; bright where chance alone rarely does it "
        "(95 %), – where a week has fewer than {minimum} looks. 4 weeks, Year: growth of the share "
        "against the four weeks before and a year ago, source by source; bright at a false "
        "discovery rate of 5 %. Stage: docs/analytics.md.",
        "ko": "비율: 이 기간의 모든 룩 가운데. {week}: 마지막 주의 룩. 전주 대비: 그 주의 비율 "
        "차이(%p). 우연으로 보기 어려우면(95 %) 밝게, 한 주의 룩이 {minimum}개보다 적으면 –. "
        "4주·1년: 앞 4주와 작년 같은 4주에 견준 비율의 성장(출처별로 비교). "
        "거짓 발견율 5 %에서 밝게. 단계: docs/analytics.md.",
    },
    "more": {
        "en": "{hidden:,} more rows; --top {all} shows them.",
        "ko": "{hidden:,}줄이 더 있습니다. --top {all} 로 볼 수 있습니다.",
    },
    "exported": {
        "en": "{path}: {number:,} lines, one a row and week.",
        "ko": "{path}: {number:,}줄(줄마다 한 칸의 한 주).",
    },
    "week": {"en": "Week", "ko": "주"},
    "cell": {"en": "Cell", "ko": "셀"},
    "stored": {"en": "Stored", "ko": "저장된 값"},
    "counted": {"en": "Counted", "ko": "다시 센 값"},
    "equal": {
        "en": "Counted again from the facts: every cell is right.",
        "ko": "다시 집계했습니다: 모든 값이 맞습니다.",
    },
    "repaired": {
        "en": "Counted again from the facts: {number:,} cells differed and are repaired.",
        "ko": "다시 집계했습니다: 값 {number:,}개가 달라 바로잡았습니다.",
    },
}


def say(word: str, language: str, **values: object) -> str:
    """Return a text of the table in ``"ko"`` or ``"en"``."""
    return WORDS[word][language].format(**values)


def draw(table: TrendTable, *, top: int, language: str) -> Table:
    """Return the table's first ``top`` rows for rich to print."""
    drawn = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    # In a narrow terminal names are wrapped, figures are not.
    for name in table.by:
        drawn.add_column(say(name, language), overflow="fold")
    for name in ("looks", "share", "running" if table.running else "last", "change"):
        drawn.add_column(say(name, language), justify="right", no_wrap=True)
    columns = _growth_columns(table)
    for name in columns:
        drawn.add_column(say(name, language), justify="right", no_wrap=True)
    if columns:
        drawn.add_column(say("stage", language), no_wrap=True)
    drawn.add_column(say("weeks", language), no_wrap=True)
    for row in table.rows[:top]:
        drawn.add_row(*_cells(row, table, columns, language=language))
    return drawn


def _growth_columns(table: TrendTable) -> tuple[str, ...]:
    """Return the growth that some row has: a young archive is not told of years."""
    figures = [row.figures for row in table.rows]
    told = {
        "growth": any(one.growth_4w for one in figures),
        "year": any(one.growth_yoy for one in figures),
    }
    return tuple(name for name, known in told.items() if known)


def draw_differences(differences: Sequence[Difference], *, top: int, language: str) -> Table:
    """Return the first ``top`` cells whose stored count was wrong."""
    drawn = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("week", "cell"):
        drawn.add_column(say(name, language), no_wrap=True)
    for name in ("stored", "counted"):
        drawn.add_column(say(name, language), justify="right")
    for difference in differences[:top]:
        week, *names = difference.key
        drawn.add_row(
            str(week),
            Text(" ".join(quotable(name) for name in names)),
            f"{difference.stored:,}",
            f"{difference.counted:,}",
        )
    return drawn


def heading(table: TrendTable, language: str) -> str:
    """Return what stands above the table, which has weeks."""
    first, last = table.weeks[0], table.weeks[-1]
    return say("heading", language, first=first, last=last, total=sum(table.totals))


def legend(table: TrendTable, *, top: int, language: str) -> str:
    """Return what stands below the table."""
    week = say("running" if table.running else "last", language)
    lines = [say("legend", language, minimum=MIN_WEEK_LOOKS, week=week)]
    if len(table.rows) > top:
        hidden = len(table.rows) - top
        lines.insert(0, say("more", language, hidden=hidden, all=len(table.rows)))
    return "\n".join(lines)


def as_json(table: TrendTable, query: TrendQuery, *, top: int | None) -> str:
    """Return the table as one JSON object on one line; names are the vocabulary's, in English."""
    rows = [_row(row, table.by) for row in table.rows[:top]]
    return json.dumps(
        {
            "by": table.by,
            **{
                name: getattr(query, name)
                for name in ("item", "color", "pattern", "style", "source", "stage")
            },
            "weeks": [week.isoformat() for week in table.weeks],
            "running": table.running,
            "totals": table.totals,
            "rows": rows,
        },
        ensure_ascii=False,
    )


def _row(row: TrendRow, by: tuple[str, ...]) -> dict[str, Any]:
    values = asdict(row)
    figures = values.pop("figures")
    growth = {name: figures.pop(f"growth_{name}") for name in ("wow", "4w", "yoy")}
    flat = {f"growth_{name}": found and found["value"] for name, found in growth.items()}
    named = dict(zip(by, values.pop("values"), strict=True))
    return named | values | figures | flat | {"growth": growth}


def _cells(
    row: TrendRow, table: TrendTable, columns: tuple[str, ...], *, language: str
) -> list[Text]:
    named = zip(table.by, row.values, strict=True)
    shares = [
        looks / total if total else None
        for looks, total in zip(row.looks, table.totals, strict=True)
    ]
    return [
        *(_name(dimension, value, language) for dimension, value in named),
        Text(f"{row.total:,}"),
        Text(f"{row.share:.1%}"),
        Text(f"{row.looks[-1]:,}"),
        _change(row.change),
        *_outlook(row.figures, columns, language),
        Text(sparkline(shares[-DRAWN:])),
    ]


def _outlook(figures: Figures, columns: tuple[str, ...], language: str) -> list[Text]:
    growth = {"growth": figures.growth_4w, "year": figures.growth_yoy}
    told = [_growth(growth[name]) for name in columns]
    if not columns:
        return []
    if figures.one_source:
        return [*told, Text(say("one_source", language), style="dim")]
    stage = STAGE_LABELS[figures.stage][language] if figures.stage else "–"
    return [*told, Text(stage, style=_STAGE_STYLES.get(figures.stage or "", "dim"))]


def _growth(growth: Growth | None) -> Text:
    if growth is None:
        return Text("–", style="dim")
    rising = "bold green" if growth.value > 0 else "bold red"
    return Text(f"{growth.value:+.0%}", style=rising if growth.q_value <= _CLEAR else "dim")


def _name(dimension: str, value: str, language: str) -> Text:
    if dimension == "source":  # named by whoever ingested: show, never obey
        return Text(quotable(value))
    name = Text(label(value, language) if value in KOREAN else value)
    if dimension == "color":
        return Text.assemble(("  ", f"on {SWATCHES.get(value, 'default')}"), " ", name)
    return name


def _change(change: Change | None) -> Text:
    if change is None:
        return Text("–", style="dim")
    told = f"{change.points * 100:+.1f}"
    if change.relative is not None:
        told += f" ({change.relative:+.0%})"
    rising = "bold green" if change.points > 0 else "bold red"
    return Text(told, style=rising if change.clear else "dim")
