"""Prometheus's rules, Alertmanager's routes and Grafana's dashboards: whole, and about what is.

Whether expressions have data and alerts fire is for ``make test-monitoring``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from deploy.grafana.source.__main__ import BOARDS, FOLDER, files
from deploy.grafana.source.panels import LANGS
from services.registry import WORKERS
from shared import metrics

ROOT = Path(__file__).parents[3]
PROMETHEUS = ROOT / "deploy" / "prometheus"
HANGUL = re.compile("[가-힣]")
OF_PROMETHEUS = {"up", "ALERTS"}


def _rules() -> Iterator[dict[str, Any]]:
    for path in sorted((PROMETHEUS / "rules").glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


RULES = list(_rules())
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"] for rule in RULES if "record" in rule}


def _series() -> dict[str, set[str]]:
    """Return the labels of every series that a process serves, by name."""
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            name, labels = metric.describe()[0].name, set(metric._labelnames)
            if isinstance(metric, Counter):
                found[f"{name}_total"] = labels
            elif isinstance(metric, Histogram):
                found |= {f"{name}_count": labels, f"{name}_sum": labels}
                found[f"{name}_bucket"] = labels | {"le"}
            else:
                found[name] = labels
    return found


SERIES = _series()


def _expressions() -> dict[str, str]:
    """Return every expression by where it stands."""
    found = {rule.get("alert") or rule["record"]: rule["expr"] for rule in RULES}
    for board in BOARDS:
        for row in board.rows:
            for panel in row.panels:
                for number, query in enumerate(panel.queries):
                    found[f"{board.name}: {panel.title.en} {number}"] = query.expr
    return found


EXPRESSIONS = _expressions()


def _selectors(expression: str) -> list[promql_parser.VectorSelector]:
    """Return what an expression reads; Grafana's own words are put in before."""
    text = expression.replace("$__rate_interval", "1m").replace("$route", ".*")
    found: list[promql_parser.VectorSelector] = []

    def note(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.MatrixSelector):
            found.append(node.vector_selector)
        elif isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(text), note)
    return found


@pytest.mark.parametrize("where", EXPRESSIONS)
def test_an_expression_reads_only_what_there_is(where: str) -> None:
    selectors = _selectors(EXPRESSIONS[where])
    assert selectors
    for selector in selectors:
        name = str(selector.name)
        assert name in SERIES or name in RECORDED | OF_PROMETHEUS, f"{where}: {name}"
        if name in SERIES:
            asked = {matcher.name for matcher in selector.matchers.matchers}
            assert asked <= SERIES[name], f"{where}: {name} has no {asked - SERIES[name]}"


def test_each_recording_is_used() -> None:
    used = {str(one.name) for text in EXPRESSIONS.values() for one in _selectors(text)}
    assert used >= RECORDED


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_is_wrong_in_both_languages_and_what_to_do(name: str) -> None:
    alert = ALERTS[name]
    assert re.fullmatch(r"Mapsi([A-Z][a-z0-9]+)+", name)
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert "for" in alert
    texts = alert["annotations"]
    assert set(texts) == {"summary", "summary_ko", "runbook_url"}
    assert not HANGUL.search(texts["summary"])
    assert HANGUL.search(texts["summary_ko"])
    kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
    assert texts["runbook_url"] == f"docs/runbooks/{kebab}.md"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_a_runbook_with_its_four_parts(name: str) -> None:
    path = ROOT / ALERTS[name]["annotations"]["runbook_url"]
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {name}\n")
    headings = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert headings == ["What it means", "Look", "Mend", "Escalate", "한국어"]
    assert HANGUL.search(text.split("## 한국어\n")[1])


def test_no_runbook_is_left_of_an_alert_that_is_gone() -> None:
    pages = {path.name for path in (ROOT / "docs" / "runbooks").glob("mapsi-*.md")}
    assert pages == {Path(one["annotations"]["runbook_url"]).name for one in ALERTS.values()}


def test_runbooks_name_only_commands_that_exist() -> None:
    from services.cli import cli

    known = set(cli.list_commands(None))  # type: ignore[arg-type]  # it needs no context
    for path in (ROOT / "docs" / "runbooks").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"(?<!-n )\bmapsi ([a-z]+)\b", text))
        assert named <= known, f"{path.name}: {named - known}"


@pytest.mark.parametrize(
    ("pattern", "page"),
    [(r"MAPSI_[A-Z_]*[A-Z]\b(?!_)", "settings.md"), (r"/v1/[a-z_{}/]*[a-z}]", "api.md")],
    ids=["settings", "endpoints"],
)
def test_runbooks_name_only_settings_and_endpoints_that_exist(pattern: str, page: str) -> None:
    documented = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for path in (ROOT / "docs" / "runbooks").glob("*.md"):
        for name in set(re.findall(pattern, path.read_text(encoding="utf-8"))):
            assert f"`{name}`" in documented, f"{path.name}: {name}"


@cache
def _promtool_tests() -> tuple[dict[str, Any], ...]:
    paths = sorted((PROMETHEUS / "tests").glob("*.yml"))
    return tuple(
        test for path in paths for test in yaml.load(path.read_text(), yaml.CSafeLoader)["tests"]
    )


