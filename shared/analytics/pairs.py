"""What is worn with what: lift, with its support and interval.

Of ``n`` looks ``a`` have the one garment, ``b`` the other and ``k`` both. Then

- support = k; share = k / n; confidence = k / a;
- lift = (k / n) / ((a / n) (b / n)) (Brin et al., SIGMOD 1997): 1 where the two meet as often as
  chance would have it;
- its 95 % interval is the ratio's of (k of a) to (b of n) on the logarithm's scale, with Katz's
  variance 1/k - 1/a + 1/b - 1/n (Biometrics 1978);
- q is Benjamini and Hochberg's over all pairs looked at, of lift being 1.

Pairs of fewer than ``MIN_LOOKS`` looks are left out: of many rare pairs some always look strong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from shared.analytics.contrasts import Z95, Floats, q_values, two_sided

MIN_LOOKS: Final = 5


@dataclass(frozen=True)
class Lifts:
    """Of P pairs; shape (P,) each."""

    lift: Floats
    low: Floats
    high: Floats
    q: Floats


def lifts(both: Floats, one: Floats, other: Floats, *, looks: float) -> Lifts:
    """Return the lifts of pairs seen in ``both`` (P,) looks, at least one each, of ``looks``."""
    lift = both * looks / (one * other)
    spread = np.sqrt(np.maximum(1 / both - 1 / one + 1 / other - 1 / looks, 1e-12))
    reach = np.exp(Z95 * spread)
    return Lifts(lift, lift / reach, lift * reach, q_values(two_sided(np.log(lift) / spread)))
