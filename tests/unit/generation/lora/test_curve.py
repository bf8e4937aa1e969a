"""The loss curve goes on where a run stopped, and tells over-fitting."""

from __future__ import annotations

from services.generation.lora.curve import Curve, Row, read_curve


def curve(*held):
    return Curve([Row(at * 10, 0.1, 1e-4, 0.1, value) for at, value in enumerate(held)])


def test_a_curve_is_read_back_to_the_last_digit_and_cut(tmp_path):
    rows = [Row(0, None, None, 0.1 + 0.2, 0.5), Row(1, 1 / 3, 1e-4), Row(2, 0.25, 5e-5)]
    Curve(rows).write(tmp_path)
    assert read_curve(tmp_path, until=2).rows == rows
    assert read_curve(tmp_path, until=1).rows == rows[:2]
    assert read_curve(tmp_path / "none", until=1).rows == []


def test_a_rising_held_out_loss_is_over_fitting():
    rising = curve(1.0, 0.8, 0.9)
    assert rising.overfits()
    assert rising.best().step == 10


def test_a_falling_or_unmeasured_one_is_not():
    assert not curve(1.0, 0.8, 0.805).overfits()
    assert not curve(None, None).overfits()
    assert Curve().best() is None
