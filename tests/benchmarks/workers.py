"""How much faster two workers are than one, and what a photo costs at each stage.

    python -m tests.benchmarks.workers [--photos 240] [--workers 1 2] [--rounds 3]

Photos (the sample people of the package ``openpeople``, cut in several ways) are taken into a new
installation while no worker runs; then one worker process works them off, or two, and so on, each
hosting classification, segmentation, color and trends with one thread, on one Valkey, one SQLite
file and one folder. The clock runs from the first photo that is done to the last,
so that starting and loading the models (said beside it) do not count. A photo's seconds at a stage
are processor-bound: they come from the workers' own ``mapsi_task_seconds``. Needs an idle core a
worker; what else runs slows both.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from PIL import Image, ImageOps
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from shared.records import open_database
from shared.records.trends import Settlement
from shared.settings import Settings
from tests.servers.valkey import running_valkey
from tests.system.installation import MAPSI, free_port
from tests.system.photos import sample_photos

STAGES = ("classification", "segmentation", "color", "trends")
_TASK = re.compile(r'^mapsi_task_seconds_(sum|count)\{task="(\w+)\.\w+"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One installation worked off."""

    loading: float
    """Seconds from the workers' start to the first photo that is done."""
    seconds: float
    """From there to the last one."""
    photos: int
    """Done in these seconds."""
    costs: dict[str, float]
    """Seconds of all workers together, by stage."""


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


def work_off(photos: Path, workers: int, *, count: int) -> Run:
    """Take the photos into a new installation, then let ``workers`` processes do the rest."""
    with tempfile.TemporaryDirectory(prefix="mapsi-workers-") as folder:
        data = Path(folder) / "data"
        with running_valkey(Settings(data_dir=data)):
            environment = _environment(data)
            for command in (["migrate"], ["ingest", str(photos), "--source", "street"]):
                subprocess.run(
                    [MAPSI, *command], env=environment, check=True, stdout=subprocess.DEVNULL
                )
            with _working(environment, workers) as ports:
                return _watched(data, ports, count)


def _environment(data: Path) -> dict[str, str]:
    given = {name: text for name, text in os.environ.items() if not name.startswith("MAPSI_")}
    every = {"MAPSI_CLASSIFICATION_THRESHOLD": "0", "MAPSI_LOG_LEVEL": "error"}
    return given | {"MAPSI_DATA_DIR": str(data)} | every


@contextmanager
def _working(environment: dict[str, str], workers: int) -> Iterator[list[int]]:
    """Run the worker processes; yield the ports of their metrics."""
    ports = [free_port() for _ in range(workers)]
    processes = [
        subprocess.Popen(
            [MAPSI, "worker", *STAGES], env=environment | {"MAPSI_METRICS_PORT": str(port)}
        )
        for port in ports
    ]
    try:
        yield ports
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def _watched(data: Path, ports: list[int], count: int) -> Run:
    started, first, known = time.perf_counter(), 0.0, 0
    with closing(open_database(Settings(data_dir=data).database)) as database:
        while True:
            with database.reading() as session:
                done = session.scalar(select(func.count()).select_from(Settlement)) or 0
            now = time.perf_counter()
            if done and not known:
                first, known = now, done
            if done >= count:
                return Run(first - started, now - first, count - known, _costs(ports))
            time.sleep(0.1)


def _costs(ports: list[int]) -> dict[str, float]:
    costs = dict.fromkeys(STAGES, 0.0)
    for port in ports:
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
        for kind, stage, value in _TASK.findall(text):
            if kind == "sum" and stage in costs:
                costs[stage] += float(value)
    return costs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--photos", type=int, default=240)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    runs: dict[int, list[Run]] = {workers: [] for workers in arguments.workers}
    with tempfile.TemporaryDirectory(prefix="mapsi-photos-") as folder:
        photos = Path(folder) / "photos"
        write_photos(photos, arguments.photos)
        for _ in range(arguments.rounds):
            for workers, done in runs.items():
                done.append(work_off(photos, workers, count=arguments.photos))
    Console().print(draw(runs))


def draw(runs: dict[int, list[Run]]) -> Table:
    """Return the medians, and the speed-up against the first row."""
    table = Table("workers", "photos/s", "speed-up", "loading s", *(f"{s} ms" for s in STAGES))
    table.title = "Median of the rounds; processor milliseconds a photo by stage"
    speeds = {
        workers: median(run.photos / run.seconds for run in done) for workers, done in runs.items()
    }
    base = next(iter(speeds.values()))
    for workers, done in runs.items():
        per_photo = [
            median(1000 * run.costs[stage] / run.photos for run in done) for stage in STAGES
        ]
        loading = median(run.loading for run in done)
        table.add_row(
            str(workers), f"{speeds[workers]:.2f}", f"{speeds[workers] / base:.2f}",
            f"{loading:.1f}", *(f"{cost:.0f}" for cost in per_photo),
        )  # fmt: skip
    return table


if __name__ == "__main__":
    main()
