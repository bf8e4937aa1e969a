"""``mapsi up`` on one machine: it starts, refuses clearly, mends itself and stops clean."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from tests.system.installation import Installation, answers, is_alive, until

pytestmark = pytest.mark.system
PROCESSES = {
    "valkey", "ingestion", "classification", "segmentation", "color", "trends", "generation",
    "beat", "gateway",
}  # fmt: skip


def test_one_line_a_process_then_the_page_then_the_key_once(install):
    mapsi = install()
    mapsi.up()
    assert set(mapsi.pids) == PROCESSES
    assert mapsi.url == f"http://127.0.0.1:{mapsi.port}"
    with mapsi.http() as client:
        assert client.get("/v1/photos").status_code == 200
    with mapsi.http(with_key=False) as client:
        assert client.get("/v1/photos").status_code == 401
    first = len(mapsi.lines)
    assert mapsi.stop() == 0
    assert not [name for name, pid in mapsi.pids.items() if is_alive(pid)]
    mapsi.up()
    assert not any("API key" in line for line in mapsi.lines[first:])
    assert mapsi.stop(signal.SIGINT) == 0


def test_a_second_start_on_the_same_folder_is_refused_with_the_pid(running):
    again = running.call("up", "--port", "1")
    assert again.returncode == 2
    assert again.stderr.count("\n") == 1
    assert f"pid {running.pid}" in again.stderr


def test_a_port_in_use_is_refused_in_one_line(install):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = install().call("up", "--port", port)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert port in refused.stderr
    assert "--port" in refused.stderr


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(install, tmp_path):
    (tmp_path / "file").touch()
    refused = install().call("up", "--data", str(tmp_path / "file" / "data"))
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "--data" in refused.stderr


def test_speaks_korean(install, tmp_path):
    (tmp_path / "file").touch()
    refused = install(MAPSI_LANG="ko").call("up", "--data", str(tmp_path / "file" / "data"))
    assert "데이터 폴더" in refused.stderr


@pytest.mark.parametrize("name", ["color", "beat", "gateway", "valkey"])
def test_a_killed_process_comes_back(running: Installation, name):
    before = running.pids[name]
    os.kill(before, signal.SIGKILL)
    until(lambda: running.pids[name] != before)
    until(lambda: is_ready(running))


def test_prometheus_gets_the_figures_of_all_processes_from_one_place(running: Installation):
    with running.http(with_key=False) as client:
        until(lambda: "ingestion.republish_overdue" in client.get("/metrics").text)


def test_doctor_is_content_with_a_running_machine(running: Installation):
    answer = running.call("doctor")
    assert answer.returncode == 0, answer.stdout


def test_when_the_supervisor_is_killed_nothing_is_left_and_the_next_start_works(install):
    mapsi = install()
    mapsi.up()
    children = dict(mapsi.pids)
    os.kill(mapsi.pid, signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in children.values()), seconds=10)
    mapsi.up()
    assert is_ready(mapsi)
    assert mapsi.stop() == 0


def is_ready(mapsi: Installation) -> bool:
    return answers(f"{mapsi.url}/readyz")
