"""A real Prometheus and a real Alertmanager beside the stack, with the shipped rules and routes."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from tests.monitoring.scaling import scaled
from tests.system.installation import free_port, until

DEPLOY: Final = Path(__file__).parents[2] / "deploy"


def installed() -> bool:
    """Tell whether Debian's packages are there."""
    return all(map(shutil.which, ("prometheus", "promtool", "prometheus-alertmanager")))


class Prometheus:
    """Scrapes every two seconds; its rules are in a hurry (``scaling.py``).

    ``past`` is what it saw in an earlier life, in OpenMetrics' text.
    """

    def __init__(self, folder: Path, *, alertmanager: int, past: str) -> None:
        rules = folder / "rules"
        rules.mkdir(parents=True)
        for path in (DEPLOY / "prometheus" / "rules").glob("*.yml"):
            made = scaled(yaml.safe_load(path.read_text()))
            (rules / path.name).write_text(yaml.safe_dump(made, allow_unicode=True))
        config = {
            "global": dict.fromkeys(
                ("scrape_interval", "scrape_timeout", "evaluation_interval"), "2s"
            ),
            "rule_files": ["rules/*.yml"],
            "alerting": {
                "alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]
            },
            "scrape_configs": [{
                "job_name": "mapsi",
                "file_sd_configs": [{"files": ["targets/*.json"], "refresh_interval": "2s"}],
            }],
        }  # fmt: skip
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self._targets = folder / "targets"
        self._targets.mkdir()
        (folder / "past.txt").write_text(past)
        backfill = ["tsdb", "create-blocks-from", "openmetrics", folder / "past.txt"]
        subprocess.run(
            ["promtool", *backfill, folder / "data"], check=True, stdout=subprocess.DEVNULL
        )
        port = free_port()
        self._process = subprocess.Popen(
            [
                "prometheus", f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}", "--log.level=error",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
        until(self._is_ready, what="Prometheus does not start")

    def _is_ready(self) -> bool:
        try:
            return self._http.get("/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def watch(self, service: str, port: int) -> None:
        """Let it scrape a process from now on."""
        target = {"targets": [f"127.0.0.1:{port}"], "labels": {"service": service}}
        made = self._targets / f"{service}.new"
        made.write_text(json.dumps([target]))
        made.rename(made.with_suffix(".json"))

    def leave(self, service: str) -> None:
        """Let it scrape a process no more."""
        (self._targets / f"{service}.json").unlink()

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """Return what an expression gives now."""
        answer = self._http.get("/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", answer
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that fire, with their texts."""
        found = self._http.get("/api/v1/alerts").json()["data"]["alerts"]
        return [alert for alert in found if alert["state"] == "firing"]

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire."""
        return {alert["labels"]["alertname"] for alert in self.alerts()}

    def fired(self, *, since: float) -> set[str]:
        """Return the names of the alerts that fired at any time since a moment of ``time()``."""
        seconds = max(1, int(time.time() - since))
        found = self.ask(f'count_over_time(ALERTS{{alertstate="firing"}}[{seconds}s])')
        return {one["metric"]["alertname"] for one in found}

    def close(self) -> None:
        """End it."""
        self._http.close()
        self._process.kill()
        self._process.wait()


class Told(ThreadingHTTPServer):
    """Where Alertmanager's webhooks arrive: what was posted, by path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ear)
        self.posts: list[tuple[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _Ear(BaseHTTPRequestHandler):
    server: Told

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        said = json.dumps(body, ensure_ascii=False)
        self.server.posts.append((self.path, said))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


class Alertmanager:
    """The shipped routes; secrets name the test's own ear, and groups wait a second."""

    def __init__(self, folder: Path, told: Told) -> None:
        secrets = folder / "secrets"
        secrets.mkdir(parents=True)
        for severity in ("page", "ticket"):
            (secrets / f"{severity}-url").write_text(f"{told.url}/{severity}")
        shutil.copytree(DEPLOY / "alertmanager" / "templates", folder / "templates")
        text = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text()
        config = yaml.safe_load(text.replace("/etc/alertmanager/secrets", str(secrets)))
        config["route"] |= {"group_wait": "1s", "group_interval": "5s"}
        config["route"]["routes"][0]["group_wait"] = "1s"
        (folder / "alertmanager.yml").write_text(yaml.safe_dump(config))
        self.port = free_port()
        self._process = subprocess.Popen(
            [
                "prometheus-alertmanager", f"--config.file={folder / 'alertmanager.yml'}",
                f"--storage.path={folder / 'data'}", "--log.level=error",
                "--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{self.port}",
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
