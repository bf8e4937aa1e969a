"""The fit finds what is there, holds back where nothing is, and can be repeated."""

from __future__ import annotations

import numpy as np
import pytest

from services.style.figures import calibration_error, confusion, macro_f1, measure
from services.style.fitting import Examples, fit, fold_of, log_loss, predict
from shared.contracts.vocabulary import STYLES
from shared.style.attributes import NAMES


def examples(looks: int, *, signal: float, seed: int = 0, dressed: bool = True) -> Examples:
    """Looks whose embedding and garments say their style with strength ``signal``."""
    random = np.random.default_rng(seed)
    styles = random.integers(0, len(STYLES), looks)
    embeddings = random.normal(size=(looks, 24))
    embeddings[np.arange(looks), styles] += signal
    attributes = np.zeros((looks, len(NAMES)))
    if dressed:
        attributes[:, -2] = random.integers(1, 4, looks)
        attributes[np.arange(looks), styles] += signal * (random.random(looks) < 0.6)
    return Examples(
        embeddings, attributes, np.eye(len(STYLES))[styles], [str(n) for n in range(looks)]
    )


def figures(train: Examples, test: Examples):
    weights = fit(train)
    return measure(predict(weights, test), test.styles, prior=train.styles.mean(axis=0))


def test_what_can_be_told_is_told_and_calibrated():
    found = figures(examples(600, signal=2), examples(600, signal=2, seed=1))
    assert found.top1 > 0.75
    assert found.log_loss < found.prior_log_loss - 0.8
    assert found.ece < 0.05


def test_noise_is_not_learned_by_heart():
    found = figures(examples(120, signal=0), examples(600, signal=0, seed=1))
    assert found.log_loss < found.prior_log_loss + 0.1


def test_garments_help_where_they_are_known():
    train, test = examples(500, signal=1), examples(500, signal=1, seed=1)
    weights = fit(train)
    bare = Examples(test.embeddings, np.zeros_like(test.attributes), test.styles, test.groups)
    assert log_loss(predict(weights, test), test.styles) < log_loss(
        predict(weights, bare), bare.styles
    )


def test_without_any_garment_only_the_embedding_is_learned():
    weights = fit(examples(300, signal=2, dressed=False))
    assert not weights.attributes.any()
    assert weights.keep == 1


def test_the_same_examples_give_the_same_weights():
    first, second = (fit(examples(150, signal=1)) for _ in range(2))
    assert (first.embedding == second.embedding).all()
    assert (first.attributes == second.attributes).all()


def test_a_style_without_any_example_keeps_a_probability():
    train = examples(300, signal=2)
    vintage = STYLES.index("vintage")
    kept = train.part(train.styles[:, vintage] == 0)
    chances = predict(fit(kept), train)
    assert chances[:, vintage].mean() > 0.001
    assert chances.min() > 0
    assert np.isfinite(chances).all()


def test_an_author_is_in_one_fold():
    groups = [f"author {number % 17}" for number in range(200)]
    folds = fold_of(groups)
    assert len({(group, fold) for group, fold in zip(groups, folds, strict=True)}) == 17


def test_figures_by_hand():
    told = np.array([[0.9, 0.1, 0, 0, 0, 0], [0.6, 0.4, 0, 0, 0, 0]])
    label = np.array([[1.0, 0, 0, 0, 0, 0], [0.3, 0.7, 0, 0, 0, 0]])
    prior = np.array([0.5, 0.5, 0, 0, 0, 0])
    found = measure(told, label, prior=prior)
    assert (found.top1, found.either, found.prior_top1) == (0.5, 1.0, 0.5)
    assert found.log_loss == pytest.approx(
        -(np.log(0.9) + 0.3 * np.log(0.6) + 0.7 * np.log(0.4)) / 2
    )
    assert found.prior_log_loss == pytest.approx(np.log(2))
    assert macro_f1(confusion(told.argmax(1), label.argmax(1))) == pytest.approx((2 / 3 + 0) / 2)
    assert calibration_error(label, label) == 0
