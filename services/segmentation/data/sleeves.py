"""How long a sleeve is, told by how much skin shows where the arms hang.

Clothing Co-Parsing labels skin and garments but no sleeves. All lengths are relative to the
visible body's height. ``docs/models/segmenter.md`` states how often the rule is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Sleeve = Literal["long", "short", "none", "strap"]

ARM_WIDTH: Final = 0.038
"""Width of a bare arm, in body heights."""
BARE_SHOULDER: Final = 0.75
BARE_UPPER_ARM: Final = 0.45
BARE_ELBOW: Final = 0.24
BARE_FOREARM: Final = 0.30


@dataclass(frozen=True)
class ArmSkin:
    """Visible skin beside the body's axis; 1.0 is about two bare arms seen from the front."""

    shoulder: float
    upper_arm: float
    elbow: float
    forearm: float


def measure_arms(
    skin: NDArray[np.bool_], garment: NDArray[np.bool_], *, body_height: float
) -> ArmSkin:
    """Measure skin in bands below the garment's upper edge, beside its median column.

    ``skin`` and ``garment`` are (height, width) masks of one photo; ``body_height`` in pixels.
    """
    rows, columns = np.nonzero(garment)
    top, axis = float(np.percentile(rows, 1)), float(np.median(columns))

    def bare(first: float, last: float, *, beside: float) -> float:
        start = int(max(0, top + first * body_height))
        stop = int(min(skin.shape[0], top + last * body_height))
        off_axis = np.abs(np.arange(skin.shape[1]) - axis) > beside * body_height
        two_arms = 2 * ARM_WIDTH * (last - first) * body_height**2
        return float((skin[start:stop] & off_axis).sum() / two_arms)

    return ArmSkin(
        shoulder=bare(-0.01, 0.04, beside=0.05),
        # Short sleeves end below this band: skin in it means that there is no sleeve.
        upper_arm=bare(0.03, 0.09, beside=0.06),
        elbow=bare(0.10, 0.20, beside=0.06),
        forearm=bare(0.18, 0.31, beside=0.05),
    )


def sleeve_of(arms: ArmSkin) -> Sleeve:
    """Return the sleeve that leaves so much of the arms bare."""
    if arms.upper_arm > BARE_UPPER_ARM:
        return "strap" if arms.shoulder > BARE_SHOULDER else "none"
    # A long sleeve that is pushed or rolled up leaves the forearm bare but hardly the elbow; a
    # raised hand shows skin beside the elbow but none where the forearm would hang.
    bare = arms.forearm > BARE_FOREARM and arms.elbow > BARE_ELBOW
    return "short" if bare else "long"
