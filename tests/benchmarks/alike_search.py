"""How long a search for alike items takes: ``python -m tests.benchmarks.alike_search``."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

import numpy as np

from services.gateway.catalog.alike import Wanted, alike
from services.gateway.catalog.domain import Catalog
from tests.samples.shop import sample_catalog

SIZES: Final = (5_000, 100_000)
SEARCHES: Final = 200


def large(size: int, dice: np.random.Generator) -> Catalog:
    """Return a catalogue of the sample's items, each a little different."""
    known = sample_catalog().items
    items = []
    for number in range(size):
        item = known[number % len(known)]
        assert item.embedding is not None
        look = item.embedding + dice.normal(0, 0.05, len(item.embedding)).astype(np.float32)
        look /= np.linalg.norm(look)
        items.append(replace(item, item_id=f"{number:06}", embedding=look))
    return Catalog(tuple(items), f"{size}")


def main() -> None:
    """Print milliseconds of one thread: the median and the slowest of a hundred."""
    dice = np.random.default_rng(0)
    for size in SIZES:
        catalog = large(size, dice)
        started = time.perf_counter()
        alike(catalog, Wanted.like(catalog.items[0]), limit=10)
        first = time.perf_counter() - started
        spent = []
        for _ in range(SEARCHES):
            wanted = Wanted.like(catalog.items[int(dice.integers(size))])
            started = time.perf_counter()
            alike(catalog, wanted, limit=10)
            spent.append(1000 * (time.perf_counter() - started))
        median, slowest = np.percentile(spent, (50, 99))
        print(f"{size:7,} items: {median:.1f} ms, p99 {slowest:.1f} ms; the first {first:.2f} s")


if __name__ == "__main__":
    main()
