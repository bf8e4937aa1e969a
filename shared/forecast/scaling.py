"""Series in standard units, and back.

z = (f(y) - centre) / spread. f is the logarithm of y and a tenth of the series' mean (because a
share that doubles and one that halves moved alike; the tenth, because weeks of zero exist), or the
square root (halfway to y itself: a steady climb stays nearly straight). A series that goes below
zero is standardised as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np

from shared.forecast.values import Flags, Values

_OFFSET: Final = 0.1
_TINY: Final = 1e-9
_GROWTH: Final = 50.0

Kind = Literal["logarithm", "root"]


@dataclass(frozen=True)
class Scaling:
    """How each series is made standard; every array is series x 1."""

    kind: Kind
    positive: Flags
    """False: the series goes below zero, and f(y) = y."""
    offset: Values
    centre: Values
    spread: Values

    @classmethod
    def of(cls, values: Values, kind: Kind = "logarithm") -> Self:
        """Return the scaling that ``values`` ask for; without any value, a neutral one."""
        known = ~np.isnan(values)
        number = np.maximum(known.sum(axis=1, keepdims=True), 1)
        filled = np.where(known, values, 0.0)
        positive = filled.min(axis=1, keepdims=True, initial=0.0) >= 0
        offset = np.maximum(filled.sum(axis=1, keepdims=True) / number * _OFFSET, _TINY)
        raw = _forth(values, kind, positive, offset)
        centre = np.where(known, raw, 0.0).sum(axis=1, keepdims=True) / number
        variance = np.where(known, (raw - centre) ** 2, 0.0).sum(axis=1, keepdims=True) / number
        # Rounding makes the spread of a constant series as small as 1e-16 of it.
        least = np.abs(centre) * _TINY + _TINY * np.where(positive, np.sqrt(offset), 1.0)
        return cls(kind, positive, offset, centre, np.maximum(np.sqrt(variance), least))

    def apply(self, values: Values) -> Values:
        """Return ``values`` in standard units; NaN stays."""
        raw = _forth(values, self.kind, self.positive, self.offset)
        standard: Values = (raw - self.centre) / self.spread
        return standard

    def undo(self, standard: Values) -> Values:
        """Return standard units as values, which stay at or above zero where the series does."""
        raw = standard * self.spread + self.centre
        if self.kind == "root":
            grown = np.maximum(raw, 0.0) ** 2
        else:
            # Beyond e^50 times its past no forecast means anything; the bound stops overflow.
            bounded = np.where(self.positive, np.minimum(raw, self.centre + _GROWTH), 0.0)
            grown = np.exp(bounded) - self.offset
        return np.where(self.positive, np.maximum(grown, 0.0), raw)


def _forth(values: Values, kind: Kind, positive: Flags, offset: Values) -> Values:
    bounded = np.maximum(values, 0.0)
    grown = np.sqrt(bounded) if kind == "root" else np.log(bounded + offset)
    return np.where(positive, grown, values)
