"""What the shipped ScaledObjects would do: enough workers at the peak, few at other times."""

from __future__ import annotations

from services.registry import WORKERS
from tests.benchmarks.autoscaling import Rule, Scaler, shipped_rules
from tests.benchmarks.cluster_day import GPU_QUEUE, Outcome, World, fixed, scaled, simulate

RULE = Rule(least=0, most=8, per_worker={"length": 10, "age": 60}, cooldown=600)


def polled(scaler: Scaler, seconds: int, *, start: int = 0, **measured: float) -> list[int]:
    return [scaler.poll(now, measured) for now in range(start, start + seconds, 15)]


def test_each_queue_has_a_rule() -> None:
    assert set(shipped_rules()) == {name.replace(".", "-") for name in WORKERS}


def test_the_longest_trigger_counts_and_growth_is_stepwise() -> None:
    assert polled(Scaler(RULE, 1), 90, length=75, age=5) == [3, 3, 6, 6, 8, 8]
    assert polled(Scaler(RULE, 1), 30, length=0, age=130) == [3, 3]


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


def test_a_day_with_a_peak_is_quicker_than_with_a_mean_fleet_and_cheaper_than_a_peak_one() -> None:
    world = World(
        photos=200_000, looks=2_000, look_seconds=10, start=20, gpu_start=240,
        core_price=0.04, gpu_price=2.5,
    )  # fmt: skip
    keda = simulate("KEDA", world, scaled(world, shipped_rules()))
    peak = simulate("peak", world, fixed(world, lambda busiest: busiest))
    mean = simulate("mean", world, fixed(world, lambda busiest: 1.1))
    assert len(keda.photo_seconds) == len(peak.photo_seconds) == 6250
    assert max(keda.photo_seconds) < max(mean.photo_seconds) / 5
    assert paid(keda) < 0.7 * paid(peak)


def paid(outcome: Outcome) -> float:
    """Worker seconds where there is something to save: elsewhere one worker does."""
    return sum(outcome.queues[name].paid for name in ("segmentation", GPU_QUEUE))
