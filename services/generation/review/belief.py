"""How likely an asked garment is there as it was asked, by all that speaks for and against. Pure.

A logistic regression on 572 photos: garments that people wear against others that were asked in
their place, were dyed or painted over (docs/generation.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from typing import Final

from services.generation.review.cloth import misfit
from services.generation.review.matching import Matching
from shared.contracts.generation import WornGarment
from shared.contracts.vocabulary import FAMILY_OF

BIAS: Final = 0.91
SCORE: Final = 1.41
"""Of the logit of the mask's score for the asked family."""
MISFIT: Final = -5.69
"""Of what the colour is off, in parts of the most that is allowed, beyond ``UNNOTICED``."""
COLORED: Final = 0.17
"""Where a colour was asked at all, and so could have been wrong."""
LOOSE: Final = -0.71
"""Of the score of a garment that nobody asked for: it may be there instead."""
COVERED: Final = 0.41
"""For a top or a dress under outerwear that was asked, too, and found: little of it shows."""
TOP: Final = 0.67
"""For tops, whose scores are low."""

ASIDE: Final = -1.14
"""Of how far beside the wearer's face it is: a passer-by's, or a bag (``picture.aside``)."""

UNNOTICED: Final = 0.4
WORST: Final = 1.6
_SURE_OUTER: Final = 0.5
_LEAST_SCORE: Final = 0.02


def chances(asked: Sequence[WornGarment], matching: Matching) -> tuple[float, ...]:
    """Return for every asked garment the probability, 0..1, that it is there as asked."""
    return tuple(_chance(number, asked, matching) for number in range(len(asked)))


def chances_of_kind(asked: Sequence[WornGarment], matching: Matching) -> tuple[float, ...]:
    """Return the same where every colour would be right: that such a garment is there at all."""
    return tuple(_chance(number, asked, matching, color=False) for number in range(len(asked)))


def _chance(
    number: int, asked: Sequence[WornGarment], matching: Matching, *, color: bool = True
) -> float:
    worn, found = asked[number], matching.found[number]
    if found is None:
        return 0.0
    family = FAMILY_OF[worn.category]
    score = min(max(found.seen.score, _LEAST_SCORE), 1 - _LEAST_SCORE)
    off = min(misfit(worn, found.seen), WORST) if color else 0.0
    logit = BIAS + SCORE * log(score / (1 - score)) + MISFIT * max(off - UNNOTICED, 0.0)
    logit += COLORED * (worn.color is not None or worn.hex is not None)
    logit += LOOSE * matching.loose
    logit += COVERED * (family in ("top", "dress") and _outer_found(asked, matching))
    logit += TOP * (family == "top")
    logit += ASIDE * found.aside
    return 1 / (1 + exp(-logit))


def _outer_found(asked: Sequence[WornGarment], matching: Matching) -> bool:
    return any(
        FAMILY_OF[worn.category] == "outer" and found is not None and found.seen.score > _SURE_OUTER
        for worn, found in zip(asked, matching.found, strict=True)
    )
