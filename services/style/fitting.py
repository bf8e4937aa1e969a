"""Fitting the style probe: multinomial logistic regression in two steps, numpy and scipy alone.

The attributes' part is fitted on top of out-of-fold probabilities of the embedding's part: on
those it has not learned by heart, as it will meet them when it serves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from shared.contracts.vocabulary import STYLES
from shared.style.attributes import NAMES, Floats
from shared.style.probe import Weights, probabilities, refined

STRENGTHS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Weights of the L2 penalty on standardised inputs; cross-validation chooses one."""
FOLDS: Final = 5
_DOUBT: Final = 0.03
"""Part of every label spread over all styles: a label by eye or hashtag is never certain, and a
style without any example keeps a probability."""

Folds = npt.NDArray[np.int64]
Report = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled looks; ``styles`` are target probabilities (n, 6)."""

    embeddings: Floats
    """(n, size of the embedding)."""
    attributes: Floats
    """(n, len(NAMES)); a row of zeros where no garment is known."""
    styles: Floats
    groups: Sequence[str]
    """What a split must not divide: the author, or else the photo."""

    def __len__(self) -> int:
        return len(self.groups)

    def part(self, chosen: npt.NDArray[np.bool_]) -> Examples:
        """Return the chosen examples (n,)."""
        groups = [group for group, keep in zip(self.groups, chosen, strict=True) if keep]
        return Examples(
            self.embeddings[chosen], self.attributes[chosen], self.styles[chosen], groups
        )

    @property
    def dressed(self) -> npt.NDArray[np.bool_]:
        """(n,): whether any garment is known."""
        known: npt.NDArray[np.bool_] = self.attributes.any(axis=1)
        return known


@dataclass(frozen=True, eq=False)
class _Linear:
    """Standardisation and regression of one step; ``keep`` is the offset's exponent."""

    weight: Floats
    bias: Floats
    keep: float


def fit(examples: Examples, report: Report = lambda text: None) -> Weights:
    """Return the probe's weights; the same examples give the same weights."""
    targets = (1 - _DOUBT) * examples.styles + _DOUBT / len(STYLES)
    folds = fold_of(examples.groups)
    step, seen = _step(examples.embeddings, targets, folds, offset=None, report=report)
    dressed = examples.dressed
    attributes, keep = _Linear(np.zeros((6, len(NAMES))), np.zeros(6), 1.0), 1.0
    if dressed.sum() >= 10 * FOLDS:
        offset = np.log(seen[dressed])
        added, better = _step(
            examples.attributes[dressed], targets[dressed], folds[dressed],
            offset=offset, report=report,
        )  # fmt: skip
        if log_loss(better, targets[dressed]) < log_loss(seen[dressed], targets[dressed]):
            attributes, keep = added, added.keep
    return Weights(step.weight, step.bias, attributes.weight, attributes.bias, keep)


def predict(weights: Weights, examples: Examples) -> Floats:
    """Return the probabilities (n, 6) that the pipeline would tell."""
    seen = probabilities(examples.embeddings @ weights.embedding.T + weights.embedding_bias)
    with_garments = refined(seen, examples.attributes, weights)
    chances: Floats = np.where(examples.dressed[:, None], with_garments, seen)
    return chances


def log_loss(chances: Floats, targets: Floats) -> float:
    """Return the mean cross-entropy in nats of probabilities (n, 6) against targets (n, 6)."""
    return float(-(targets * np.log(np.maximum(chances, 1e-12))).sum(axis=1).mean())


def fold_of(groups: Sequence[str]) -> Folds:
    """Return each example's fold; a group is in one fold, and folds are about equal."""
    order = np.random.default_rng(0).permutation(sorted(set(groups)))
    place = {group: at % FOLDS for at, group in enumerate(order)}
    return np.array([place[group] for group in groups], np.int64)


def _step(
    inputs: Floats, targets: Floats, folds: Folds, *, offset: Floats | None, report: Report
) -> tuple[_Linear, Floats]:
    """Fit one regression; return it and the out-of-fold probabilities (n, 6)."""
    best: tuple[float, float, Floats] | None = None
    for strength in STRENGTHS:
        seen = np.full(targets.shape, 1 / len(STYLES))
        for fold in range(FOLDS):
            train, held = folds != fold, folds == fold
            if train.any() and held.any():
                line = _regress(inputs[train], targets[train], strength, _take(offset, train))
                seen[held] = _apply(line, inputs[held], _take(offset, held))
        loss = log_loss(seen, targets)
        report(f"L2 {strength}: log loss {loss:.3f} in {FOLDS}-fold cross-validation")
        if best is None or loss < best[0]:
            best = loss, strength, seen
    assert best is not None  # noqa: S101 - STRENGTHS is not empty
    return _regress(inputs, targets, best[1], offset), best[2]


def _take(offset: Floats | None, chosen: npt.NDArray[np.bool_]) -> Floats | None:
    return None if offset is None else offset[chosen]


def _apply(line: _Linear, inputs: Floats, offset: Floats | None) -> Floats:
    logits = inputs @ line.weight.T + line.bias
    return probabilities(logits if offset is None else logits + line.keep * offset)


def _regress(inputs: Floats, targets: Floats, strength: float, offset: Floats | None) -> _Linear:
    """Fit on standardised inputs; the weights returned are for the raw ones."""
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0)
    spread = np.where(spread > 1e-9, spread, np.inf)  # what never varies says nothing
    scaled = (inputs - mean) / spread
    size = len(STYLES), inputs.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weight, bias, keep = flat[:-7].reshape(size), flat[-7:-1], flat[-1]
        logits = scaled @ weight.T + bias
        chances = probabilities(logits if offset is None else logits + keep * offset)
        error = (chances - targets) / len(targets)
        slope_keep = 0.0 if offset is None else float((error * offset).sum())
        slopes = error.T @ scaled + strength * weight
        value = log_loss(chances, targets) + strength / 2 * float((weight**2).sum())
        return value, np.concatenate([slopes.ravel(), error.sum(axis=0), [slope_keep]])

    start = np.zeros(size[0] * size[1] + 7)
    start[-1] = 1.0
    free = (None, None)
    bounds = [free] * (len(start) - 1) + [(0.0, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    weight = found.x[:-7].reshape(size) / spread
    return _Linear(weight, found.x[-7:-1] - weight @ mean, float(found.x[-1]))
