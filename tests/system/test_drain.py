"""Every process of a cluster is replaced under load; no photo and no request may be lost.

`make drain` runs it; MAPSI_DRAIN_ROUNDS=5 replaces everything five times.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import cycle

import pytest
from PIL import Image, ImageEnhance

from tests.system.cluster import PATIENCE, Cluster, InTurn, patient_client, running_cluster
from tests.system.installation import until
from tests.system.photos import sample_photos
from tests.system.recount import recounted, shown

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(3600)]
CLIENTS = 3
EVERY = 4.0
"""Seconds between two new photos of a client; meanwhile it sends the last one again."""
SHADES = 6
MONDAY = datetime(2025, 1, 6, 12, tzinfo=UTC)
RETRIABLE = {"503 and Retry-After", "429 and Retry-After", "ConnectError", "RemoteProtocolError"}
"""What a client may meet on the way; ReadError: the system reset a connection not yet accepted."""
RETRIABLE |= {"ReadError", "WriteError"}


class Person:
    """Sends a photo and asks for what there is, again and again, until told to stop."""

    def __init__(self, cluster: Cluster, number: int) -> None:
        made = cluster.outside.call("gateway", "keys", "create", f"client-{number}")
        self.balancer = InTurn(cluster.urls)
        self.client = patient_client(self.balancer, made.stdout.strip())
        self.number = number
        self.accepted: set[str] = set()
        self.served: set[str] = set()
        self.sent = 0
        self.ended: Counter[int] = Counter()

    def live(self, stop: threading.Event) -> None:
        """Use Mapsi, and never pause."""
        for turn, data in enumerate(self._photos()):
            new_until = time.monotonic() + EVERY
            while not stop.is_set() and time.monotonic() < new_until:
                self._use(turn, data)
            if stop.is_set():
                return

    def _use(self, turn: int, data: bytes) -> None:
        """Send a photo, which is new the first time, and look around."""
        self._send(turn, data)
        for path in ("/v1/photos", "/v1/trends?by=item", "/v1/looks"):
            self.ended[self.client.get(path).status_code] += 1

    def is_served(self) -> bool:
        """Whether every accepted photo has come to its end; a bad end fails."""
        for photo_id in self.accepted - self.served:
            found = self.client.get(f"/v1/photos/{photo_id}").json()
            assert found["state"] not in {"failed", "buried"}, found
            if found["state"] != "analyzed":
                return False
            self.served.add(photo_id)
        return True

    def _send(self, turn: int, data: bytes) -> None:
        self.sent += 1
        posted = MONDAY + timedelta(weeks=turn // 3 % 40)  # of one author three looks a week count
        sent = self.client.post(
            "/v1/photos",
            files={"file": ("look.jpg", data)},
            data={"posted_at": posted.isoformat()},
            headers={"Idempotency-Key": f"{self.number}-{turn}-{self.sent}"},
        )
        self.ended[sent.status_code] += 1
        if sent.status_code == 202:
            self.accepted.add(sent.json()["id"])

    def _photos(self) -> Iterator[bytes]:
        """Yield sample photos, smaller, each round darker; after some rounds the same again."""
        mine = sample_photos("*posture.jpg")[self.number :: CLIENTS]
        for shade in cycle(range(SHADES)):
            for path in mine:
                with Image.open(path) as picture:
                    picture.thumbnail((640, 640))
                    out = BytesIO()
                    ImageEnhance.Brightness(picture).enhance(1 - shade / 12).save(out, "JPEG")
                yield out.getvalue()


def roll(cluster: Cluster) -> None:
    """Replace every process, one after another."""
    for name in cluster.names:
        cluster.stop(name)
        cluster.start(name)


def test_everything_is_replaced_under_load_and_nothing_is_lost(tmp_path):
    with ExitStack() as opened:
        cluster = opened.enter_context(
            running_cluster(tmp_path / "data", MAPSI_CLASSIFICATION_THRESHOLD="0")
        )
        people = [Person(cluster, number) for number in range(CLIENTS)]
        for person in people:
            opened.callback(person.client.close)
        stop = threading.Event()
        with ThreadPoolExecutor(CLIENTS) as pool:
            lives = [pool.submit(person.live, stop) for person in people]
            try:
                until(lambda: all(person.accepted for person in people), seconds=PATIENCE)
                for _ in range(int(os.environ.get("MAPSI_DRAIN_ROUNDS", "1"))):
                    roll(cluster)
            finally:
                stop.set()
            for life in lives:
                life.result()
        until(lambda: all(person.is_served() for person in people), seconds=1200)
        met = sum((Counter(person.balancer.answers) for person in people), Counter())
        ended = sum((person.ended for person in people), Counter())
        accepted = set().union(*(person.accepted for person in people))
        print(f"{len(accepted)} photos; met {dict(met)}; ended {dict(ended)}")
        assert set(ended) <= {200, 202}, "a client gave up"
        assert {answer for answer in met if answer not in {"200", "202", "304"}} <= RETRIABLE
        assert_counted_once(cluster, accepted)


def assert_counted_once(cluster: Cluster, accepted: set[str]) -> None:
    data_dir = cluster.outside.data_dir
    analyses = [path.stem for path in (data_dir / "objects" / "results" / "color").rglob("*.json")]
    assert accepted <= {name.split(".")[0] for name in analyses} | set(analyses)
    counts = recounted(data_dir)
    assert counts
    by = ("trends", "--by", "item,color,style,source", "--weeks", "52")
    assert shown(cluster.outside.json(*by)) == counts
