"""A day with a tenfold peak in the evening: KEDA's rules against fixed fleets.

    python -m tests.benchmarks.cluster_day [--photos 400000] [--looks 8000] [--picture OUT.png]

Simulated second by second: photos arrive in messages of 32, go through the queues of the pipeline
and are worked on by as many workers as the shipped ScaledObjects (``k8s/components/autoscaling``)
ask for; looks wait for GPUs likewise. A new worker needs time to start, and what the scalers see is
what Prometheus would show them (``cluster_queue.py``). What a photo costs at each stage is measured
(``COSTS``: ``python -m tests.benchmarks.workers --costs``). How long a GPU draws a look, how soon a
worker or a GPU is there, and prices are assumptions: the table names them, options change them.
The last row is what came of the rules if they did not see who is at work.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from math import ceil, exp
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.benchmarks.autoscaling import Rule, Scaler, quantile, shipped_rules
from tests.benchmarks.cluster_queue import Queue

DAY: Final = 86_400
MESSAGE: Final = 32
COSTS: Final = {"classification": 0.070, "segmentation": 0.458, "color": 0.101, "trends": 0.0037}
"""Processor seconds that a photo takes."""
REVIEW: Final = 4.0
_COLORS: Final = ("tab:blue", "tab:green", "tab:red", "0.8")
"""Of the fleets in the picture, first in front."""
GPU_QUEUE: Final = "generation-gpu"
REVIEW_QUEUE: Final = "generation-review"
NEXT: Final = {
    "classification": "segmentation",
    "segmentation": "color",
    "color": "trends",
    GPU_QUEUE: REVIEW_QUEUE,
}


@dataclass(frozen=True)
class World:
    """What the day brings, and what is assumed."""

    photos: int
    looks: int
    look_seconds: float
    start: float
    """Seconds until a new worker takes its first message."""
    gpu_start: float
    """The same for a GPU, whose machine must come first."""
    core_price: float
    gpu_price: float
    """EUR an hour."""


def rate(at: float) -> float:
    """Return how busy the day is at second ``at``: 1 at most times, 10 at eight in the evening."""
    return 1 + 9 * exp(-(((at - 20 * 3600) / 3600) ** 2))


def arrivals(count: int, *, seed: int) -> np.ndarray:
    """Return the seconds (count,) at which things arrive, sorted."""
    shape = np.array([rate(second) for second in range(DAY)])
    drawn = np.random.default_rng(seed).choice(DAY, size=count, p=shape / shape.sum())
    return np.sort(drawn)


@dataclass(frozen=True)
class Outcome:
    """One fleet's day."""

    name: str
    queues: Mapping[str, Queue]
    photo_seconds: list[float]
    """From arrival to the trend, by message."""
    look_seconds: list[float]
    """From the wish to the reviewed picture."""


class Day:
    """A day as it goes by."""

    def __init__(self, queues: Mapping[str, Queue]) -> None:
        self.queues = queues
        self.done: dict[str, list[float]] = {"trends": [], REVIEW_QUEUE: []}
        """Seconds from birth to the end, of the messages of the last queues."""
        self._ends: list[tuple[float, int, str, float]] = []
        self._number = 0

    @property
    def is_over(self) -> bool:
        """True while nothing waits and nobody works."""
        return not self._ends and not any(queue.waiting for queue in self.queues.values())

    def bring(self, where: str, now: float, *, born: float) -> None:
        """Put a message into a queue; an idle worker takes it at once."""
        self.queues[where].waiting.append((now, born))
        self.let_take(where, now)

    def let_take(self, where: str, now: float) -> None:
        """Let the queue's idle workers begin."""
        for born in self.queues[where].take(now):
            self._number += 1
            heappush(self._ends, (now + self.queues[where].seconds, self._number, where, born))

    def end_what_is_done(self, now: float) -> None:
        """Hand on what is done by ``now``, each message at its own time."""
        while self._ends and self._ends[0][0] <= now:
            at, _, where, born = heappop(self._ends)
            self.queues[where].end()
            self.let_take(where, at)
            if where in NEXT:
                self.bring(NEXT[where], at, born=born)
            else:
                self.done[where].append(at - born)


def simulate(name: str, world: World, queues: dict[str, Queue]) -> Outcome:
    """Run the day, and on until everything is done."""
    coming = {
        "classification": deque(arrivals(ceil(world.photos / MESSAGE), seed=1).tolist()),
        GPU_QUEUE: deque(arrivals(world.looks, seed=2).tolist()),
    }
    day, now = Day(queues), 0
    while now < DAY or not day.is_over:
        day.end_what_is_done(now)
        for where, times in coming.items():
            while times and times[0] <= now:
                day.bring(where, now, born=times.popleft())
        for where, queue in queues.items():
            queue.show(now)
            queue.poll(now)
            queue.tick(now)
            day.let_take(where, now)
        now += 1
    return Outcome(name, queues, day.done["trends"], day.done[REVIEW_QUEUE])


def seconds_of(world: World) -> dict[str, float]:
    """Return what one message takes at each queue."""
    return {stage: cost * MESSAGE for stage, cost in COSTS.items()} | {
        GPU_QUEUE: world.look_seconds,
        REVIEW_QUEUE: REVIEW,
    }


