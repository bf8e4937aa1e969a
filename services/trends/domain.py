"""How looks become counts; pure.

The counting rule, the same in whatever order photos come:

1. A photo is a look unless it repeats one (``photo_id != look_id``): a repost is no new look.
   A look without a garment counts nowhere.
2. Of one author's looks in one week and source, the ``cap`` with the smallest photo ids count,
   wholly; the others count nowhere. A photo id is a hash: nobody can choose which looks those
   are. Looks whose author is unknown all count.
3. A look that counts stands once in every cell that one of its garments stands in: each of
   pattern, item and colour either the garment's own or ALL, and the item also the garment's
   family. All its cells have its week (the UTC Monday of its post), style and source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from shared.contracts.garments import Analysis, Garment
from shared.contracts.photos import AnalyzedPhoto, PhotoRef
from shared.contracts.vocabulary import PATTERNS, STYLES, UNKNOWN
from shared.trend_figures import week_of

BARS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = "·"
"""In a sparkline: a week without any look."""


class Piece(NamedTuple):
    """One garment of a look, as far as it is counted."""

    item: str
    color: str
    """Basic colour."""
    pattern: str | None
    hex: str
    """Its dominant colour, ``#rrggbb``."""


@dataclass(frozen=True)
class Look:
    """What one photo adds to the counts."""

    photo_id: str
    week: date
    style: str
    source: str
    author: str | None
    garments: tuple[Piece, ...]


Posted = PhotoRef | Analysis
"""Both say whose look a photo is, and when it was posted by whom."""


def style_of(styles: Mapping[str, float], photo_id: str) -> str:
    """Return the style under which a look is counted; ``"unknown"`` where none is told.

    Drawn by the probabilities with the photo's hash as the lot: the same photo has always the
    same style, and of many looks as many have a style as the sum of its probabilities. The most
    probable style instead would count a style that is never the most probable not at all.
    """
    chances = [max(0.0, styles.get(style, 0.0)) for style in STYLES]
    # The last digits: the first ones already decide which looks of an author count.
    lot = int(photo_id[-12:], 16) / 16**12 * sum(chances)
    for style, chance in zip(STYLES, chances, strict=True):
        lot -= chance
        if lot < 0:
            return style
    return UNKNOWN


def is_counted(photo: Posted) -> bool:
    """Answer whether the photo is a look of its own, not a near-duplicate's."""
    return photo.photo_id == photo.look_id


def look_of(photo: Posted, styles: Mapping[str, float], garments: Iterable[Piece]) -> Look:
    """Return the look of a photo with these garments."""
    return Look(
        photo_id=photo.photo_id,
        week=week_of(photo.posted_at),
        style=style_of(styles, photo.photo_id),
        source=photo.source,
        author=photo.author,
        garments=tuple(garments),
    )


def look_of_message(item: AnalyzedPhoto) -> Look:
    """Return the look of a photo as the last stage announces it."""
    pieces = (Piece(g.category, g.basic, known_pattern(g.pattern), g.hex) for g in item.garments)
    return look_of(item.photo, item.styles, pieces)


def look_of_analysis(analysis: Analysis) -> Look:
    """Return the look of a photo from its stored analysis: the message's, said at length."""
    pieces = (piece for garment in analysis.garments if (piece := _piece(garment)))
    return look_of(analysis, analysis.styles, pieces)


def known_pattern(pattern: str | None) -> str | None:
    """Return ``pattern`` if it is one of the vocabulary, else None: it is in no pattern's cell."""
    return pattern if pattern in PATTERNS else None


def kept_of(photo_ids: Iterable[str], *, cap: int) -> tuple[str, ...]:
    """Return which of an author's looks in one week and source count (rule 2), sorted."""
    return tuple(sorted(set(photo_ids))[:cap])


def sparkline(shares: Sequence[float | None]) -> str:
    """Return one bar a week, from zero to the largest share; ``·`` where the share is None."""
    top = max((share for share in shares if share is not None), default=0.0) or 1.0
    return "".join(
        GAP if share is None else BARS[round(share / top * (len(BARS) - 1))] for share in shares
    )


def _piece(garment: Garment) -> Piece | None:
    """Return what color announces of a garment: nothing where its colours are unknown."""
    if not garment.colors:
        return None
    largest = max(garment.colors, key=lambda color: color.share)
    return Piece(garment.category, largest.basic, known_pattern(garment.pattern), largest.hex)
