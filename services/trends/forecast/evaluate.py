"""``mapsi evaluate forecast``: the forecast against last year's weeks again, and against ETS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click
import numpy as np

from services.trends.forecast.picture import draw_forecasts
from services.trends.forecast.series_file import read_series
from shared.errors import UsageError
from shared.forecast import Values, forecast
from shared.forecast.backtest import coverage, mase
from shared.forecast.members import MEMBERS, predict_each
from shared.forecast.values import YEAR

OURS: Final = "Mapsi"
NAIVE: Final = MEMBERS[-1]


@dataclass(frozen=True)
class Judged:
    """One method on the held-back weeks."""

    name: str
    mase: float
    seconds: float
    coverage80: float | None = None
    coverage95: float | None = None


@click.command("forecast")
@click.option("--data", type=click.Path(exists=True, path_type=Path), required=True,
              help="A CSV of weekly series, or a folder of them. CSV나 폴더.")  # fmt: skip
@click.option("--horizon", type=click.IntRange(1, 104), default=52, show_default=True,
              help="The last weeks, held back. 가려 둘 마지막 주 수.")  # fmt: skip
@click.option("--before", type=click.IntRange(min=0), default=0, show_default=True,
              help="Leave out as many weeks at the end. 끝에서 버릴 주 수.")  # fmt: skip
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path),
              help="Draw curves, as SVG. 곡선을 SVG로.")  # fmt: skip
def evaluate_forecast(data: Path, horizon: int, before: int, picture: Path | None) -> None:
    """Measure the forecast on the last weeks of real series. 예측 평가."""
    for path in _files(data):
        series = read_series(path)
        values = series.values[:, : series.values.shape[1] - before]
        click.echo(f"{path.name}: {len(values)} series, {values.shape[1]} weeks")
        for line in report(values, horizon):
            click.echo(line)
        if picture:
            picture.write_text(draw_forecasts(series, horizon, before=before), encoding="utf-8")


def report(values: Values, horizon: int) -> Iterator[str]:
    """Yield a table of the methods: MASE, its ratio to the seasonal naive one, coverage, time."""
    yield f"{'method':22}{'MASE':>8}{'ratio':>8}{'80 %':>8}{'95 %':>8}{'seconds':>9}"
    judged = list(judge(values, horizon))
    naive = next(method.mase for method in judged if method.name == NAIVE)
    for method in judged:
        held = [
            "" if share is None else f"{share:.1%}"
            for share in (method.coverage80, method.coverage95)
        ]
        yield (
            f"{method.name:22}{method.mase:8.4f}{method.mase / naive:8.4f}"
            f"{held[0]:>8}{held[1]:>8}{method.seconds:9.2f}"
        )


def judge(values: Values, horizon: int) -> Iterator[Judged]:
    """Yield every method's figures; ETS where statsforecast is installed (the bench extra)."""
    if values.shape[1] < horizon + YEAR + 1:
        raise UsageError(
            f"{values.shape[1]} weeks cannot be judged on {horizon}; "
            f"{horizon + YEAR + 1} are needed",
            text_ko=f"{values.shape[1]}주로는 {horizon}주를 평가할 수 없습니다. "
            f"{horizon + YEAR + 1}주가 필요합니다",
        )
    past, came = values[:, :-horizon], values[:, -horizon:]
    started = time.perf_counter()
    told = forecast(past, horizon)
    seconds = time.perf_counter() - started
    yield Judged(
        OURS,
        _mean(told.middle, came, past),
        seconds,
        coverage(told.low80, told.high80, came),
        coverage(told.low95, told.high95, came),
    )
    for index, name in enumerate(MEMBERS):
        yield _timed(name, partial(_member, past, horizon, index), came, past)
    if find_spec("statsforecast"):
        yield _timed("ETS (MSTL + AutoETS)", partial(_ets, past, horizon), came, past)


def _timed(name: str, predict: Callable[[], Values], came: Values, past: Values) -> Judged:
    started = time.perf_counter()
    told = predict()
    return Judged(name, _mean(told, came, past), time.perf_counter() - started)


def _member(past: Values, horizon: int, index: int) -> Values:
    told: Values = predict_each(past, horizon)[index]
    return told


def _mean(told: Values, came: Values, past: Values) -> float:
    return float(np.nanmean(mase(told, came, past)))


def _ets(past: Values, horizon: int) -> Values:
    """Return statsforecast's ETS: its season of 52 needs MSTL before it."""
    from statsforecast.models import MSTL, AutoETS

    told = []
    for series in past:
        model = MSTL(season_length=YEAR, trend_forecaster=AutoETS(model="ZZN"))
        known = np.interp(
            np.arange(len(series)), np.flatnonzero(~np.isnan(series)), series[~np.isnan(series)]
        )
        told.append(model.forecast(y=known, h=horizon)["mean"])
    return np.maximum(np.array(told, dtype=np.float64), 0.0)


def _files(data: Path) -> list[Path]:
    if data.is_file():
        return [data]
    # The data folder of all trainings keeps its series in forecast/.
    found = sorted((data / "forecast" if (data / "forecast").is_dir() else data).glob("*.csv"))
    if not found:
        raise UsageError(
            f"{data}: no CSV of weekly series; name a file or a folder that has some",
            text_ko=f"{data}: 주별 시계열 CSV가 없습니다. 파일이나 폴더를 지정하세요",
        )
    return found
