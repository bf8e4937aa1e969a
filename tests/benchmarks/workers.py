"""How much faster two workers are than one, and what a photo costs at each stage.

    python -m tests.benchmarks.workers [--photos 160] [--workers 1 2] [--rounds 3]
    python -m tests.benchmarks.workers --costs

One worker process works photos off (the sample people of the package ``openpeople``, cut in several
ways), or two, and so on, each hosting classification, segmentation, color and trends with one
thread, on one Valkey, one SQLite file and one folder. 96 photos warm them up, so that starting and
loading the models do not count; then the workers are stopped where they are (SIGSTOP) until all
other photos wait in the first queue, and the clock runs from there to the last one's count. Needs
an idle core a worker; what else runs slows both.

``--costs`` gives each stage a process of its own and reads its processor time from the kernel, once
for 32 photos and once for 160: the difference is what 128 photos cost, without the start. Little
depends on what else runs.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
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


WARM = 96
"""Photos that go before: three messages, so that each worker has one."""


def write_photos(folder: Path, count: int, *, first: int = 0) -> None:
    """Cut ``count`` different photos out of the sample people, from the number ``first`` on."""
    people = sample_photos()
    folder.mkdir()
    for number in range(first, first + count):
        with Image.open(people[number % len(people)]) as photo:
            turn = number // len(people)
            width, height = photo.size
            cut = photo.crop((width * turn // 40, height * turn // 50, width, height))
            shown = ImageOps.mirror(cut) if turn % 2 else cut
            shown.convert("RGB").save(folder / f"{number:04}.jpg", quality=90)


class Installation:
    """A new one, with a broker and worker processes that host what ``workers`` says."""

    def __init__(self, data: Path, workers: Sequence[Sequence[str]]) -> None:
        self._environment = _environment(data)
        self._database = Settings(data_dir=data).database
        self._call("migrate")
        self.processes = [
            subprocess.Popen(
                [MAPSI, "worker", *hosted], env=self._environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            for hosted in workers
        ]  # fmt: skip

    def take(self, photos: Path) -> None:
        """Put a folder's photos into the first queue."""
        self._call("ingest", str(photos), "--source", "street")

    def wait(self, count: int) -> None:
        """Wait until so many photos are counted in all."""
        with closing(open_database(self._database)) as database:
            while True:
                with database.reading() as session:
                    done = session.scalar(select(func.count()).select_from(Settlement)) or 0
                if done >= count:
                    return
                time.sleep(0.1)

    def send(self, number: signal.Signals) -> None:
        """Send all workers a signal."""
        for process in self.processes:
            process.send_signal(number)

    def close(self) -> None:
        """End the workers."""
        self.send(signal.SIGTERM)
        for process in self.processes:
            process.wait()

    def _call(self, *command: str) -> None:
        subprocess.run(
            [MAPSI, *command], env=self._environment, check=True, stdout=subprocess.DEVNULL
        )


@contextmanager
def installed(workers: Sequence[Sequence[str]]) -> Iterator[Installation]:
    """Run an installation in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="mapsi-workers-") as folder:
        data = Path(folder) / "data"
        with (
            running_valkey(Settings(data_dir=data)),
            closing(Installation(data, workers)) as installation,
        ):
            yield installation


def _environment(data: Path) -> dict[str, str]:
    given = {name: text for name, text in os.environ.items() if not name.startswith("MAPSI_")}
    every = {"MAPSI_CLASSIFICATION_THRESHOLD": "0", "MAPSI_LOG_LEVEL": "error"}
    return given | {"MAPSI_DATA_DIR": str(data), "OMP_NUM_THREADS": "1"} | every


def speed(warm: Path, photos: Path, *, workers: int, count: int) -> float:
    """Return photos a second that warm workers get done."""
    with installed([STAGES] * workers) as installation:
        installation.take(warm)
        installation.wait(WARM)
        installation.send(signal.SIGSTOP)
        installation.take(photos)
        started = time.perf_counter()
        installation.send(signal.SIGCONT)
        installation.wait(WARM + count)
        return count / (time.perf_counter() - started)


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
            with installed([[stage] for stage in STAGES]) as installation:
                installation.take(photos)
                installation.wait(count)
                spent.append([_processor_seconds(one.pid) for one in installation.processes])
    table = Table("stage", "processor ms a photo")
    for stage, one, other in zip(STAGES, *spent, strict=True):
        table.add_row(stage, f"{1000 * (other - one) / (many - few):.1f}")
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--photos", type=int, default=160)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--costs", action="store_true")
    arguments = parser.parse_args()
    if arguments.costs:
        Console().print(costs())
        return
    speeds: dict[int, list[float]] = {workers: [] for workers in arguments.workers}
    with tempfile.TemporaryDirectory(prefix="mapsi-photos-") as folder:
        warm, photos = Path(folder) / "warm", Path(folder) / "photos"
        write_photos(warm, WARM)
        write_photos(photos, arguments.photos, first=WARM)
        for _ in range(arguments.rounds):
            for workers, measured in speeds.items():
                measured.append(speed(warm, photos, workers=workers, count=arguments.photos))
    Console().print(draw(speeds))


def draw(speeds: dict[int, list[float]]) -> Table:
    """Return the medians and ranges, and the speed-up against the first row."""
    table = Table("workers", "photos/s", "of all rounds", "speed-up")
    table.title = "Median of the rounds"
    base = median(next(iter(speeds.values())))
    for workers, measured in speeds.items():
        middle = median(measured)
        around = f"{min(measured):.2f} to {max(measured):.2f}"
        table.add_row(str(workers), f"{middle:.2f}", around, f"{middle / base:.2f}")
    return table


if __name__ == "__main__":
    main()
