"""How long photos are on their way, and at each stage."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from shared import journey
from shared.journey import Leg, arrived, headers, leg_at_hand, next_stage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Seconds since 1970, put forward by hand."""
    now = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(journey.time, "time", lambda: now.seconds)
    return now


def test_the_first_message_begins_the_way(clock: SimpleNamespace) -> None:
    assert headers() == {"began_at": 1000.0, "stage_at": 1000.0}
    assert leg_at_hand() is None


def test_each_message_keeps_the_beginning_and_has_its_own_stage(clock: SimpleNamespace) -> None:
    request = SimpleNamespace(**headers())
    clock.seconds = 1010.0
    with arrived(request):
        leg = leg_at_hand()
        assert leg == Leg(began_at=1000.0, stage_at=1000.0)
        assert headers() == {"began_at": 1000.0, "stage_at": 1010.0}
        clock.seconds = 1015.0
        assert (leg.seconds_on_the_way, leg.seconds_at_stage) == (15.0, 15.0)
        with next_stage():
            assert leg_at_hand() == Leg(began_at=1000.0, stage_at=1015.0)
        assert leg_at_hand() == leg
    assert leg_at_hand() is None


def test_a_message_without_headers_has_no_leg(clock: SimpleNamespace) -> None:
    with arrived(SimpleNamespace(began_at=None)), next_stage():
        assert leg_at_hand() is None
        assert headers() == {"began_at": 1000.0, "stage_at": 1000.0}


def test_a_clock_that_is_ahead_makes_no_negative_times(clock: SimpleNamespace) -> None:
    with arrived(SimpleNamespace(began_at=2000.0, stage_at=2000.0)):
        leg = leg_at_hand()
        assert leg is not None
        assert (leg.seconds_on_the_way, leg.seconds_at_stage) == (0.0, 0.0)
