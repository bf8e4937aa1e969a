"""How pieces go together: hues, contrast, patterns, styles; for many pairs at once. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.gateway.recommend.features import NONE, Features, Floats, Ints
from shared.analytics.harmony import (
    ANALOGOUS,
    MONOCHROME,
    NEUTRAL_CHROMA,
    NEUTRAL_LIGHTNESS,
    OPPOSITE,
)
from shared.contracts.vocabulary import GENDERS, PATTERNS

_SOLID: Final = PATTERNS.index("solid")
_ANY: Final = GENDERS.index("any")

HARMONY: Final = {
    "neutral": -0.10,
    "neutral_accent": 0.10,
    "monochrome": 0.05,
    "analogous": 0.0,
    "complementary": -0.20,
    "other": -0.60,
}
"""What the relation of two pieces' hues is worth; the names are ``analytics/harmony.py``'s."""

_CONTRAST: Final = 25.0
"""Difference in lightness from which two pieces stand apart clearly."""
_FLAT: Final = -0.25
"""Two pieces of nearly the same colour, which look like a suit gone wrong or a uniform."""
_GLARING: Final = -0.25
"""Two vivid colours that are no neighbours."""
_VIVID: Final = 50.0
_TWO_PATTERNS: Final = -0.7
_SAME_PATTERN: Final = -0.3
_COHERENCE: Final = 0.5
_FORBIDDEN: Final = -np.inf
_SMALL: Final = 1_024
"""Items of a catalogue whose pairs are all kept: 33 MB."""
_PAIRS: Final = "pairs"
_TOTALS: Final = "totals of pairs"


@dataclass(frozen=True)
class Together:
    """What is said of pairs (a, b), each part an array of that shape."""

    harmony: Floats
    patterns: Floats
    coherence: Floats
    """-inf in ``harmony``: the two are made for different people."""

    @property
    def total(self) -> Floats:
        """Return the parts' sum."""
        return self.harmony + self.patterns + self.coherence


def together(features: Features, first: Ints, second: Ints) -> Together:
    """Return what is said of every pair of an item of ``first`` with one of ``second``."""
    if len(features.items) > _SMALL:
        return _together(features, first, second)
    kept, at = _pairs(features), (first[:, None], second)
    return Together(kept.harmony[at], kept.patterns[at], kept.coherence[at])


def totals(features: Features, first: Ints, second: Ints) -> Floats:
    """Return ``together(...).total``."""
    if len(features.items) > _SMALL:
        return _together(features, first, second).total
    if _TOTALS not in features.computed:
        features.computed[_TOTALS] = _pairs(features).total
    kept: Floats = features.computed[_TOTALS]
    return kept[first[:, None], second]


def _pairs(features: Features) -> Together:
    """Return what is said of all pairs of a small catalogue, computed once."""
    if _PAIRS not in features.computed:
        every = np.arange(len(features.items))
        features.computed[_PAIRS] = _together(features, every, every)
    kept: Together = features.computed[_PAIRS]
    return kept


def _together(features: Features, first: Ints, second: Ints) -> Together:
    return Together(
        harmony=_harmony(features, first, second) + _same_people(features, first, second),
        patterns=_patterns(features.pattern[first], features.pattern[second]),
        coherence=_coherence(features.styles[first], features.styles[second]),
    )


def _harmony(features: Features, first: Ints, second: Ints) -> Floats:
    light, chroma, hue = features.lch[first].T
    other_light, other_chroma, other_hue = features.lch[second].T
    hued = (chroma >= NEUTRAL_CHROMA) & (light >= NEUTRAL_LIGHTNESS)
    other_hued = (other_chroma >= NEUTRAL_CHROMA) & (other_light >= NEUTRAL_LIGHTNESS)
    both, none = hued[:, None] & other_hued, ~(hued[:, None] | other_hued)
    turn = np.abs(hue[:, None] - other_hue)
    apart = np.minimum(turn, 360 - turn)
    value = np.select(
        [none, ~both, apart <= MONOCHROME, apart <= ANALOGOUS, apart >= OPPOSITE[0]],
        [
            HARMONY[name]
            for name in ("neutral", "neutral_accent", "monochrome", "analogous", "complementary")
        ],
        HARMONY["other"],
    )
    step = np.abs(light[:, None] - other_light)
    alike = none | (both & (apart <= MONOCHROME))
    value += np.where(alike, _FLAT * np.clip(1 - step / _CONTRAST, 0, 1), 0)
    vivid = (chroma >= _VIVID)[:, None] & (other_chroma >= _VIVID)
    return value + np.where(both & vivid & (apart > ANALOGOUS), _GLARING, 0)


def _patterns(first: Ints, second: Ints) -> Floats:
    loud = (first != _SOLID) & (first != NONE)
    other = (second != _SOLID) & (second != NONE)
    both = loud[:, None] & other
    same = first[:, None] == second
    return np.where(both, np.where(same, _SAME_PATTERN, _TWO_PATTERNS), 0.0)


def _coherence(first: Floats, second: Floats) -> Floats:
    """Return how alike the styles are: 0 for the same, -``_COHERENCE`` for nothing in common."""
    length = np.linalg.norm(first, axis=1)[:, None] * np.linalg.norm(second, axis=1)
    return np.asarray(_COHERENCE * (first @ second.T / length - 1))


def _same_people(features: Features, first: Ints, second: Ints) -> Floats:
    one, other = features.gender[first][:, None], features.gender[second]
    apart = (one != other) & (one != _ANY) & (other != _ANY)
    return np.where(apart, _FORBIDDEN, 0.0)
