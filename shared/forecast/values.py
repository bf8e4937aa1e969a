"""What series look like here."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
"""Series x weeks, oldest week first, without holes in the weeks; NaN where nothing was measured."""

Counts = NDArray[np.intp]
Flags = NDArray[np.bool_]
AnyValues = NDArray[np.floating[Any]]

YEAR: Final = 52
"""Weeks after which a season returns."""

MAX_HORIZON: Final = 260
"""Weeks ahead at most: five years, of which the last ones are hardly more than the season."""
