"""Clocks that differ: leases, deadlines and S3 signatures go by them."""

from __future__ import annotations

from typing import Final

from services.checkup import Finding
from services.cluster_checkup.finding import Said, unwell, well

_DIFFER: Final = 5.0
"""Seconds."""


def clock(whose: str, seconds: float) -> Finding:
    """Return the finding of a clock that is ``seconds`` ahead of the one it is compared with."""
    found = Said(f"{seconds:+.1f} s", f"{seconds:+.1f}초")
    name = f"clock:{whose}"
    if abs(seconds) < _DIFFER:
        return well(name, found)
    fix = Said("set its machine's clock (chrony, NTP)", "그 컴퓨터의 시계를 맞추세요 (chrony, NTP)")
    return unwell(name, found, fix)
