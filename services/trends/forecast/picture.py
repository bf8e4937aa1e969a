"""The forecasts of many series as one SVG: twelve small charts with what then came."""

from __future__ import annotations

from typing import Final

import numpy as np

from services.trends.curves import INK, Band, Curve, Frame, draw
from services.trends.forecast.series_file import Series
from shared.forecast import forecast

_SHOWN: Final = 12
_COLUMNS: Final = 3
_FRAME: Final = Frame(width=330, height=150, top=26, side=8, bottom=8)
_HISTORY: Final = 104
_LEGEND: Final = (
    "dashed: what came; line and bands: the forecast with its 80 % and 95 % intervals, made "
    "without the dashed weeks"
)


def draw_forecasts(series: Series, horizon: int, *, before: int) -> str:
    """Return an SVG of up to twelve series, evenly taken, the last ``horizon`` weeks told."""
    values = series.values[:, : series.values.shape[1] - before]
    past, came = values[:, :-horizon], values[:, -horizon:]
    told = forecast(past, horizon)
    rows = np.unique(np.linspace(0, len(values) - 1, min(_SHOWN, len(values))).round().astype(int))
    charts = []
    for place, row in enumerate(rows):
        curve = Curve(
            history=past[row, -_HISTORY:].tolist(),
            ahead=told.middle[row].tolist(),
            bands=(
                Band(told.low95[row].tolist(), told.high95[row].tolist(), 0.12),
                Band(told.low80[row].tolist(), told.high80[row].tolist(), 0.22),
            ),
            truth=came[row].tolist(),
            title=series.header[row + 1],
        )
        x, y = place % _COLUMNS * _FRAME.width, place // _COLUMNS * _FRAME.height
        charts.append(f'<g transform="translate({x} {y})">{"".join(draw(curve, _FRAME))}</g>')
    width, height = _COLUMNS * _FRAME.width, -(-len(rows) // _COLUMNS) * _FRAME.height + 24
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/>'
        f'{"".join(charts)}<text x="8" y="{height - 8}" font-size="11" fill="{INK}">{_LEGEND}'
        "</text></svg>\n"
    )
