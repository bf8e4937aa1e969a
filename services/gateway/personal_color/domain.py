"""Probabilities over the four seasons: how they are made, combined and told. Pure.

Seasonal colour analysis is a convention of stylists without scientific ground truth. What is
said here is a probability with a wide spread, never a finding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from services.gateway.personal_color.reasons import Reason
from shared.contracts.vocabulary import SEASONS

Seasons = Mapping[str, float]
"""Probability of each of the four seasons; they add up to 1."""
Source = Literal["said", "photo", "answers"]

DOUBT: Final = 0.12
"""Part of every answer that is spread evenly: whatever was seen, it may be all wrong."""
WEIGHTS: Final[Mapping[str, float]] = {"answers": 0.8, "photo": 0.6}
"""Of the log-probabilities when several sources are combined."""
BESIDE_SAID: Final = 0.25
"""What answers and photo weigh, as a part of ``WEIGHTS``, where a person says their season."""
LEAD: Final = 0.10
"""By which the likeliest season must lead the next to be named alone."""
_LEAST: Final = 0.01


@dataclass(frozen=True)
class Skin:
    """The skin of one photo under D65, as far as the photo's light allows."""

    lightness: float
    """CIELAB L, 0 to 100."""
    chroma: float
    hue: float
    """CIELAB h_ab, degrees: lower is redder, higher is yellower."""
    ita: float
    """Individual typology angle, degrees: above 55 very light, below -30 very dark."""
    usual_hue: float
    """What is usual at this ITA."""
    usual_chroma: float
    hue_noise: float
    """Degrees by which another photo may differ: one standard deviation."""
    hair_lightness: float | None
    """CIELAB L of the hair above the forehead; None: not seen."""
    cast: float
    """Of the light, before it was taken out: log2 units, above 0 warm, below 0 cool."""


@dataclass(frozen=True)
class Judgement:
    """What a photo or answers tell: probabilities, or why there are none."""

    seasons: Seasons | None
    reason: Reason | None = None
    skin: Skin | None = None
    """Only of a photo that was judged."""


def to_seasons(*, warm: float, light: float, clear: float) -> dict[str, float]:
    """Return probabilities from three leanings in nats, each above 0 for what it names.

    Spring is warm, light and clear; summer cool, light and muted; autumn warm, deep and muted;
    winter cool, deep and clear. Value and chroma decide between the two of one temperature.
    """
    return from_scores(
        {
            "spring": warm + light + clear,
            "summer": -warm + light - clear,
            "autumn": warm - light - clear,
            "winter": -warm - light + clear,
        }
    )


def from_scores(scores: Mapping[str, float]) -> dict[str, float]:
    """Return the softmax of scores in nats, with ``DOUBT`` spread evenly."""
    return _normalised({name: scores[name] for name in SEASONS}, doubt=DOUBT)


def fuse(
    *, said: Seasons | None = None, answers: Seasons | None = None, photo: Seasons | None = None
) -> dict[str, float]:
    """Return what all sources tell together; even probabilities where there is none.

    A weighted product of probabilities (a logarithmic opinion pool; Genest and Zidek,
    Statistical Science 1, 1986); one source alone stays as it is. Who says their season is
    believed as far as ``said`` goes: the other two only shade what is left.
    """
    part = BESIDE_SAID if said else 1.0
    told = [
        (seasons, weight)
        for seasons, weight in (
            (said, 1.0),
            (answers, part * WEIGHTS["answers"]),
            (photo, part * WEIGHTS["photo"]),
        )
        if seasons
    ]
    scores = dict.fromkeys(SEASONS, 0.0)
    for seasons, weight in told:
        share = weight / min(1.0, sum(other for _, other in told))
        for name in SEASONS:
            scores[name] += share * math.log(max(seasons.get(name, 0.0), _LEAST))
    return _normalised(scores, doubt=0.0)


def likeliest(seasons: Seasons) -> str:
    """Return the most probable season, the earlier of the year in a tie."""
    return max(SEASONS, key=lambda name: seasons[name])


def leads(seasons: Seasons) -> bool:
    """Tell whether the likeliest season leads clearly; else another photo may name the next."""
    second, first = sorted(seasons.values())[-2:]
    return first - second >= LEAD


def _normalised(scores: Mapping[str, float], *, doubt: float) -> dict[str, float]:
    top = max(scores.values())
    mass = {name: math.exp(score - top) for name, score in scores.items()}
    total = sum(mass.values())
    return {name: (1 - doubt) * part / total + doubt / len(mass) for name, part in mass.items()}
