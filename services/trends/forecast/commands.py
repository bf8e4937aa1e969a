"""The ``mapsi forecast`` command."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from services.trends.forecast.series_file import Series, read_series, write_series
from shared.errors import MapsiError
from shared.forecast import MAX_HORIZON, Backtest, forecast, run_backtest
from shared.settings import Settings, read

_TEXTS: Final = {
    "judged": {
        "en": "Backtest, the last {horizon} weeks held back{times}: seasonal MASE {mase:.3f}, "
        "{naive:.3f} for last year's weeks again (ratio {ratio:.2f}); the 80 % intervals held "
        "{inner:.0%} of the weeks, the 95 % ones {outer:.0%}.",
        "ko": "백테스트(마지막 {horizon}주를 가리고 예측{times}): 계절 MASE {mase:.3f}, "
        "작년 같은 주를 되풀이하면 {naive:.3f}(비 {ratio:.2f}). 80% 구간에 실제 값의 {inner:.0%}, "
        "95% 구간에 {outer:.0%}가 들었습니다.",
    },
    "times": {"en": ", {origins} times", "ko": ", {origins}번"},
    "unjudged": {
        "en": "No backtest: it takes {needed} weeks or more, of series that change from year to "
        "year; these are {weeks} weeks.",
        "ko": "백테스트를 하지 못했습니다: 해마다 달라지는 시계열이 {needed}주 이상 필요한데 "
        "{weeks}주입니다.",
    },
}
_NEEDED: Final = 52 + 13
_ORIGINS: Final = 2


@click.command("forecast")
@click.argument("series", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--horizon", type=click.IntRange(1, MAX_HORIZON), default=52, show_default=True,
              help="Weeks ahead. 예측할 주 수.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write; else standard output. 쓸 파일.")  # fmt: skip
@click.option("--intervals", is_flag=True,
              help="Add .lo80, .hi80, .lo95 and .hi95 columns. 예측 구간 열 추가.")  # fmt: skip
@click.option("--backtest/--no-backtest", "wants_backtest", default=True, show_default=True,
              help="Tell on standard error how good it was before. 백테스트도 출력.")  # fmt: skip
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
def forecast_series(
    *, series: Path, horizon: int, out: Path | None, intervals: bool, wants_backtest: bool,
    lang: str | None,
) -> None:  # fmt: skip
    """Tell the coming weeks of weekly series in a CSV. 주별 시계열 CSV의 앞날 예측.

    The first column is the week (2026-02-16 or 2026-W08), then one column a series; an empty
    field or a missing week is a gap. The same columns come out, for the weeks that follow.
    """
    history = read_series(series)
    text = write_series(history, forecast(history.values, horizon), intervals=intervals)
    if out is None:
        click.echo(text, nl=False)
    else:
        _write(out, text)
    if wants_backtest:
        language = lang or read(Settings).language
        click.echo(_judgement(history, horizon, language), err=True)


def _judgement(history: Series, horizon: int, language: str) -> str:
    weeks = len(history.weeks)
    # Of a short history no more is held back than leaves a year and a quarter before it.
    held = min(horizon, max(1, weeks - _NEEDED))
    judged = run_backtest(history.values, held, origins=_ORIGINS)
    if judged is None:
        return _TEXTS["unjudged"][language].format(needed=_NEEDED + 1, weeks=weeks)
    return _tell(judged, language)


def _tell(judged: Backtest, language: str) -> str:
    many = judged.origins > 1
    return _TEXTS["judged"][language].format(
        horizon=judged.horizon,
        times=_TEXTS["times"][language].format(origins=judged.origins) if many else "",
        mase=judged.mase,
        naive=judged.naive_mase,
        ratio=judged.ratio,
        inner=judged.coverage80,
        outer=judged.coverage95,
    )


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise MapsiError(
            f"{out}: cannot be written ({error.strerror}); name another file with --out",
            text_ko=f"{out}: 쓸 수 없습니다({error.strerror}). --out에 다른 파일을 지정하세요",
            reason="not_written",
        ) from error
