"""What a person relies on: a dead process comes back, and a stop leaves nothing behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.supervisor import leash
from services.supervisor.console import Console
from services.supervisor.programs import Program
from services.supervisor.supervisor import (
    FIRST_DELAY,
    LONGEST_DELAY,
    STEADY,
    Supervisor,
    next_delay,
)


def shell(name: str, script: str, *, wave: int = 0, grace: float = 5.0) -> Program:
    return Program(name, ("/bin/sh", "-c", script), wave=wave, grace=grace)


def ready(name: str, file: Path, *, wave: int = 0, grace: float = 5.0) -> Program:
    """A process that notes its start, and its name when it is asked to end."""
    script = (
        f"trap 'echo end {name} >> {file}; exit 0' TERM; echo start {name} $$ >> {file}; "
        "while :; do sleep 0.02; done"
    )
    return shell(name, script, wave=wave, grace=grace)


async def lines(file: Path, count: int) -> list[str]:
    """Wait until the file has ``count`` lines."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if file.exists() and len(found := file.read_text().splitlines()) >= count:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"{file} has less than {count} lines")


def supervise(logs: Path) -> Supervisor:
    return Supervisor(logs, Console("en"), log_bytes=100_000)


def test_waits_longer_after_each_quick_death_and_starts_anew_after_a_good_run():
    delays = [0.0]
    for _ in range(10):
        delays.append(next_delay(delays[-1], ran=0.1))
    assert delays[1:4] == [FIRST_DELAY, FIRST_DELAY * 2, FIRST_DELAY * 4]
    assert delays[-1] == LONGEST_DELAY
    assert next_delay(LONGEST_DELAY, ran=STEADY) == FIRST_DELAY


def test_a_killed_process_comes_back_and_the_person_is_told(tmp_path, capsys):
    events = tmp_path / "events"

    async def scenario() -> None:
        supervisor = supervise(tmp_path)
        supervisor.start([ready("color", events)])
        first = (await lines(events, 1))[0]
        os.kill(int(first.split()[2]), signal.SIGKILL)
        await lines(events, 2)
        await supervisor.stop()

    asyncio.run(scenario())
    told = capsys.readouterr().out
    assert "color" in told
    assert "ended (signal 9); starts again in 0.5 s" in told


def test_before_a_restart_the_dead_workers_messages_are_handed_back(tmp_path):
    handed_back: list[str] = []
    program = Program(
        "color", ("/bin/sh", "-c", "exit 3"), wave=0, grace=1, before_restart=lambda: (
            handed_back.append("color")
        ),
    )  # fmt: skip

    async def scenario() -> None:
        supervisor = supervise(tmp_path)
        supervisor.start([program])
        while not handed_back:
            await asyncio.sleep(0.02)
        await supervisor.stop()

    asyncio.run(scenario())
    assert handed_back


def test_stops_the_faces_first_then_the_workers_and_the_broker_last(tmp_path):
    events = tmp_path / "events"
    waves = {"valkey": 0, "color": 1, "trends": 1, "gateway": 2}

    async def scenario() -> None:
        supervisor = supervise(tmp_path)
        supervisor.start([ready(name, events, wave=wave) for name, wave in waves.items()])
        await lines(events, 4)
        await supervisor.stop()

    asyncio.run(scenario())
    ends = [line.split()[1] for line in events.read_text().splitlines() if line.startswith("end")]
    assert [waves[name] for name in ends] == [2, 1, 1, 0]


def test_a_process_that_does_not_end_in_time_is_killed_and_named(tmp_path, capsys):
    stubborn = shell("color", "trap '' TERM; echo up; while :; do sleep 0.02; done", grace=0.3)

    async def scenario() -> None:
        supervisor = supervise(tmp_path)
        supervisor.start([stubborn])
        await lines(tmp_path / "color.log", 1)
        await supervisor.stop()

    asyncio.run(scenario())
    assert "did not end in 0.3 s and was killed" in capsys.readouterr().out


