"""Review: is what was asked to be seen in a drawn picture? Pure but for ``sight.py``."""

from services.generation.review.domain import Fault, Sight, Verdict, judge

__all__ = ["Fault", "Sight", "Verdict", "judge"]
