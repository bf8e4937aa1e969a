"""A second stage that says the same of everything."""

from __future__ import annotations

import numpy as np

from shared.contracts.vocabulary import CATEGORIES


def says(category: int, probability: float) -> np.ndarray:
    row = np.full(len(CATEGORIES), (1 - probability) / (len(CATEGORIES) - 1), np.float32)
    row[category] = probability
    return row


class Says:
    """A second stage that takes everything for one category."""

    def __init__(self, category: int) -> None:
        self.category = category
        self.seen: list[int] = []

    def judge(self, squares, masks, places):
        self.seen.append(len(squares))
        return np.stack([says(self.category, 0.97)] * len(squares)), np.ones(len(squares))