def test_a_second_ctrl_c_does_not_wait(tmp_path):
    stubborn = shell("color", "trap '' TERM; echo up; while :; do sleep 0.02; done", grace=60)

    async def scenario() -> float:
        supervisor = supervise(tmp_path)
        supervisor.start([stubborn])
        await lines(tmp_path / "color.log", 1)
        began = time.monotonic()
        supervisor.ask_to_stop()
        stopping = asyncio.create_task(supervisor.stop())
        await asyncio.sleep(0.1)
        supervisor.ask_to_stop()
        await stopping
        return time.monotonic() - began

    assert asyncio.run(scenario()) < 5


def test_the_log_keeps_what_a_process_said_and_its_end_quotes_the_last_line(tmp_path, capsys):
    async def scenario() -> None:
        supervisor = supervise(tmp_path)
        supervisor.start([shell("gateway", "echo hello; echo no such extra >&2; exit 2")])
        while "exit code 2" not in capsys.readouterr().out:
            await asyncio.sleep(0.02)
        await supervisor.stop()

    with contextlib.suppress(TimeoutError):
        asyncio.run(asyncio.wait_for(scenario(), 10))
    assert (tmp_path / "gateway.log").read_text() == "hello\nno such extra\n"


def test_a_fault_of_the_supervisor_itself_stops_everything_and_is_raised(tmp_path):
    events = tmp_path / "events"
    faulty = Program(
        "color", ("/bin/sh", "-c", "exit 3"), wave=0, grace=1, before_restart=lambda: 1 / 0
    )

    async def scenario() -> None:
        supervisor = supervise(tmp_path)
        supervisor.start([faulty, ready("trends", events)])
        await asyncio.wait_for(supervisor.stopping.wait(), 10)
        await supervisor.stop()

    with pytest.raises(ZeroDivisionError):
        asyncio.run(scenario())
    assert events.read_text().splitlines()[-1] == "end trends"


@pytest.mark.skipif(sys.platform != "linux", reason="the system's own leash is Linux's")
def test_nothing_is_left_running_when_the_supervisor_itself_is_killed(tmp_path):
    script = f"""
import asyncio, sys
from pathlib import Path
from services.supervisor.console import Console
from services.supervisor.programs import Program
from services.supervisor.supervisor import Supervisor

async def main():
    supervisor = Supervisor(Path({str(tmp_path)!r}), Console("en"), log_bytes=100_000)
    supervisor.start([Program("color", ("/bin/sh", "-c", "echo $$; exec sleep 60"), 0, 1.0)])
    await asyncio.sleep(60)

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL) as process:
        child = int(asyncio.run(lines(tmp_path / "color.log", 1))[0])
        process.kill()
    deadline = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(child)


def test_where_the_system_has_no_leash_a_watcher_kills_the_child(tmp_path):
    not_my_parent = 1 if os.getppid() != 1 else 2
    before = signal.getsignal(signal.SIGTERM)
    try:
        code = leash.watch(not_my_parent, ["/bin/sleep", "60"], every=0.01)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert code == 128 + signal.SIGKILL


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_figures_that_a_dead_process_showed_are_taken_back(tmp_path):
    figures = tmp_path / "metrics"
    figures.mkdir()
    script = f"touch {figures}/gauge_livesum_$$.db {figures}/counter_$$.db; sleep 60"
    program = Program(
        "worker", ("/bin/sh", "-c", script), wave=0, grace=5.0,
        environment={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(figures)},
    )  # fmt: skip

    async def course() -> None:
        supervisor = supervise(tmp_path)
        supervisor.start([program])
        deadline = time.monotonic() + 60
        while len(list(figures.iterdir())) < 2 and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        await supervisor.stop()

    asyncio.run(course())
    # What it counted stays; that it lives does not.
    assert [file.name.split("_")[0] for file in figures.iterdir()] == ["counter"]
