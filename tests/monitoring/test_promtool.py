"""promtool and amtool on the shipped files: alerts fire on their faults, and are silent beside."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.monitoring.watching import DEPLOY, installed

pytestmark = [
    pytest.mark.monitoring,
    pytest.mark.skipif(not installed(), reason="prometheus"),
]
RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
TESTS = sorted((DEPLOY / "prometheus" / "tests").glob("*.yml"))


def said(*command: str | Path) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_alerts_fire_on_their_faults_and_only_then(path: Path) -> None:
    assert "SUCCESS" in said("promtool", "test", "rules", path)


def test_rules_are_written_well() -> None:
    assert "SUCCESS" in said("promtool", "check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.parametrize("name", ["prometheus.yml", "kubernetes.yml"])
def test_prometheus_takes_its_configuration(name: str, tmp_path: Path) -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / name).read_text())
    for job in config["scrape_configs"]:
        # Debian builds its Prometheus without Kubernetes's discovery.
        if job.pop("kubernetes_sd_configs", None):
            job["static_configs"] = [{"targets": ["localhost:9100"]}]
    config["rule_files"] = [str(path) for path in RULES]
    (tmp_path / name).write_text(yaml.safe_dump(config))
    assert "SUCCESS" in said("promtool", "check", "config", tmp_path / name)


def test_alertmanager_takes_its_configuration() -> None:
    path = DEPLOY / "alertmanager" / "alertmanager.yml"
    assert shutil.which("amtool")
    assert "SUCCESS" in said("amtool", "check-config", path)
    for severity in ("page", "ticket"):
        route = said("amtool", "config", "routes", "test", f"--config.file={path}",
                     f"severity={severity}")  # fmt: skip
        assert route.strip() == severity
