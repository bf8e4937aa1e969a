"""One queue of the simulated day, its workers, and what Prometheus shows of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from shared.presence import EVERY as COUNTED_EVERY
from tests.benchmarks.autoscaling import Scaler

ROUND: Final = 15
"""Seconds between two looks of beat, two scrapes of Prometheus, and two polls of KEDA."""
_SCRAPED_AFTER: Final = 7
"""Seconds from beat's look to the scrape; KEDA asks eight later."""


@dataclass
class Figures:
    """What Prometheus shows: beat's last look, workers' counters at the scrapes, never just now."""

    window: float
    """Seconds, of the rate."""
    age: float = 0.0
    looks: float = 0.0
    _looked: float = 0.0
    _scraped: deque[tuple[float, float]] = field(default_factory=deque)

    def look(self, age: float) -> None:
        """beat looks at the queue's oldest message."""
        self._looked = age

    def scrape(self, now: float, *, busy_seconds: float, looks: float) -> None:
        """Prometheus takes the figures over."""
        self.age, self.looks = self._looked, looks
        self._scraped.append((now, busy_seconds))

    def at_work(self, now: float) -> float:
        """Return the rate of busy seconds over the window, which is the number of workers."""
        while self._scraped and self._scraped[0][0] <= now - self.window:
            self._scraped.popleft()
        if len(self._scraped) < 2:
            return 0.0
        (began, before), (ended, after) = self._scraped[0], self._scraped[-1]
        return (after - before) / (ended - began)


@dataclass
class Queue:
    """One queue and its workers."""

    seconds: float
    """What a message takes."""
    start: float
    """Seconds until a new worker takes its first message."""
    scaler: Scaler | None
    workers: int
    waiting: deque[tuple[float, float]] = field(default_factory=deque)
    """When it came here, and when the message was born."""
    begun: deque[float] = field(default_factory=deque)
    """When each message at work was taken, oldest first: the first to begin is the first to end."""
    coming: deque[float] = field(default_factory=deque)
    """When each worker that is being started is ready."""
    worked: float = 0.0
    """Seconds of messages that are done."""
    starts: int = 0
    """Workers that were started on the way."""
    paid: float = 0.0
    """Worker seconds."""
    ages: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    figures: Figures = field(init=False)

    def __post_init__(self) -> None:
        self.figures = Figures(self.scaler.rule.busy_window if self.scaler else 0.0)

    @property
    def busy(self) -> int:
        """Messages at work."""
        return len(self.begun)

    def age(self, now: float) -> float:
        """Return how long the oldest message has waited, s."""
        return now - self.waiting[0][0] if self.waiting else 0.0

    def take(self, now: float) -> list[float]:
        """Let idle workers take messages; return when each of these was born."""
        taken = []
        while self.waiting and self.busy < self.workers:
            taken.append(self.waiting.popleft()[1])
            self.begun.append(now)
        return taken

    def end(self) -> None:
        """The message that was taken first is done."""
        self.begun.popleft()
        self.worked += self.seconds

    def tick(self, now: int) -> None:
        """Workers get ready, and a second is paid for all."""
        while self.coming and self.coming[0] <= now:
            self.coming.popleft()
            self.workers += 1
        self.paid += max(self.workers, self.busy) + len(self.coming)
        self.ages.append(self.age(now))
        self.counts.append(self.workers + len(self.coming))

    def show(self, now: int) -> None:
        """Beat looks, and Prometheus scrapes, when their time has come."""
        if now % ROUND == 0:
            self.figures.look(self.age(now))
        if now % ROUND == _SCRAPED_AFTER:
            # Workers count every five seconds of a task, and the rest when it ends.
            begun = sum((now - since) // COUNTED_EVERY * COUNTED_EVERY for since in self.begun)
            looks = float(len(self.waiting) + self.busy)
            self.figures.scrape(now, busy_seconds=self.worked + begun, looks=looks)

    def poll(self, now: int) -> None:
        """KEDA asks the broker and Prometheus, and starts or stops workers."""
        if self.scaler is None or now % ROUND:
            return
        measured = {
            "length": float(len(self.waiting)),
            "age": self.figures.age,
            "busy": self.figures.at_work(now),
            "looks": self.figures.looks,
        }
        known = {name: measured[name] for name in self.scaler.rule.per_worker}
        wanted = self.scaler.poll(now, known)
        while wanted > self.workers + len(self.coming):
            self.coming.append(now + self.start)
            self.starts += 1
        while self.coming and wanted < self.workers + len(self.coming):
            self.coming.pop()
        self.workers = min(self.workers, wanted)
