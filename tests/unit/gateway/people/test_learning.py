"""Tastes: learned from statements and likes, faded with time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.chat.domain import Slots
from services.gateway.people.learning import (
    HALF_LIFE,
    RATE,
    Known,
    Signal,
    decayed,
    learned,
    signals_of,
    signals_of_look,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LOOK = (("style", "street"), ("item", "trousers"), ("color", "black"), ("pattern", "solid"))


def after(*signals: Signal, days: float = 0.0) -> Known:
    """Return what is known after signals that came ``days`` apart."""
    known = None
    for number, signal in enumerate(signals):
        known = learned(known, signal, NOW + timedelta(days=number * days))
    assert known is not None
    return known


def test_a_statement_counts_more_than_a_like() -> None:
    said = after(Signal("style", "street", "said"))
    liked = after(Signal("style", "street", "like"))
    assert said.weight > liked.weight > 0


def test_likes_add_up_but_never_beyond_one() -> None:
    like = Signal("color", "navy", "like")
    weights = [after(*[like] * n).weight for n in range(1, 12)]
    assert all(a < b for a, b in pairwise(weights))
    assert weights[-1] <= 1


def test_a_taste_halves_in_its_half_life() -> None:
    known = after(Signal("style", "street", "like"))
    later = NOW + timedelta(days=HALF_LIFE["like"])
    assert decayed(known, later) == pytest.approx(known.weight / 2)


def test_what_was_set_by_hand_and_what_is_avoided_stay() -> None:
    years = NOW + timedelta(days=3650)
    assert decayed(after(Signal("style", "street", "edited", 0.4)), years) == 0.4
    assert decayed(after(Signal("avoid", "pink", "said", -1.0)), years) == -1.0


def test_a_like_does_not_make_a_statement_short_lived() -> None:
    known = after(Signal("style", "street", "said"), Signal("style", "street", "like"))
    assert known.source == "said"
    assert known.times == 2


def test_a_changed_mind_is_followed() -> None:
    known = after(
        Signal("style", "street", "said"), Signal("style", "street", "said", -1.0), days=30
    )
    assert known.weight < -0.5


def test_a_statement_is_taken_apart() -> None:
    slots = Slots(style=("minimal",), avoid=("pink",), gender=("women",), budget=90_000)
    kinds = {(signal.kind, signal.value) for signal in signals_of(slots, "said")}
    assert kinds == {
        ("style", "minimal"), ("avoid", "pink"), ("gender", "women"), ("budget", "90000"),
    }  # fmt: skip
    assert [s.direction for s in signals_of(slots, "said") if s.kind == "avoid"] == [-1.0]


def test_a_like_that_was_foretold_teaches_less() -> None:
    fan = dict.fromkeys(LOOK, 0.9)
    news = signals_of_look(LOOK, {}, liked=True)
    no_news = signals_of_look(LOOK, fan, liked=True)
    against = signals_of_look(LOOK, fan, liked=False)
    assert no_news[0].strength < news[0].strength < against[0].strength * 2
    assert against[0].direction == -1


def test_a_like_is_put_down_to_a_style_rather_than_to_what_many_looks_share() -> None:
    strength = {signal.kind: signal.strength for signal in signals_of_look(LOOK, {}, liked=True)}
    assert strength["style"] > strength["color"] > strength["item"] > strength["pattern"] > 0


def test_a_like_tells_more_than_one_of_many_refusals() -> None:
    (liked, *_) = signals_of_look(LOOK, {}, liked=True)
    (refused, *_) = signals_of_look(LOOK, {}, liked=False)
    assert after(liked).weight > 2 * abs(after(refused).weight) > 0


def test_an_answer_outlives_a_like_of_the_same() -> None:
    known = after(Signal("style", "street", "answer"), Signal("style", "street", "like"))
    assert known.source == "answer"
    assert RATE["answer"] > RATE["like"]


def test_a_look_without_traits_teaches_nothing() -> None:
    assert signals_of_look((), {}, liked=True) == ()


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(RATE)), st.floats(-1, 1), st.floats(0, 1)), min_size=1
    ),
    st.floats(0, 400),
)
def test_no_taste_leaves_its_range(told: list[tuple[str, float, float]], days: float) -> None:
    signals = [Signal("color", "red", source, d, strength) for source, d, strength in told]  # type: ignore[arg-type]
    known = after(*signals, days=days)
    assert -1 <= known.weight <= 1
    assert abs(decayed(known, known.at + timedelta(days=1))) <= abs(known.weight)
