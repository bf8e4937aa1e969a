"""How right the patterns are: F1 by pattern, the confusion. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from shared.contracts.vocabulary import PATTERNS

Labels = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int64]


def confusion(labels: Labels, answers: Labels) -> Counts:
    """Count answers (columns) by label (rows), in the order of ``PATTERNS``."""
    counts = np.zeros((len(PATTERNS), len(PATTERNS)), np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts


def f1_scores(labels: Labels, answers: Labels) -> npt.NDArray[np.float64]:
    """Return the F1 score of each pattern; nan for one that is neither there nor told."""
    counts = confusion(labels, answers)
    both = counts.sum(axis=0) + counts.sum(axis=1)
    scores: npt.NDArray[np.float64] = 2 * counts.diagonal() / np.where(both == 0, np.nan, both)
    return scores


def macro_f1(labels: Labels, answers: Labels) -> float:
    """Return the mean F1 of the patterns that are there or told."""
    return float(np.nanmean(f1_scores(labels, answers)))


def report(labels: Labels, answers: Labels) -> Iterator[str]:
    """Yield a line a pattern: precision, recall, F1 and what it was taken for."""
    counts, scores = confusion(labels, answers), f1_scores(labels, answers)
    told, there = counts.sum(axis=0), counts.sum(axis=1)
    for index, pattern in enumerate(PATTERNS):
        right = counts[index, index]
        taken = ", ".join(
            f"{count} {PATTERNS[other]}"
            for other, count in enumerate(counts[index])
            if count and other != index
        )
        yield (
            f"  {pattern:8} {there[index]:4} garments: precision {_part(right, told[index])}, "
            f"recall {_part(right, there[index])}, F1 {scores[index]:.3f}"
            + (f"; taken for {taken}" if taken else "")
        )


def _part(count: int, whole: int) -> str:
    return f"{count / whole:.3f}" if whole else "-"
