"""Templates take what is filled in, and nothing of what is filled in is taken for a place."""

from __future__ import annotations

from services.generation.remote.template import filled, places

TEMPLATE = {
    "1": {"text": "photo of %prompt%", "seed": "%seed%", "wires": ["2", 0]},
    "2": {"100%": "50% off %unknown%"},
}


def test_places_are_found_wherever_they_are():
    assert places(TEMPLATE) == {"prompt", "seed", "unknown"}


def test_a_whole_string_takes_the_type_and_the_rest_stays():
    told = filled(TEMPLATE, {"prompt": "a %seed% hat", "seed": 7})
    assert told == {
        "1": {"text": "photo of a %seed% hat", "seed": 7, "wires": ["2", 0]},
        "2": {"100%": "50% off %unknown%"},
    }
