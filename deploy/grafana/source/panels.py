"""What a dashboard is made of, in both languages, and how Grafana's JSON comes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final, Literal

from grafana_foundation_sdk.builders import common as parts
from grafana_foundation_sdk.builders import dashboard as boards
from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common, dashboard

Lang = Literal["en", "ko"]
LANGS: Final[tuple[Lang, ...]] = ("en", "ko")
_SOURCE: Final = dashboard.DataSourceRef(type_val="prometheus", uid="${datasource}")


@dataclass(frozen=True)
class Text:
    """A text that people read."""

    en: str
    ko: str

    def of(self, lang: Lang) -> str:
        """Return it in the language."""
        return self.en if lang == "en" else self.ko


@dataclass(frozen=True)
class Query:
    """One PromQL expression, and how its series are called: ``{{label}}`` or a text."""

    expr: str
    legend: str | Text = ""

    def called(self, lang: Lang) -> str:
        """Return the legend in the language."""
        return self.legend.of(lang) if isinstance(self.legend, Text) else self.legend


@dataclass(frozen=True)
class Panel:
    """One graph, or one big number."""

    title: Text
    about: Text
    """What a reader should take from it, and when to worry."""
    queries: tuple[Query, ...]
    unit: str = "short"
    """Grafana's name of the unit: s, percentunit, bytes, ops, short."""
    kind: Literal["graph", "stacked", "number"] = "graph"
    width: int = 12
    """Of 24 columns."""
    warn: float | None = None
    """From here on a number is orange."""
    alarm: float | None = None
    """From here on a number is red, and a graph has a red line."""
    top: float | None = None
    """The axis ends here; a share's ends at 1."""


@dataclass(frozen=True)
class Row:
    """Panels under one heading."""

    title: Text
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Board:
    """One dashboard."""

    name: str
    title: Text
    about: Text
    rows: tuple[Row, ...]
    hours: int = 6
    """How far back it looks when it is opened."""
    variables: tuple[tuple[str, Text, str], ...] = field(default=())
    """Name, label and Prometheus query of each choice above the panels."""


def as_json(board: Board, lang: Lang) -> str:
    """Return the file that Grafana provisions."""
    return json.dumps(_dashboard(board, lang), cls=JSONEncoder, indent=1, ensure_ascii=False) + "\n"


def _dashboard(board: Board, lang: Lang) -> dashboard.Dashboard:
    built = (
        boards.Dashboard(board.title.of(lang))
        .uid(f"mapsi-{board.name}-{lang}")
        .description(board.about.of(lang))
        .tags(["mapsi", lang])
        .readonly()
        .timezone("browser")
        .refresh("30s")
        .time(f"now-{board.hours}h", "now")
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .with_variable(
            boards.DatasourceVariable("datasource")
            .label(Text("Data source", "데이터 원본").of(lang))
            .type("prometheus")
        )
        .link(_neighbours(lang))
    )
    for name, label, query in board.variables:
        built.with_variable(_choice(name, label.of(lang), query))
    for row in board.rows:
        built.with_row(boards.Row(row.title.of(lang)))
        for panel in row.panels:
            built.with_panel(_panel(panel, lang))
    made = built.build()
    for number, made_panel in enumerate(made.panels or [], start=1):
        made_panel.id_val = number
    return made


def _neighbours(lang: Lang) -> boards.DashboardLink:
    """The other dashboards of the same language, in the line above the panels."""
    return (
        boards.DashboardLink("Mapsi")
        .type(dashboard.DashboardLinkType.DASHBOARDS)
        .tags(["mapsi", lang])
        .keep_time(True)
    )


def _choice(name: str, label: str, query: str) -> boards.QueryVariable:
    return (
        boards.QueryVariable(name)
        .label(label)
        .datasource(_SOURCE)
        .query(query)
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(dashboard.VariableOption(selected=True, text="All", value="$__all"))
    )


def _panel(panel: Panel, lang: Lang) -> stat.Panel | timeseries.Panel:
    made = _number(panel) if panel.kind == "number" else _graph(panel)
    made.title(panel.title.of(lang)).description(panel.about.of(lang)).unit(panel.unit)
    made.datasource(_SOURCE).span(panel.width).height(4 if panel.kind == "number" else 8)
    made.thresholds(_thresholds(panel)).min(0)
    if panel.top is not None:
        made.max(panel.top)
    for letter, query in zip("ABCDEFGH", panel.queries, strict=False):
        made.with_target(
            prometheus.Dataquery()
            .expr(query.expr)
            .legend_format(query.called(lang))
            .ref_id(letter)
            .range()
        )
    return made


def _number(panel: Panel) -> stat.Panel:
    made = stat.Panel().graph_mode(common.BigValueGraphMode.AREA)
    made.reduce_options(parts.ReduceDataOptions().calcs(["lastNotNull"]))
    watched = panel.warn is not None or panel.alarm is not None
    return made.color_mode(
        common.BigValueColorMode.VALUE if watched else common.BigValueColorMode.NONE
    )


def _graph(panel: Panel) -> timeseries.Panel:
    made = timeseries.Panel().show_points(common.VisibilityMode.NEVER).line_width(1)
    made.legend(
        parts.VizLegendOptions()
        .show_legend(True)
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
    )
    made.tooltip(
        parts.VizTooltipOptions()
        .mode(common.TooltipDisplayMode.MULTI)
        .sort(common.SortOrder.DESCENDING)
    )
    if panel.kind == "stacked":
        made.stacking(parts.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))
        made.fill_opacity(40)
    if panel.alarm is not None:
        style = parts.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED)
        made.thresholds_style(style)
    return made


def _thresholds(panel: Panel) -> boards.ThresholdsConfig:
    steps = [dashboard.Threshold(color="green", value=None)]
    if panel.warn is not None:
        steps.append(dashboard.Threshold(color="orange", value=panel.warn))
    if panel.alarm is not None:
        steps.append(dashboard.Threshold(color="red", value=panel.alarm))
    return boards.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(steps)
