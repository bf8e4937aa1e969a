"""Every metric is in docs/metrics.md, with its labels, and is named as that page says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from shared import metrics

DOCS = Path(__file__).parents[2] / "docs"
KINDS: dict[type[MetricWrapperBase], str] = {
    Counter: "counter",
    Gauge: "gauge",
    Histogram: "histogram",
}
METRICS = {
    metric.describe()[0].name + ("_total" if isinstance(metric, Counter) else ""): metric
    for metric in vars(metrics).values()
    if isinstance(metric, MetricWrapperBase)
}
NOT_BASE_UNITS = re.compile(r"_(ms|milliseconds|minutes|hours|days|kb|mb|gb|percent)(_|$)")
WITHOUT_BOUND = re.compile(r"(^|_)(id|ids|photo|user|author|key|url|path|address|name|text|query)$")


def _table(heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading of docs/metrics.md."""
    text = (DOCS / "metrics.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_the_list_of_metrics_is_whole_and_names_nothing_else() -> None:
    listed = [row[0].strip("`") for row in _table("All metrics")]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(METRICS)


@pytest.mark.parametrize("row", _table("All metrics"), ids=lambda row: row[0].strip("`"))
def test_a_metric_is_listed_as_it_is(row: list[str]) -> None:
    metric = METRICS[row[0].strip("`")]
    assert row[1] == KINDS[type(metric)]
    assert row[2] == (", ".join(metric._labelnames) or "–")
    assert row[3] == metric._documentation.replace("|", ",")


def test_every_label_has_a_bound_and_none_is_listed_in_vain() -> None:
    used = {label for metric in METRICS.values() for label in metric._labelnames}
    assert {row[0] for row in _table("Labels")} == used
    assert all(row[1] and row[2] for row in _table("Labels"))
    assert not [label for label in used if WITHOUT_BOUND.search(label)]


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_named_by_the_convention(name: str) -> None:
    metric = METRICS[name]
    assert re.fullmatch(r"mapsi(_[a-z]+)+", name)
    assert not NOT_BASE_UNITS.search(name)
    assert metric._documentation.endswith(".")
    if isinstance(metric, Histogram):
        assert name.endswith(("_seconds", "_bytes", "_ratio"))
    if isinstance(metric, Gauge):
        assert not name.endswith(("_total", "_count", "_sum", "_bucket"))
        # Under `mapsi up` no gauge may be left of a process that is no more.
        assert metric._multiprocess_mode in ("livemostrecent", "livesum")


def test_reasons_of_errors_are_words_of_the_code() -> None:
    """``mapsi_errors_total`` has them as a label: none may hold what somebody has sent."""
    root = DOCS.parent
    texts = [
        path.read_text()
        for folder in ("shared", "services")
        for path in sorted((root / folder).rglob("*.py"))
    ]
    found = [reason for text in texts if "reason=" in text for reason in _reasons(ast.parse(text))]
    words = {ast.literal_eval(reason) for reason in found if isinstance(reason, ast.Constant)}
    assert len(words) > 50
    assert not [word for word in words if not re.fullmatch("[a-z0-9_]{2,40}", word)]
    # Made of a word of the code: the dimension, or the kind of place, that somebody named wrongly.
    made = {ast.unparse(reason) for reason in found if isinstance(reason, ast.JoinedStr)}
    assert made <= {"f'unknown_{name}'", "f'no_such_{kind}'"}


def _reasons(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what is given as the reason of an error."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        reasons = [word.value for word in node.keywords if word.arg == "reason"]
        if reasons and ast.unparse(node.func).lower().endswith("error"):
            yield from reasons
