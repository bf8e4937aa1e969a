"""``mapsi gateway`` as a person at the shell lives it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from click.testing import CliRunner

from services.gateway.commands import gateway
from tests.patience import until

pytestmark = pytest.mark.integration


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_a_key_is_made_shown_once_listed_and_revoked(tmp_path):
    environment = {"MAPSI_DATA_DIR": str(tmp_path)}

    def run(*words: str) -> str:
        result = CliRunner().invoke(gateway, ["keys", *words], env=environment)
        assert result.exit_code == 0, result.output
        return result.output

    key = run("create", "shop app", "--role", "admin").strip()
    assert key.startswith("mapsi_")
    listed = run("list")
    assert "shop app" in listed and "admin" in listed
    assert key not in listed
    run("revoke", listed.split()[0])
    assert run("list").split()[3] != "-"


def test_the_gateway_serves_until_it_is_told_to_stop(tmp_path, monkeypatch):
    monkeypatch.setenv("MAPSI_DATA_DIR", str(tmp_path))
    port = free_port()
    command = [sys.executable, "-m", "services", "gateway", "--port", str(port)]
    with subprocess.Popen(command, env=os.environ, stderr=subprocess.PIPE) as process:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{url}/healthz"), seconds=60)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert time.monotonic() - started < 15
    assert process.returncode in (0, -signal.SIGTERM)
    assert b'"route": "/healthz"' in log
