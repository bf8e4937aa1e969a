"""The report as a page and as text; one template each, both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from services.trends.domain import sparkline
from services.trends.report.charts import ahead_curve, mover_curve, palette
from services.trends.report.digest import HORIZON, Digest, Entry
from services.trends.report.words import how_sure, say
from services.trends.table import SWATCHES
from shared.analytics.harmony import HARMONY_LABELS
from shared.analytics.movement import STAGE_LABELS
from shared.contracts.vocabulary import KOREAN, label
from shared.quoting import quotable
from shared.records.trend_pairs import Side

TEMPLATES: Final = Path(__file__).parent
_SHOWN: Final = 10
_QUARTER: Final = 13


def render(digest: Digest, *, language: str, form: str, day: date) -> str:
    """Return the report as ``"html"`` or ``"md"``, in ``"ko"`` or ``"en"``; ``day`` signs it."""
    template = _environment().get_template(f"digest.{form}")
    text = template.render(
        digest=digest,
        language=language,
        say=partial(_say, language),
        sure=partial(_sure, language),
        named=partial(named, language),
        side=partial(_side, language),
        word=partial(_word, language),
        stage=partial(_stage, language),
        growth=partial(_growth, language),
        swatch=_swatch,
        spark=sparkline,
        spark_ahead=_spark_ahead,
        safe_name=_safe_name,
        mover=partial(_mover, language),
        ahead=partial(_ahead, language),
        palette=_palette,
        headline=partial(_headline, language),
        shown=_SHOWN,
        horizon=HORIZON,
        version=version("mapsi"),
        day=day.isoformat(),
        last_day=digest.weeks[-1] + timedelta(days=6) if digest.weeks else None,
        percent="{:.1%}".format,
        points=_points,
    )
    return re.sub(r"\n{3,}", "\n\n", text) if form == "md" else text


def named(language: str, values: Sequence[str]) -> str:
    """Return what people call a cell of (item, colour), or of one of them: beige trousers."""
    return " ".join(_word(language, value) for value in reversed(values))


def _word(language: str, value: str) -> str:
    if value in HARMONY_LABELS:
        return HARMONY_LABELS[value][language]
    return label(value, language) if value in KOREAN else value


def _say(language: str, word: str, **values: object) -> str:
    return say(word, language, **values)


def _sure(language: str, entry: Entry) -> str:
    return how_sure(entry.q_value, language)


def _stage(language: str, entry: Entry) -> str:
    return STAGE_LABELS[entry.stage][language] if entry.stage else ""


def _growth(language: str, entry: Entry) -> str:
    """Return +45 % (+22 % to +71 %); without figures a dash."""
    growth = entry.growth
    if growth is None:
        return "–"
    to = " ~ " if language == "ko" else " to "
    high = "∞" if growth.high is None else f"{growth.high:+.0%}"
    return f"{growth.value:+.0%} ({growth.low:+.0%}{to}{high})"


def _points(change: float) -> str:
    """Return a change of a share in points; what rounds to nothing has no sign."""
    told = f"{change * 100:+.1f}"
    return "0.0" if told in ("+0.0", "-0.0") else told


def _side(language: str, side: Side) -> str:
    return named(language, side)


def _spark_ahead(entry: Entry) -> str:
    """Return a quarter of the past and the weeks ahead on one scale, an arrow between."""
    ahead = entry.ahead.middle if entry.ahead else ()
    bars = sparkline((*entry.shares[-_QUARTER:], *ahead))
    return f"{bars[: -len(ahead) or None]}→{bars[-len(ahead) or len(bars) :]}"


def _swatch(values: Sequence[str]) -> str:
    """Return the colour of a cell's values, the paper's where it has none."""
    return next((SWATCHES[value] for value in values if value in SWATCHES), "#d8d5cd")


def _safe_name(text: str) -> str:
    """Return what a stranger named, in one line and without what Markdown would obey."""
    return "".join("\\" + c if c in "\\`*_{}[]()#+-.!|<>~" else c for c in quotable(text, limit=64))


def _label(language: str, entry: Entry) -> str:
    known = [share for share in entry.shares if share is not None] or [0.0]
    name = named(language, entry.values)
    return say("curve_label", language, name=name, first=known[0], last=known[-1])


def _mover(language: str, entry: Entry) -> Markup:
    return Markup(mover_curve(entry, _label(language, entry)))  # noqa: S704 - ours, escaped there


def _ahead(language: str, entry: Entry) -> Markup:
    return Markup(ahead_curve(entry, _label(language, entry)))  # noqa: S704 - ours, escaped there


def _palette(shares: Sequence[tuple[str, float]], told: str) -> Markup:
    return Markup(palette(shares, told))  # noqa: S704 - ours, escaped there


def _headline(language: str, digest: Digest) -> list[dict[str, Any]]:
    """Return the first of what rose and what fell."""
    found = (("up", digest.rising), ("down", digest.falling))
    return [
        {"way": say(way, language), "entry": entries[0] if entries else None, "up": way == "up"}
        for way, entries in found
    ]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
