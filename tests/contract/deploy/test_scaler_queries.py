"""What Prometheus answers to the questions of KEDA's scalers, as promtool evaluates them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.contract.deploy.rendering import ROOT

PROMTOOL = shutil.which("promtool")
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
SCALERS = ROOT / "k8s" / "components" / "autoscaling" / "workers.yaml"
QUERIES = {
    scaler["metadata"]["name"]: trigger["metadata"]["query"]
    for scaler in yaml.safe_load_all(SCALERS.read_text())
    for trigger in scaler["spec"]["triggers"]
    if trigger.get("name") == "busy"
}
WORKERS = {
    "always at work": "0+15x60",
    "half of its time": "1000+7.5x60",
    "waits": "500x60",
    "began to work after six minutes": "0x24 0+15x36",
    "at work, killed after six minutes": "0+15x24 stale",
}
"""Counters by pod, every 15 s for a quarter of an hour."""


def answers(query: str, expected: dict[str, float | None], folder: Path) -> None:
    """Hold that the query has this value at each time; None: there is none."""
    queue = re.findall(r'queue="([a-z.]+)"', query)[0]
    name = "mapsi_busy_seconds_total"
    series = [
        {"series": f'{name}{{queue="{queue}",pod="{pod}"}}', "values": values}
        for pod, values in WORKERS.items()
    ]
    others = {"series": f'{name}{{queue="other",pod="of another service"}}', "values": "0+15x60"}
    asked = [
        {
            "expr": query,
            "eval_time": at,
            "exp_samples": [] if value is None else [{"labels": "{}", "value": value}],
        }
        for at, value in expected.items()
    ]
    test = {"interval": "15s", "input_series": [*series, others], "promql_expr_test": asked}
    (folder / "test.yml").write_text(yaml.safe_dump({"tests": [test]}))
    assert PROMTOOL
    command = [PROMTOOL, "test", "rules", str(folder / "test.yml")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("scaler", QUERIES)
def test_those_at_work_are_counted_and_the_dead_are_not(scaler: str, tmp_path: Path) -> None:
    answers(QUERIES[scaler], {"6m": 2.5, "14m": 2.5, "25m": None}, tmp_path)
