"""How the coming weeks are shown to clients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, Field

from services.gateway.domain import Language
from services.gateway.trend_views import labels, page_of
from services.gateway.views import example
from shared.forecast import Backtest
from shared.trend_figures import TrendRow, TrendTable
from shared.trend_forecast import RowForecast, TableForecast

_DIGITS: Final = 6


class BacktestView(BaseModel):
    """How good such forecasts were: made again as of earlier weeks, against what came."""

    horizon: int = Field(description="weeks that were held back")
    origins: int = Field(description="forecasts that were made again")
    series: int
    mase: float = Field(description="seasonal MASE, mean over series; below 1 is good")
    naive_mase: float = Field(description="the same of last year's weeks again")
    ratio: float = Field(description="mase / naive_mase")
    coverage80: float = Field(description="share of the weeks that the 80 % intervals held")
    coverage95: float


class AheadView(BaseModel):
    """Shares in the weeks ahead, one a week."""

    middle: list[float]
    low80: list[float]
    high80: list[float]
    low95: list[float]
    high95: list[float]


class ForecastRow(BaseModel):
    """One cell: its past, and what may come."""

    values: dict[str, str]
    labels: dict[str, str]
    looks: list[int]
    shares: list[float | None]
    ahead: AheadView | None = Field(description="null: see `reason`")
    reason: Literal["too_few_looks", "too_few_weeks"] | None = None


class ForecastView(BaseModel):
    """The coming weeks of the best-ranked cells."""

    by: list[str]
    weeks: list[date] = Field(description="Mondays of the past that is shown")
    running: bool = Field(description="the last of `weeks` is not over; `ahead` begins with it")
    learnt: int = Field(description="weeks of history that the forecast was made from")
    ahead: list[date] = Field(description="Mondays of the weeks ahead")
    backtest: BacktestView | None = Field(description="null: under a year and a quarter to learn")
    series: list[ForecastRow]
    next: str | None

    model_config = example(
        {
            "by": ["item", "color"],
            "weeks": ["2026-02-09", "2026-02-16"],
            "running": False,
            "learnt": 157,
            "ahead": ["2026-02-23"],
            "backtest": {
                "horizon": 12, "origins": 2, "series": 40, "mase": 0.64, "naive_mase": 0.83,
                "ratio": 0.77, "coverage80": 0.79, "coverage95": 0.94,
            },
            "series": [
                {
                    "values": {"item": "trousers", "color": "navy"},
                    "labels": {"item": "trousers", "color": "navy"},
                    "looks": [41, 44],
                    "shares": [0.061, 0.066],
                    "ahead": {
                        "middle": [0.067], "low80": [0.058], "high80": [0.076],
                        "low95": [0.052], "high95": [0.083],
                    },
                    "reason": None,
                }
            ],
            "next": None,
        }
    )  # fmt: skip


def forecast_view(
    table: TrendTable,
    told: TableForecast,
    *,
    shown: int,
    language: Language,
    cursor: str | None,
    limit: int,
) -> ForecastView:
    """Return one page of the forecast, with the last ``shown`` weeks of the past."""
    by_values = {row.values: one for row, one in zip(table.rows, told.rows, strict=False)}
    rows, following = page_of(table.rows[: len(told.rows)], table.by, cursor=cursor, limit=limit)
    return ForecastView(
        by=list(table.by),
        weeks=list(table.weeks[_start(table, shown) :]),
        running=table.running,
        learnt=told.learnt,
        ahead=list(told.ahead),
        backtest=_backtest(told.backtest),
        series=[
            _row(table, row, by_values[row.values], shown=shown, language=language) for row in rows
        ],
        next=following,
    )


def _row(
    table: TrendTable,
    row: TrendRow,
    told: RowForecast | Literal["too_few_looks", "too_few_weeks"],
    *,
    shown: int,
    language: Language,
) -> ForecastRow:
    start = _start(table, shown)
    return ForecastRow(
        values=dict(zip(table.by, row.values, strict=True)),
        labels=labels(table.by, row.values, language),
        looks=list(row.looks[start:]),
        shares=[
            round(looks / total, _DIGITS) if total else None
            for looks, total in zip(row.looks[start:], table.totals[start:], strict=True)
        ],
        ahead=_ahead(told) if isinstance(told, RowForecast) else None,
        reason=None if isinstance(told, RowForecast) else told,
    )


def _start(table: TrendTable, shown: int) -> int:
    return max(0, len(table.weeks) - shown)


def _ahead(told: RowForecast) -> AheadView:
    return AheadView(
        middle=_rounded(told.middle),
        low80=_rounded(told.low80),
        high80=_rounded(told.high80),
        low95=_rounded(told.low95),
        high95=_rounded(told.high95),
    )


def _backtest(judged: Backtest | None) -> BacktestView | None:
    if judged is None:
        return None
    return BacktestView(
        horizon=judged.horizon,
        origins=judged.origins,
        series=judged.series,
        mase=round(judged.mase, 4),
        naive_mase=round(judged.naive_mase, 4),
        ratio=round(judged.ratio, 4),
        coverage80=round(judged.coverage80, 4),
        coverage95=round(judged.coverage95, 4),
    )


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, _DIGITS) for value in values]
