"""What ``mapsi up`` refuses with one line, and what it starts."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.registry import WORKERS
from services.supervisor import valkey
from services.supervisor.console import Console
from services.supervisor.home import Address, locked, prepare
from services.supervisor.logs import RotatedLog
from services.supervisor.programs import programs
from services.supervisor.settings import SupervisorSettings
from shared.errors import UsageError
from shared.settings import Settings

ADDRESS = Address("127.0.0.1", 8123)


def test_a_second_start_on_one_folder_is_refused_with_the_pid_of_the_first(tmp_path):
    hold = (
        "import sys, time; from pathlib import Path\n"
        "from services.supervisor.home import locked, prepare\n"
        "prepare(Path(sys.argv[1]))\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", hold, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == "held\n"
        with pytest.raises(UsageError, match=f"pid {first.pid}") as refused, locked(tmp_path):
            pass
        first.kill()
    assert str(first.pid) in refused.value.text_ko
    with locked(tmp_path):  # the first was killed: its lock file is still there, its lock is not
        assert (tmp_path / "mapsi.lock").read_text() == str(os.getpid())


def test_figures_of_the_last_run_do_not_count_on(tmp_path):
    prepare(tmp_path)
    old = tmp_path / "metrics" / "counter_123.db"
    old.touch()
    with locked(tmp_path):
        assert not old.exists()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="--data"):
        prepare(tmp_path / "file" / "data")


def test_the_data_folder_is_for_its_owner_alone(tmp_path):
    prepare(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_port_in_use_is_refused_with_its_number():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}"):
            Address("127.0.0.1", port).check()


def test_one_process_a_service_and_the_private_broker_first(tmp_path):
    plan = programs(Settings(data_dir=tmp_path), SupervisorSettings(), address=ADDRESS)
    names = [program.name for program in plan]
    at_rest = [name for name in WORKERS if "." not in name]
    assert names == ["valkey", *at_rest, "beat", "gateway"]
    assert [program.wave for program in plan] == sorted(program.wave for program in plan)
    assert plan[-1].environment["MAPSI_GATEWAY_PORT"] == "8123"
    assert all(program.environment["MAPSI_DATA_DIR"] == str(tmp_path) for program in plan[1:])


def test_what_draws_runs_where_a_backend_is_set_that_does(tmp_path):
    settings = Settings(data_dir=tmp_path, drawer="openai")
    plan = programs(settings, SupervisorSettings(), address=ADDRESS)
    drawing = next(program for program in plan if program.name == "generation.gpu")
    assert drawing.command[-2:] == ("worker", "generation.gpu")


def test_segmentation_gets_the_cores_unless_the_person_says_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("MAPSI_SEGMENTATION_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    plan = programs(Settings(data_dir=tmp_path), SupervisorSettings(), address=ADDRESS)
    environment = plan[-1].environment
    assert 1 <= int(environment["MAPSI_SEGMENTATION_THREADS"]) <= 8
    assert environment["OMP_NUM_THREADS"] == "3"


def test_an_outside_broker_is_used_and_no_message_of_its_other_workers_is_touched(tmp_path):
    settings = Settings(data_dir=tmp_path, redis_url="redis://elsewhere:6379/0")
    plan = programs(settings, SupervisorSettings(), address=ADDRESS)
    assert "valkey" not in [program.name for program in plan]
    assert all(program.before_restart is None for program in plan)


def test_the_private_broker_listens_to_this_machine_alone(tmp_path):
    command = valkey.command(Settings(data_dir=tmp_path))
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--unixsocketperm"] == "700"
    assert options["--appendonly"] == "yes"


def test_a_folder_deep_in_the_tree_gets_a_socket_path_the_system_takes(tmp_path):
    deep = tmp_path / ("가나다라마바사" * 6)
    settings = Settings(data_dir=deep)
    assert len(os.fsencode(settings.valkey_socket)) < 104
    assert settings.valkey_socket != Settings(data_dir=tmp_path / "other").valkey_socket
    assert "%" not in str(settings.valkey_socket)
    with socket.socket(socket.AF_UNIX) as server:
        valkey.command(settings)  # makes the folder
        settings.valkey_socket.unlink(missing_ok=True)
        server.bind(str(settings.valkey_socket))
    settings.valkey_socket.unlink()


def test_a_socket_folder_that_others_can_enter_is_refused(tmp_path):
    shared_folder = tmp_path / "mapsi-0"
    shared_folder.mkdir()
    shared_folder.chmod(0o777)
    with pytest.raises(UsageError, match="belong"):
        valkey._make_private(shared_folder)


def test_logs_are_set_aside_before_they_fill_the_disk(tmp_path):
    log = RotatedLog(tmp_path / "color.log", max_bytes=1_000)
    for number in range(100):
        log.write(f"line {number} {'x' * 90}\n".encode())
    log.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["color.log", "color.log.1", "color.log.2", "color.log.3"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 5_000
    assert log.last_line().startswith("line 99")


def test_a_full_disk_stops_a_log_and_nothing_else():
    log = RotatedLog(Path("/dev/full"), max_bytes=1_000)
    log.write(b"no room for this\n")
    log.close()


def test_speaks_korean_and_english(capsys):
    for language, word in (("ko", "실행 중"), ("en", "runs")):
        Console(language).ready(ADDRESS, Path("/logs"))
        assert word in capsys.readouterr().out