def scaled(world: World, rules: Mapping[str, Rule]) -> dict[str, Queue]:
    """Return queues whose workers follow the rules."""
    return {
        name: Queue(
            seconds,
            world.gpu_start if name == GPU_QUEUE else world.start,
            Scaler(rules[name], rules[name].least),
            rules[name].least,
        )
        for name, seconds in seconds_of(world).items()
    }


def fixed(world: World, share: Callable[[float], float]) -> dict[str, Queue]:
    """Return queues with workers enough for ``share(busiest over mean)`` times the mean load."""
    busiest = max(rate(at) for at in range(0, DAY, 60))
    mean = sum(rate(at) for at in range(DAY)) / DAY
    each = {
        name: world.looks if name in (GPU_QUEUE, REVIEW_QUEUE) else world.photos / MESSAGE
        for name in seconds_of(world)
    }
    return {
        name: Queue(
            seconds,
            0,
            None,
            max(1, ceil(each[name] / DAY * seconds * share(busiest / mean))),
        )
        for name, seconds in seconds_of(world).items()
    }


def draw(world: World, outcomes: list[Outcome]) -> Table:
    """Return the figures of all fleets."""
    table = Table(
        "fleet", "photo: median s", "95 %", "longest", "look: median s", "95 %", "longest",
        "worker starts", "core hours", "GPU hours", "EUR",
    )  # fmt: skip
    table.title = (
        f"{world.photos:,} photos and {world.looks:,} looks in a day; assumed: "
        f"{world.look_seconds:g} s a look, {world.gpu_start:g} s until a GPU is there, "
        f"{world.core_price:g} EUR a core hour, {world.gpu_price:g} a GPU hour"
    )
    for one in outcomes:
        gpu = one.queues[GPU_QUEUE].paid / 3600
        cores = sum(queue.paid for queue in one.queues.values()) / 3600 - gpu
        told = [
            f"{value:,.0f}"
            for times in (one.photo_seconds, one.look_seconds)
            for value in (quantile(times, 0.5), quantile(times, 0.95), max(times, default=0))
        ]
        price = cores * world.core_price + gpu * world.gpu_price
        starts = sum(queue.starts for queue in one.queues.values())
        told.append(f"{starts:,}")
        table.add_row(one.name, *told, f"{cores:,.0f}", f"{gpu:,.0f}", f"{price:,.1f}")
    return table


def picture(outcomes: list[Outcome], out: Path) -> None:
    """Draw workers and waiting by the hour, for segmentation and for GPUs."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 2, sharex=True)
    hours = np.arange(0, DAY, 60) / 3600
    for column, (queue, title) in enumerate(
        (("segmentation", "segmentation workers"), (GPU_QUEUE, "GPUs that draw"))
    ):
        for order, (one, color) in enumerate(zip(outcomes, _COLORS, strict=True)):
            counts = one.queues[queue].counts[:DAY:60]
            ages = [age / 60 for age in one.queues[queue].ages[:DAY:60]]
            for axis, values in zip(axes[:, column], (counts, ages), strict=True):
                axis.plot(hours, values, label=one.name, color=color, lw=1.4, zorder=9 - order)
        axes[0, column].set_title(title)
        axes[0, column].set_ylabel("workers")
        axes[0, column].yaxis.get_major_locator().set_params(integer=True)
        axes[1, column].set_ylabel("oldest waits, minutes")
        axes[1, column].set_yscale("symlog", linthresh=1)
        axes[1, column].set_xlabel("hour of the day")
        axes[1, column].set_xlim(0, 24)
        axes[1, column].set_xticks(range(0, 25, 3))
        for axis in axes[:, column]:
            axis.grid(alpha=0.3)
    axes[0, 0].legend(frameon=False)
    figure.savefig(out, dpi=110)


def main() -> None:
    """Print the table; draw the picture where one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--photos", type=int, default=400_000)
    parser.add_argument("--looks", type=int, default=8_000)
    parser.add_argument("--look-seconds", type=float, default=2.5, help="of a GPU; assumed")
    parser.add_argument("--start", type=float, default=20.0, help="seconds of a worker; assumed")
    parser.add_argument("--gpu-start", type=float, default=240.0, help="of a GPU; assumed")
    parser.add_argument("--core-price", type=float, default=0.04, help="EUR an hour; assumed")
    parser.add_argument("--gpu-price", type=float, default=2.5, help="EUR an hour; assumed")
    parser.add_argument("--picture", type=Path, help="a PNG; needs matplotlib, of the ml extra")
    arguments = vars(parser.parse_args())
    out = arguments.pop("picture")
    world = World(**arguments)
    rules = shipped_rules()
    blind = {name: rule.without("busy") for name, rule in rules.items()}
    outcomes = [
        simulate("KEDA", world, scaled(world, rules)),
        simulate("fixed, for the peak", world, fixed(world, lambda busiest: busiest)),
        simulate("fixed, for the mean", world, fixed(world, lambda busiest: 1.1)),
        simulate("KEDA, by what waits alone", world, scaled(world, blind)),
    ]
    Console(width=150).print(draw(world, outcomes))
    if out:
        picture(outcomes, out)


if __name__ == "__main__":
    main()
