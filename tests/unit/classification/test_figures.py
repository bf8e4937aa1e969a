"""Figures by which the classifier is judged, against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classification.domain import probability, threshold_for
from services.classification.figures import (
    balanced_accuracy_interval,
    calibration_error,
    confusion,
    pr_auc,
    roc_auc,
)

LABELS = np.array([True, False, True, False])


def scores(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_a_perfect_ranking_has_area_one():
    assert pr_auc(scores(0.9, 0.1, 0.8, 0.2), LABELS) == pytest.approx(1)
    assert roc_auc(scores(0.9, 0.1, 0.8, 0.2), LABELS) == pytest.approx(1)


def test_one_wrong_pair_costs_what_it_should():
    # Ranked: fashion, other, fashion, other. Precision 1 at recall 1/2, then 2/3 at recall 1.
    ranked = scores(0.9, 0.8, 0.7, 0.1)
    assert pr_auc(ranked, LABELS) == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert roc_auc(ranked, LABELS) == pytest.approx(3 / 4)


def test_a_classifier_that_says_one_thing_is_no_better_than_chance():
    same = scores(0.7, 0.7, 0.7, 0.7)
    assert pr_auc(same, LABELS) == pytest.approx(0.5)
    assert roc_auc(same, LABELS) == pytest.approx(0.5)
    assert confusion(same, LABELS, threshold=0.5).balanced_accuracy == pytest.approx(0.5)


def test_a_photo_at_the_threshold_is_fashion():
    counts = confusion(scores(0.5, 0.5, 0.4, 0.4), LABELS, threshold=0.5)
    assert (counts.kept_fashion, counts.lost_fashion) == (1, 1)
    assert (counts.stopped_others, counts.passed_others) == (1, 1)


def test_odds_that_come_true_have_no_calibration_error():
    assert calibration_error(scores(1, 0, 1, 0), LABELS) == pytest.approx(0)
    assert calibration_error(scores(0, 1, 0, 1), LABELS) == pytest.approx(1)


def test_a_temperature_softens_without_changing_sides():
    logits = scores(-40, -1, 0, 1, 40)
    soft = probability(logits, temperature=2)
    assert soft[2] == pytest.approx(0.5)
    assert 0.5 < soft[3] < probability(logits, temperature=1)[3]
    assert np.isfinite(probability(scores(-1e9, 1e9), temperature=0.01)).all()


def test_dear_misses_move_the_threshold_down():
    assert threshold_for(1) == pytest.approx(0.5)
    assert threshold_for(4) == pytest.approx(0.2)


@given(st.floats(0.1, 10), st.integers(0, 2**32))
@settings(max_examples=20)
def test_no_other_threshold_costs_less_where_odds_come_true(miss_cost, seed):
    random = np.random.default_rng(seed)
    chances = random.random(20_000)
    fashion = random.random(len(chances)) < chances

    def cost(cut):
        kept = chances >= cut
        return miss_cost * (fashion & ~kept).mean() + (kept & ~fashion).mean()

    chosen = cost(threshold_for(miss_cost))
    assert all(chosen <= cost(cut) + 0.01 * (1 + miss_cost) for cut in np.linspace(0.05, 0.95, 19))


def test_few_photos_leave_the_balanced_accuracy_uncertain():
    random = np.random.default_rng(0)
    few, many = (np.repeat([True, False], count) for count in (30, 3000))
    wide, narrow = (
        balanced_accuracy_interval(
            np.where(random.random(len(labels)) < 0.9, labels, ~labels).astype(np.float32),
            labels,
            threshold=0.5,
        )
        for labels in (few, many)
    )
    assert wide[1] - wide[0] > 3 * (narrow[1] - narrow[0])
    assert narrow[0] < 0.9 < narrow[1]
