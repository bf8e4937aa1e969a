"""Fixed splits by the hash of a name: the same photo is always on the same side."""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "val", "test"]


def split_of(name: str, *, test: int = 16, val: int = 10) -> Split:
    """Return the split of ``name``; ``test`` and ``val`` are per cent of all names."""
    percentile = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 100
    if percentile < test:
        return "test"
    return "val" if percentile < test + val else "train"
