"""The figures of the pattern model, on cases counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from services.color.pattern.figures import confusion, f1_scores, macro_f1, report

LABELS = np.array([0, 0, 0, 1, 1, 5])
ANSWERS = np.array([0, 0, 1, 1, 1, 0])


def test_the_confusion_has_labels_in_rows():
    counts = confusion(LABELS, ANSWERS)
    assert counts[0, 1] == 1
    assert counts[5, 0] == 1
    assert counts.sum() == len(LABELS)


def test_f1_counts_only_patterns_that_are_there_or_told():
    scores = f1_scores(LABELS, ANSWERS)
    assert scores[0] == pytest.approx(4 / 6)
    assert scores[1] == pytest.approx(4 / 5)
    assert scores[5] == 0
    assert np.isnan(scores[2:5]).all()
    assert macro_f1(LABELS, ANSWERS) == pytest.approx((4 / 6 + 4 / 5 + 0) / 3)


def test_a_line_says_what_a_pattern_was_taken_for():
    lines = list(report(LABELS, ANSWERS))
    assert "taken for 1 striped" in lines[0]
    assert "taken for 1 solid" in lines[5]
    assert "precision -" in lines[2]
