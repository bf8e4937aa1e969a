"""Which pictures are learned from when, and which are only measured. Pure; known from a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.generation.lora.buckets import Size
from services.generation.lora.dataset import Entry


def hold_out(entries: Sequence[Entry], *, share: float, seed: int) -> tuple[list[int], list[int]]:
    """Return the indices to learn from and to measure on; an author's pictures stay together.

    Where ``share`` is above 0 and there are two authors or more, one at least is measured on.
    Which ones does not depend on the order of the entries.
    """
    groups: dict[str, list[int]] = {}
    for at, entry in enumerate(entries):
        groups.setdefault(entry.group or entry.file_name, []).append(at)
    held: list[int] = []
    if share > 0 and len(groups) > 1:
        wanted = max(1, round(share * len(entries)))
        mixed = sorted(groups, key=lambda name: _mixed(name, seed))
        for name in mixed:
            if len(held) + len(groups[name]) <= wanted:
                held += groups[name]
        # All have posted more than is to be held out: take who has the fewest.
        held = held or groups[min(mixed, key=lambda name: len(groups[name]))]
    return [at for at in range(len(entries)) if at not in set(held)], sorted(held)


def _mixed(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {name}".encode()).digest()


@dataclass(frozen=True)
class Order:
    """Batches of pictures of one size each, in another order every epoch."""

    sizes: tuple[Size, ...]
    """Width, height of each picture that is learned from."""
    batch: int
    seed: int

    @property
    def per_epoch(self) -> int:
        """Batches until every picture was seen once."""
        counts = [self.sizes.count(size) for size in set(self.sizes)]
        return sum(-(-count // self.batch) for count in counts)

    def at(self, number: int) -> list[int]:
        """Return the pictures of batch ``number`` since the beginning."""
        epoch, place = divmod(number, self.per_epoch)
        random = np.random.default_rng((self.seed, epoch))
        shuffled = random.permutation(len(self.sizes))
        batches = [
            mine[start : start + self.batch]
            for size in sorted(set(self.sizes))
            for mine in [[int(at) for at in shuffled if self.sizes[at] == size]]
            for start in range(0, len(mine), self.batch)
        ]
        return batches[int(random.permutation(len(batches))[place])]
