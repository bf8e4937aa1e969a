"""How good a fashion classifier is: figures of probabilities and labels, in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Confusion:
    """Photos by what they are and what is said of them at a threshold."""

    kept_fashion: int
    lost_fashion: int
    stopped_others: int
    passed_others: int

    @property
    def balanced_accuracy(self) -> float:
        """Mean of the two classes' shares of right answers."""
        fashion = self.kept_fashion / max(1, self.kept_fashion + self.lost_fashion)
        others = self.stopped_others / max(1, self.stopped_others + self.passed_others)
        return (fashion + others) / 2


def confusion(fashion: Floats, labels: Flags, *, threshold: float) -> Confusion:
    """Count right and wrong answers; ``labels`` (n,) True = fashion."""
    kept = fashion >= threshold
    return Confusion(
        kept_fashion=int((kept & labels).sum()),
        lost_fashion=int((~kept & labels).sum()),
        stopped_others=int((~kept & ~labels).sum()),
        passed_others=int((kept & ~labels).sum()),
    )


def balanced_accuracy_interval(
    fashion: Floats, labels: Flags, *, threshold: float, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95% interval of the balanced accuracy: each class resampled ``draws`` times."""
    right = (fashion >= threshold) == labels
    random = np.random.default_rng(seed)
    shares = [
        random.binomial(len(group), group.mean(), draws) / len(group)
        for group in (right[labels], right[~labels])
    ]
    low, high = np.quantile((shares[0] + shares[1]) / 2, (0.025, 0.975))
    return float(low), float(high)


def pr_auc(fashion: Floats, labels: Flags) -> float:
    """Return the average precision of fashion: the area under precision over recall."""
    order = np.argsort(-fashion, kind="stable")
    scores, hits = fashion[order], labels[order]
    # Equal scores are one step: their order must not matter.
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    found = np.cumsum(hits)[last]
    precision = found / (last + 1)
    recall = found / max(1, int(labels.sum()))
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def roc_auc(fashion: Floats, labels: Flags) -> float:
    """Return the chance that a fashion photo scores above another (ties count half)."""
    mine, others = np.sort(fashion[labels]), fashion[~labels]
    below = len(mine) - np.searchsorted(mine, others, side="right")
    tied = np.searchsorted(mine, others, side="right") - np.searchsorted(mine, others)
    return float((below + tied / 2).sum() / max(1, len(mine) * len(others)))


def calibration_error(fashion: Floats, labels: Flags, *, bins: int = 15) -> float:
    """Return the expected calibration error over equal bins of the probability.

    Both classes weigh the same, as in the fit of the temperature: the probability is meant for
    a feed of which half is fashion, whatever the mix of the photos at hand.
    """
    mine = labels.sum()
    weight = np.where(labels, 0.5 / max(1, mine), 0.5 / max(1, len(labels) - mine))
    place = np.minimum((fashion * bins).astype(int), bins - 1)
    error = 0.0
    for index in range(bins):
        inside = place == index
        error += abs(float((weight * (fashion - labels))[inside].sum()))
    return error


def summary(fashion: Floats, labels: Flags, *, threshold: float) -> Mapping[str, float | int]:
    """Return the figures by name."""
    counts = confusion(fashion, labels, threshold=threshold)
    return {
        "pr_auc": pr_auc(fashion, labels),
        "roc_auc": roc_auc(fashion, labels),
        "balanced_accuracy": counts.balanced_accuracy,
        "ece": calibration_error(fashion, labels),
        **vars(counts),
    }