@pytest.mark.parametrize("name", ALERTS)
def test_promtool_is_asked_whether_an_alert_fires_and_whether_it_is_silent(name: str) -> None:
    mine = [test for test in _promtool_tests() if test["name"].split()[0] == name]
    fires = [test for test in mine if test["name"].startswith(f"{name} fires: ")]
    silent = [test for test in mine if test["name"].startswith(f"{name} is silent: ")]
    assert fires
    assert silent
    assert len(fires) + len(silent) == len(mine)
    label = f'{{alertname="{name}"}}'
    assert all(label in _firing(test) for test in fires)
    assert not any(_firing(test) for test in silent)


def _firing(test: dict[str, Any]) -> set[str]:
    asked = test["promql_expr_test"]
    assert all("ALERTS" in one["expr"] for one in asked)
    return {sample["labels"] for one in asked for sample in one["exp_samples"]}


def test_the_dashboards_are_what_their_source_makes() -> None:
    kept = {
        path.relative_to(FOLDER): path.read_text(encoding="utf-8")
        for path in FOLDER.rglob("*.json")
    }
    assert kept == files(), "run: python -m deploy.grafana.source"


def test_grafanas_own_model_reads_the_dashboards_whole() -> None:
    register_default_plugins()
    for text in files().values():
        dashboard = Dashboard.from_json(json.loads(text))
        assert json.loads(json.dumps(dashboard, cls=JSONEncoder)) == json.loads(text)


def test_every_text_of_a_dashboard_is_there_in_both_languages() -> None:
    assert LANGS == ("en", "ko")
    for board in BOARDS:
        texts = [board.title, board.about, *(label for _, label, _ in board.variables)]
        for row in board.rows:
            texts.append(row.title)
            texts += [text for panel in row.panels for text in (panel.title, panel.about)]
        for text in texts:
            assert text.en
            assert not HANGUL.search(text.en)
            assert HANGUL.search(text.ko), text.en


def test_panels_fill_their_rows_and_have_a_query_each() -> None:
    for board in BOARDS:
        for row in board.rows:
            width = 0
            for panel in row.panels:
                assert 1 <= len(panel.queries) <= 8
                width += panel.width
                assert width <= 24, f"{board.name}: {panel.title.en} does not fit its line"
                width %= 24


def _scraped(file: str) -> dict[str, Any]:
    jobs = yaml.safe_load((PROMETHEUS / file).read_text())["scrape_configs"]
    found: dict[str, Any] = next(job for job in jobs if job["job_name"] == "mapsi")
    return found


def test_compose_is_scraped_by_the_names_that_it_has() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    scraped = {
        name: config["port"]
        for config in _scraped("prometheus.yml")["dns_sd_configs"]
        for name in config["names"]
    }
    assert scraped.pop("gateway") == 8000
    assert set(scraped.values()) == {9100}
    assert set(scraped) <= set(services)
    expected = {name.replace(".", "-") for name in WORKERS} | {"beat"}
    assert expected <= set(scraped), "a worker that nobody looks at"


def test_kubernetes_is_scraped_like_compose_but_for_how_pods_are_found() -> None:
    compose, kubernetes = (
        yaml.safe_load((PROMETHEUS / name).read_text())
        for name in ("prometheus.yml", "kubernetes.yml")
    )
    for config in (compose, kubernetes):
        (mapsi,) = [job for job in config["scrape_configs"] if job["job_name"] == "mapsi"]
        config["scrape_configs"].remove(mapsi)
        labels = {one.get("target_label") for one in mapsi["relabel_configs"]}
        assert "service" in labels
    assert compose == kubernetes


def test_alertmanager_wakes_for_pages_and_holds_no_secret() -> None:
    config = yaml.safe_load((ROOT / "deploy" / "alertmanager" / "alertmanager.yml").read_text())
    assert config["route"]["receiver"] == "ticket"
    (page,) = config["route"]["routes"]
    assert (page["matchers"], page["receiver"]) == (['severity = "page"'], "page")
    assert {one["name"] for one in config["receivers"]} == {"page", "ticket"}
    for receiver in config["receivers"]:
        (slack,) = receiver["slack_configs"]
        assert slack["api_url_file"].startswith("/etc/alertmanager/secrets/")
        assert "api_url" not in slack


def test_alerts_are_inhibited_by_alerts_that_exist() -> None:
    config = yaml.safe_load((ROOT / "deploy" / "alertmanager" / "alertmanager.yml").read_text())
    for rule in config["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            pattern = re.fullmatch(r'alertname =~? "(.+)"', matcher)
            assert pattern
            for part in pattern[1].split("|"):
                assert any(re.fullmatch(part, name) for name in ALERTS), part


def test_alertmanager_speaks_both_languages() -> None:
    template = (ROOT / "deploy/alertmanager/templates/mapsi.tmpl").read_text()
    assert ".Annotations.summary }}" in template
    assert ".Annotations.summary_ko }}" in template
    assert "runbook_url" in template


def test_grafana_reads_what_is_mounted() -> None:
    folder = ROOT / "deploy" / "grafana" / "provisioning"
    providers = yaml.safe_load((folder / "dashboards" / "mapsi.yml").read_text())["providers"]
    paths = {Path(provider["options"]["path"]).name for provider in providers}
    assert paths == set(LANGS)
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text())[
        "datasources"
    ]
    assert source["type"] == "prometheus"
    volumes = (ROOT / "docker-compose.yml").read_text()
    assert "./deploy/grafana/dashboards:/etc/mapsi/dashboards:ro" in volumes
