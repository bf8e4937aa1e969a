"""Which photos a LoRA may learn from, and why not the others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from services.generation.lora.buckets import Box
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import FAMILY_OF, SEASONS
from shared.imaging import Pixels, hamming, perceptual_hash

Faces = Literal["keep", "blur", "drop"]

ALLOWED: Final = (
    "own", "cc0*", "public domain*", "*creativecommons.org/publicdomain/*", "pdm*",
    "cc by", "cc by ?.?*", "*creativecommons.org/licenses/by/*", "mit", "apache 2.0*",
)  # fmt: skip
"""Licences that let a model be made and passed on, as patterns; hyphens are read as spaces."""

REASONS: Final = {
    "licence": ("licence not allowed", "허용되지 않은 라이선스"),
    "no_licence": ("licence not known", "라이선스를 알 수 없음"),
    "unreadable": ("not readable as a photo", "사진으로 읽을 수 없음"),
    "source": ("from another source", "다른 출처"),
    "season": ("of another season, or of no known date", "다른 계절이거나 날짜를 모름"),
    "style": ("of another style", "다른 스타일"),
    "small": ("too small", "너무 작음"),
    "near": ("nearly the same as one before", "앞의 사진과 거의 같음"),
    "not_fashion": ("no fashion photo", "패션 사진이 아님"),
    "no_garment": ("no garment found", "옷을 찾지 못함"),
    "people": ("more than one person", "두 명 이상"),
    "face": ("shows a face", "얼굴이 보임"),
    "blurred": ("blurred", "흐림"),
    "gone": ("no longer in the store", "저장소에 없음"),
}
"""Why a photo is left out, in English and Korean."""


class LeftOutError(Exception):
    """A photo that is not learned from; ``reason`` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason][0])
        self.reason = reason


@dataclass(frozen=True)
class Rules:
    """What a photo must be to be learned from."""

    licences: tuple[str, ...] = ALLOWED
    sources: tuple[str, ...] = ()
    """Patterns of names; none: any source."""
    styles: tuple[str, ...] = ()
    """The most probable style must be one of them; none: any."""
    seasons: tuple[str, ...] = ()
    fashion: float = 0.5
    """The classifier's least probability."""
    smallest_side: int = 768
    """Pixels of the photo's shorter side."""
    blur: float = 0.5
    """The most of ``blur_of`` at the size of training."""
    near: tuple[int, int] = (10, 60)
    """Bits of 64 and of 256 in which near-duplicates' perceptual hashes may differ."""
    faces: Faces = "blur"


@dataclass(frozen=True)
class Rights:
    """What is known of who may use a photo, from one of its posts."""

    source: str
    """A permalink where there is one, else a name."""
    licence: str | None
    credit: str | None = None


def allowed(rights: Sequence[Rights], patterns: Iterable[str]) -> Rights:
    """Return the first rights whose licence is allowed, or raise LeftOutError."""
    wanted = [_plain(pattern) for pattern in patterns]
    for one in rights:
        if one.licence and any(fnmatchcase(_plain(one.licence), each) for each in wanted):
            return one
    raise LeftOutError("licence" if any(one.licence for one in rights) else "no_licence")


def _plain(licence: str) -> str:
    return licence.strip().lower().replace("-", " ").replace("_", " ")


def season_of(date: datetime | None) -> str | None:
    """Return the northern season of a date: spring is March to May."""
    return None if date is None else SEASONS[(date.month - 3) % 12 // 3]


def several_people(garments: Sequence[Garment]) -> bool:
    """Tell whether two persons wear what is seen: two bottoms or dresses, apart, alike in size."""
    worn = [one for one in garments if FAMILY_OF[one.category] not in ("top", "outer")]
    worn.sort(key=lambda one: -one.area)
    return any(
        second.area > 0.4 * first.area and _apart(first.box, second.box)
        for at, first in enumerate(worn)
        for second in worn[at + 1 :]
    )


def _apart(first: Box, second: Box) -> bool:
    overlap = min(first[2], second[2]) - max(first[0], second[0])
    return overlap < 0.2 * min(first[2] - first[0], second[2] - second[0])


@dataclass
class Seen:
    """The perceptual hashes of the photos that were kept: 64 and 256 bits each."""

    limits: tuple[int, int]
    hashes: list[tuple[int, int]] = field(default_factory=list)

    def fingerprint(self, pixels: Pixels) -> tuple[int, int]:
        """Return the hashes of (height, width, 3), or raise LeftOutError where one was alike."""
        new = perceptual_hash(pixels), perceptual_hash(pixels, side=16)
        for old in self.hashes:
            if all(hamming(a, b) <= most for a, b, most in zip(new, old, self.limits, strict=True)):
                raise LeftOutError("near")
        return new


def blur_of(pixels: Pixels) -> float:
    """Return how blurred (height, width, 3) uint8 looks: 0 sharp, 1 without any detail.

    Crete et al. 2007: what a blur takes from a sharp picture's edges, it takes from a blurred
    one's no more. Seen at the size that is given: enlarge a photo and it is more blurred. The
    sharpest part of the picture counts: the street behind a person is meant to be soft.
    """
    gray = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    tiles = [part for row in np.array_split(gray, 4) for part in np.array_split(row, 4, axis=1)]
    edges = [(float(np.abs(np.diff(tile)).mean()), _blur(tile)) for tile in tiles]
    # A smooth wall is not blurred, and has nothing to be sharp: only tiles with edges count.
    busy = np.median([strength for strength, _ in edges])
    return float(np.percentile([blur for strength, blur in edges if strength >= busy], 25))


def _blur(gray: npt.NDArray[np.float32]) -> float:
    return max(_blur_along(gray), _blur_along(gray.T))


def _blur_along(gray: npt.NDArray[np.float32]) -> float:
    reach = 9
    sums = np.cumsum(np.pad(gray, ((0, 0), (reach // 2 + 1, reach // 2)), mode="edge"), axis=1)
    soft = (sums[:, reach:] - sums[:, :-reach]) / reach
    sharp, blurred = np.abs(np.diff(gray, axis=1)), np.abs(np.diff(soft, axis=1))
    total = float(sharp.sum())
    lost = float(np.maximum(0, sharp - blurred).sum())
    return 1.0 if total == 0 else 1 - lost / total
