"""Planting faults: what a fault is told by, and workers that are put in another's place."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from shared.style.probe import CARD, SHIPPED
from tests.monitoring.stack import Stack, seeing, service_of
from tests.monitoring.watching import Prometheus
from tests.system.installation import until

LINGER: Final = {
    "MapsiSourceFailing", "MapsiSourceQuotaSpent", "MapsiSourceEmpty", "MapsiGatewayErrorsSlow",
}  # fmt: skip
"""They look back so far that they still fire when all has long been well again."""


@contextmanager
def planted(
    prometheus: Prometheus, *alerts: str, besides: tuple[str, ...] = (), seconds: float = 300
) -> Iterator[None]:
    """Wait for all ``alerts``, and see that only they fire, or what the fault brings besides.

    The block plants the fault; after it the test mends it.
    """
    becomes_well(prometheus, seconds=seconds)
    assert not prometheus.firing() & set(alerts)
    began = time.time()
    yield

    def silent() -> set[str]:
        return set(alerts) - prometheus.fired(since=began)

    deadline = time.monotonic() + seconds
    while missing := silent():
        assert time.monotonic() < deadline, f"{missing} do not fire: {prometheus.alerts()}"
        time.sleep(0.5)
    strange = prometheus.fired(since=began) - LINGER - {*alerts, *besides}
    assert not strange, f"{strange} fired, too"


def becomes_well(prometheus: Prometheus, *, seconds: float = 420) -> None:
    """Wait until nothing fires but what lingers."""
    deadline = time.monotonic() + seconds
    while prometheus.firing() - LINGER:
        assert time.monotonic() < deadline, f"still fires: {prometheus.alerts()}"
        time.sleep(0.5)


@contextmanager
def beside(
    stack: Stack, prometheus: Prometheus, name: str, *, environment: Mapping[str, str]
) -> Iterator[None]:
    """Run a second worker beside the one of ``name``."""
    other = f"{name}.other"
    stack.start(name, environment, called=other)
    _watch(stack, prometheus, other)
    yield
    prometheus.leave(service_of(other))
    stack.kill(other)


def segment(stack: Stack, prometheus: Prometheus, how: str | None = None) -> None:
    """Put a segmenter that went astray as ``astray.py`` says, or one that is well, in place."""
    before = [name for name in stack.running if name.partition(".")[0] == "segmentation"]
    called = f"segmentation.{how}" if how else "segmentation"
    stack.start("segmentation", called=called, program=seeing(how) if how else ())
    _watch(stack, prometheus, called)
    for name in before:
        prometheus.leave(service_of(name))
        stack.kill(name)


def older_version(folder: Path) -> dict[str, str]:
    """Return the environment in which Python takes Mapsi for 0.0.9, with an older style model."""
    metadata = folder / "mapsi-0.0.9.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: mapsi\nVersion: 0.0.9\n")
    weights = folder / "style"
    weights.mkdir()
    for path in SHIPPED.iterdir():
        (weights / path.name).write_bytes(path.read_bytes())
    lines = (SHIPPED / CARD).read_text("utf-8").splitlines()
    older = ['version = "2025.1.1"' if one.startswith("version =") else one for one in lines]
    (weights / CARD).write_text("\n".join(older), "utf-8")
    return {"PYTHONPATH": str(folder), "MAPSI_STYLE_WEIGHTS": str(weights)}


def _watch(stack: Stack, prometheus: Prometheus, name: str) -> None:
    """Let Prometheus see a process once it serves its figures."""
    until(lambda: stack.serves(name), seconds=180, what=f"{name} does not start")
    prometheus.watch(service_of(name), stack.ports[name])
