"""Workers are killed at random, then everything is; the counts must not notice.

The small run takes the sample photos of the `demo` extra. `make chaos PHOTOS=a folder` takes
those of the folder, a thousand for instance, and kills every five seconds.
"""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.system.installation import Installation, is_alive, until
from tests.system.photos import sample_photos
from tests.system.recount import Counts, recounted, shown

pytestmark = pytest.mark.system
WORKERS = ("ingestion", "classification", "segmentation", "color", "trends", "generation")
IMPATIENT = {"MAPSI_VISIBILITY_TIMEOUT": "10", "MAPSI_INGESTION_OVERDUE_AFTER": "10"}
"""What a machine waits minutes for, these tests do not."""
ALL_STAGES = {"MAPSI_CLASSIFICATION_THRESHOLD": "0"}
"""Every sample photo goes all the way, whatever the classifier of the day says."""


@dataclass(frozen=True)
class Run:
    """Which photos, and how often a worker is killed."""

    manifest: Path
    photos: int
    every: float
    kills: int
    """At most: a machine on which starting takes longer than living would never end."""
    timeout: float
    environment: dict[str, str]


@dataclass(frozen=True)
class Result:
    """What a user sees in the end."""

    outcomes: dict[str, int]
    counts: Counts
    announced_again: int = field(compare=False)
    """Messages of the reconciler: photos it took for lost."""


def street_photos() -> list[Path]:
    """Return the photos of the folder that `make chaos` names."""
    folder = os.environ.get("MAPSI_CHAOS_PHOTOS")
    if not folder:
        pytest.skip("set MAPSI_CHAOS_PHOTOS to a folder of photos")
    return sorted(path for path in Path(folder).iterdir() if path.suffix in {".jpg", ".png"})


def write_manifest(photos: list[Path], folder: Path) -> Path:
    """Copy the photos beside a manifest that spreads them over three weeks and a few authors."""
    path = folder / "manifest.csv"
    monday = datetime(2026, 10, 5, 12, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "posted_at", "author", "source"])
        for number, photo in enumerate(photos):
            posted = monday + timedelta(days=number % 21)
            author = f"author-{number % 5}" if number % 2 else ""
            name = f"{number:04}{photo.suffix}"
            shutil.copyfile(photo, folder / name)
            writer.writerow([name, posted.isoformat(), author, "street"])
    return path


@pytest.fixture(
    scope="module",
    params=["sample", pytest.param("street", marks=pytest.mark.slow)],
)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    street = request.param == "street"
    photos = street_photos() if street else sample_photos("*posture.jpg")
    return Run(
        write_manifest(photos, tmp_path_factory.mktemp("photos")),
        photos=len(photos),
        every=5.0 if street else 2.0,
        kills=1000 if street else 10,
        timeout=3000 if street else 120,
        environment=IMPATIENT if street else IMPATIENT | ALL_STAGES,
    )


@pytest.fixture(scope="module")
def undisturbed(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The result of a run in which nothing happens."""
    mapsi = Installation(tmp_path_factory.mktemp("undisturbed") / "data", run.environment)
    try:
        mapsi.up()
        return ingest(mapsi, run)
    finally:
        mapsi.close()


def ingest(mapsi: Installation, run: Run) -> Result:
    """Take the photos in, wait until each has ended, and read what is shown."""
    began = time.monotonic()
    report = mapsi.json("ingest", str(run.manifest), "--wait", timeout=run.timeout)
    print(f"{run.photos} photos in {time.monotonic() - began:.0f} s: {report}")
    return result(mapsi, report)


def result(mapsi: Installation, report: dict[str, Any]) -> Result:
    outcomes = {
        name: report[name]
        for name in ("analyzed", "not_fashion", "failed", "buried")
        if report.get(name)
    }
    by = ("trends", "--by", "item,color,style,source", "--weeks", "52")
    again = announced_again(mapsi)
    print(f"{again} messages announced again")
    return Result(outcomes, shown(mapsi.json(*by)), again)


def announced_again(mapsi: Installation) -> int:
    """Return how often the reconciler announced photos; `mapsi ingest` is not in the figures."""
    with mapsi.http(with_key=False) as client:
        figures = client.get("/metrics").text
    found = re.search(r'^mapsi_messages_total\{schema="photos\.stored/1"\} (\S+)$', figures, re.M)
    return int(float(found[1])) if found else 0


@contextmanager
def killing(mapsi: Installation, run: Run) -> Iterator[list[str]]:
    """Kill a random worker now and again; yield the names of the killed."""
    chance = random.Random(7)
    killed: list[str] = []
    enough = threading.Event()

    def kill() -> None:
        while len(killed) < run.kills and not enough.wait(run.every):
            name = chance.choice(WORKERS)
            if is_alive(mapsi.pids[name]):
                os.kill(mapsi.pids[name], signal.SIGKILL)
                killed.append(name)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        enough.set()
        killer.join()


def test_undisturbed_every_photo_ends_well_and_is_counted(run, undisturbed):
    ended = undisturbed.outcomes
    assert ended.get("analyzed", 0) + ended.get("not_fashion", 0) == run.photos
    assert undisturbed.counts
    assert undisturbed.announced_again == 0, "a queue was taken for a loss"


def test_killed_workers_lose_nothing_and_count_nothing_twice(run, undisturbed, install):
    mapsi = install(**run.environment)
    mapsi.up()
    with killing(mapsi, run) as killed:
        disturbed = ingest(mapsi, run)
    print(f"killed {len(killed)}: {killed}")
    assert killed
    assert disturbed == undisturbed
    assert recounted(mapsi.data_dir) == disturbed.counts


def test_after_everything_was_killed_the_next_start_goes_on(run, undisturbed, install):
    mapsi = install(**run.environment)
    mapsi.up()
    taken = mapsi.json("ingest", str(run.manifest), timeout=run.timeout)
    assert taken["new"] == run.photos
    analyses = mapsi.data_dir / "objects" / "results"
    until(lambda: any(analyses.rglob("*.json")), seconds=60, what="no analysis has begun")
    mapsi.kill_everything()
    done = recounted(mapsi.data_dir)
    assert done != undisturbed.counts, "it had ended already: nothing was in the middle"
    mapsi.up()
    resumed = ingest(mapsi, run)
    assert resumed == undisturbed
    assert recounted(mapsi.data_dir) == resumed.counts


def test_even_a_queue_that_is_gone_for_good_costs_only_time(run, undisturbed, install):
    mapsi = install(**run.environment)
    mapsi.up()
    mapsi.json("ingest", str(run.manifest), timeout=run.timeout)
    mapsi.kill_everything()
    shutil.rmtree(mapsi.data_dir / "valkey")
    mapsi.up()
    recovered = ingest(mapsi, run)
    assert recovered == undisturbed
    assert recovered.announced_again > 0
    assert recounted(mapsi.data_dir) == recovered.counts
