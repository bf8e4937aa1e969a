"""What a metric has counted meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter

Increase = dict[tuple[str, ...], float]


@contextmanager
def counting(counter: Counter) -> Iterator[Increase]:
    """Fill the dictionary at the end: by labels' values, how much ``counter`` grew."""
    before, grown = _values(counter), Increase()
    yield grown
    for labels, value in _values(counter).items():
        if value != before.get(labels, 0):
            grown[labels] = value - before.get(labels, 0)


def _values(counter: Counter) -> Increase:
    return {
        tuple(sample.labels.values()): sample.value
        for family in counter.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
