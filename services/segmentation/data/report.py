"""What a conversion did: how much it wrote, what it left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from services.segmentation.data.splits import Split

Reason = tuple[str, str]
"""Why something was left out, in English and Korean."""
Progress = Callable[[Iterable[Any], int], Iterable[Any]]
"""Passes things on while it shows how far one is; the number is how many there are at most."""

NO_PICTURE: Final = "photos without a picture", "사진 파일이 없음"
EXAMPLES: Final = 3


def silently(things: Iterable[Any], total: int) -> Iterable[Any]:
    """Pass things on and show nothing."""
    return things


@dataclass
class Report:
    """Photos and garments written by split; what was left out, with the first names."""

    photos: Counter[Split] = field(default_factory=Counter)
    garments: Counter[Split] = field(default_factory=Counter)
    skipped: Counter[Reason] = field(default_factory=Counter)
    examples: dict[Reason, list[str]] = field(default_factory=dict)

    def add(self, split: Split, *, garments: int) -> None:
        """Count a photo that was written."""
        self.photos[split] += 1
        self.garments[split] += garments

    def skip(self, reason: Reason, name: str) -> None:
        """Count what was left out."""
        self.skipped[reason] += 1
        if self.skipped[reason] <= EXAMPLES:
            self.examples.setdefault(reason, []).append(name)

    def written(self, language: str) -> str:
        """Return a line such as ``train 3 photos, 5 garments``."""
        text = "사진 {}장, 옷 {}벌" if language == "ko" else "{} photos, {} garments"
        return "; ".join(
            f"{split} {text.format(count, self.garments[split])}"
            for split, count in self.photos.items()
        )

    def left_out(self, language: str) -> str:
        """Return a line that says what was left out, empty where nothing was."""
        lines = []
        for reason, count in self.skipped.most_common():
            more = ", …" if count > EXAMPLES else ""
            names = ", ".join(self.examples[reason]) + more
            lines.append(f"{reason[language == 'ko']} {count} ({names})")
        return "; ".join(lines)
