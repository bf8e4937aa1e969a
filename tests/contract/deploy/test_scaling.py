"""What the shipped ScaledObjects would do: enough workers at the peak, few at other times."""

from __future__ import annotations

from functools import cache

from services.registry import WORKERS
from tests.benchmarks.autoscaling import Rule, Scaler, quantile, shipped_rules
from tests.benchmarks.cluster_day import GPU_QUEUE, Outcome, World, fixed, scaled, simulate
from tests.benchmarks.cluster_queue import Figures

RULE = Rule(least=0, most=8, per_worker={"length": 10, "age": 60}, cooldown=600)


def polled(scaler: Scaler, seconds: int, *, start: int = 0, **measured: float) -> list[int]:
    return [scaler.poll(now, measured) for now in range(start, start + seconds, 15)]


def test_each_queue_has_a_rule() -> None:
    assert set(shipped_rules()) == {name.replace(".", "-") for name in WORKERS}


def test_the_longest_trigger_counts_and_growth_is_stepwise() -> None:
    assert polled(Scaler(RULE, 1), 90, length=75, age=5) == [3, 3, 6, 6, 8, 8]
    assert polled(Scaler(RULE, 1), 30, length=0, age=130) == [3, 3]


def test_workers_that_are_all_at_work_grow_by_a_little_and_are_kept() -> None:
    rule = Rule(least=1, most=16, per_worker={"length": 4, "age": 60, "busy": 0.8})
    scaler = Scaler(rule, 8)
    assert polled(scaler, 900, length=0, age=0, busy=8)[-1] == 10
    assert set(polled(scaler, 3600, start=900, length=0, age=0, busy=8)) == {10}
    assert set(polled(scaler, 3600, start=4500, length=3, age=5, busy=7.5)) == {10}
    assert polled(scaler, 900, start=8100, length=0, age=0, busy=3)[-1] == 4


def test_prometheus_shows_the_work_of_some_time_ago() -> None:
    figures = Figures(window=60)
    assert figures.at_work(0) == 0
    shown = []
    for scrape in range(12):
        # Three workers, at work until the fifth scrape.
        figures.look(age=scrape)
        figures.scrape(15 * scrape, busy_seconds=45.0 * min(scrape, 5), looks=0)
        shown.append(figures.at_work(15 * scrape + 8))
    assert shown == [0, 3, 3, 3, 3, 3, 2, 1, 0, 0, 0, 0]
    assert figures.age == 11


def test_one_worker_comes_for_the_first_message_and_goes_after_the_cooldown() -> None:
    scaler = Scaler(RULE, 0)
    assert polled(scaler, 15, length=1, age=0) == [1]
    told = polled(scaler, 1200, start=15, length=0, age=0)
    assert told[:39] == [1] * 39
    assert set(told[39:]) == {0}


def test_a_short_lull_takes_no_worker_away() -> None:
    scaler = Scaler(RULE, 4)
    polled(scaler, 15, length=40, age=0)
    assert set(polled(scaler, 285, start=15, length=5, age=0)) == {4}
    assert polled(scaler, 300, start=315, length=5, age=0)[-1] == 1


WORLD = World(
    photos=400_000, looks=2_000, look_seconds=10, start=20, gpu_start=240,
    core_price=0.04, gpu_price=2.5,
)  # fmt: skip


@cache
def keda() -> Outcome:
    return simulate("KEDA", WORLD, scaled(WORLD, shipped_rules()))


def test_a_day_with_a_peak_is_quicker_than_with_a_mean_fleet_and_cheaper_than_a_peak_one() -> None:
    peak = simulate("peak", WORLD, fixed(WORLD, lambda busiest: busiest))
    mean = simulate("mean", WORLD, fixed(WORLD, lambda busiest: 1.1))
    assert len(keda().photo_seconds) == len(peak.photo_seconds) == 12_500
    assert max(keda().photo_seconds) < max(mean.photo_seconds) / 5
    assert paid(keda()) < 0.7 * paid(peak)


def test_workers_do_not_come_and_go_for_what_is_in_their_hands() -> None:
    blind = {name: rule.without("busy") for name, rule in shipped_rules().items()}
    lists = simulate("lists", WORLD, scaled(WORLD, blind))
    assert starts(keda()) < starts(lists) / 2
    assert quantile(keda().photo_seconds, 0.95) < quantile(lists.photo_seconds, 0.95) / 2


def starts(outcome: Outcome) -> int:
    return sum(queue.starts for queue in outcome.queues.values())


def paid(outcome: Outcome) -> float:
    """Worker seconds where there is something to save: elsewhere one worker does."""
    return sum(outcome.queues[name].paid for name in ("segmentation", GPU_QUEUE))
