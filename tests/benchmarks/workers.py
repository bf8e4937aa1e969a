"""How much faster two workers are than one, and what a photo costs at each stage.

    python -m tests.benchmarks.workers [--photos 240] [--workers 1 2] [--rounds 3]
    python -m tests.benchmarks.workers --costs

Photos (the sample people of the package ``openpeople``, cut in several ways) are taken into a new
installation while no worker runs; then one worker process works them off, or two, and so on, each
hosting classification, segmentation, color and trends with one thread, on one Valkey, one SQLite
file and one folder. The clock runs from the first message that is done to the last, so that
starting and loading the models (said beside it) do not count. Needs an idle core a worker; what
else runs slows both.

``--costs`` gives each stage a process of its own and reads its processor time from the kernel, once
for 32 photos and once for 160: the difference is what 128 photos cost, without the start. Little
depends on what else runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from PIL import Image, ImageOps
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from shared.records import open_database
from shared.records.trends import Settlement
from shared.settings import Settings
from tests.servers.valkey import running_valkey
from tests.system.installation import MAPSI
from tests.system.photos import sample_photos

STAGES = ("classification", "segmentation", "color", "trends")


@dataclass(frozen=True)
class Run:
    """One installation worked off."""

    loading: float
    """Seconds from the workers' start to the first photo that is done."""
    seconds: float
    """From there to the last one."""
    photos: int
    """Done in these seconds."""
    processor: list[float]
    """Seconds of each worker process, its start included."""


def write_photos(folder: Path, count: int) -> None:
    """Cut ``count`` different photos out of the sample people."""
    people = sample_photos()
    folder.mkdir()
    for number in range(count):
        with Image.open(people[number % len(people)]) as photo:
            turn = number // len(people)
            width, height = photo.size
            cut = photo.crop((width * turn // 40, height * turn // 50, width, height))
            shown = ImageOps.mirror(cut) if turn % 2 else cut
            shown.convert("RGB").save(folder / f"{number:04}.jpg", quality=90)


def work_off(photos: Path, workers: Sequence[Sequence[str]], *, count: int) -> Run:
    """Take the photos into a new installation, then let worker processes do the rest.

    ``workers``: what each of them hosts.
    """
    with tempfile.TemporaryDirectory(prefix="mapsi-workers-") as folder:
        data = Path(folder) / "data"
        with running_valkey(Settings(data_dir=data)):
            environment = _environment(data)
            for command in (["migrate"], ["ingest", str(photos), "--source", "street"]):
                subprocess.run(
                    [MAPSI, *command], env=environment, check=True, stdout=subprocess.DEVNULL
                )
            with _working(environment, workers) as processes:
                return _watched(data, processes, count)


def _environment(data: Path) -> dict[str, str]:
    given = {name: text for name, text in os.environ.items() if not name.startswith("MAPSI_")}
    every = {"MAPSI_CLASSIFICATION_THRESHOLD": "0", "MAPSI_LOG_LEVEL": "error"}
    return given | {"MAPSI_DATA_DIR": str(data)} | every


@contextmanager
def _working(
    environment: dict[str, str], workers: Sequence[Sequence[str]]
) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [
        subprocess.Popen(
            [MAPSI, "worker", *hosted], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for hosted in workers
    ]  # fmt: skip
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def _watched(data: Path, processes: Sequence[subprocess.Popen[bytes]], count: int) -> Run:
    started, first, known = time.perf_counter(), 0.0, 0
    with closing(open_database(Settings(data_dir=data).database)) as database:
        while True:
            with database.reading() as session:
                done = session.scalar(select(func.count()).select_from(Settlement)) or 0
            now = time.perf_counter()
            if done and not known:
                first, known = now, done
            if done >= count:
                spent = [_processor_seconds(process.pid) for process in processes]
                return Run(first - started, now - first, count - known, spent)
            time.sleep(0.1)


def _processor_seconds(pid: int) -> float:
    """Return the user and system time of a process (proc(5): fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def costs(few: int = 32, many: int = 160) -> Table:
    """Return processor milliseconds a photo by stage."""
    spent = []
    with tempfile.TemporaryDirectory(prefix="mapsi-photos-") as folder:
        for count in (few, many):
            photos = Path(folder) / str(count)
            write_photos(photos, count)
            spent.append(work_off(photos, [[stage] for stage in STAGES], count=count).processor)
    table = Table("stage", "processor ms a photo")
    for stage, one, other in zip(STAGES, *spent, strict=True):
        table.add_row(stage, f"{1000 * (other - one) / (many - few):.1f}")
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--photos", type=int, default=240)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--costs", action="store_true")
    arguments = parser.parse_args()
    if arguments.costs:
        Console().print(costs())
        return
    runs: dict[int, list[Run]] = {workers: [] for workers in arguments.workers}
    with tempfile.TemporaryDirectory(prefix="mapsi-photos-") as folder:
        photos = Path(folder) / "photos"
        write_photos(photos, arguments.photos)
        for _ in range(arguments.rounds):
            for workers, done in runs.items():
                done.append(work_off(photos, [STAGES] * workers, count=arguments.photos))
    Console().print(draw(runs))


def draw(runs: dict[int, list[Run]]) -> Table:
    """Return the medians, and the speed-up against the first row."""
    table = Table("workers", "photos/s", "speed-up", "loading s")
    table.title = "Median of the rounds"
    speeds = {
        workers: median(run.photos / run.seconds for run in done) for workers, done in runs.items()
    }
    base = next(iter(speeds.values()))
    for workers, done in runs.items():
        loading = median(run.loading for run in done)
        speed = speeds[workers]
        table.add_row(str(workers), f"{speed:.2f}", f"{speed / base:.2f}", f"{loading:.1f}")
    return table


if __name__ == "__main__":
    main()
