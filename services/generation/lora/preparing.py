"""From candidates to a training set: chosen, cut, toned, captioned, with a word on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from PIL import Image

from services.generation.finishing import Finish, finish
from services.generation.lora.buckets import Box, Placement, bucket_sizes, moved, place
from services.generation.lora.candidates import Candidate, Found
from services.generation.lora.captions import SURE, worn, write_caption
from services.generation.lora.choosing import (
    REASONS,
    LeftOutError,
    Rights,
    Rules,
    Seen,
    allowed,
    blur_of,
    season_of,
    several_people,
)
from services.generation.lora.dataset import Entry
from shared.faces import Finder, veil
from shared.faces.hiding import unseen_heads
from shared.imaging import Pixels, decode
from shared.photo_checks import PhotoError

Look = Callable[[Pixels, str], Found]
"""Sees what is in (height, width, 3) uint8 RGB; the text is only named in errors."""

PICTURES: Final = "photos"
"""The folder of the pictures."""
EXAMPLES: Final = 20
_QUALITY: Final = 95
_RIM: Final = 0.3
"""Of a face's size: so far a veil reaches beyond it."""


@dataclass(frozen=True)
class Making:
    """How the pictures are made."""

    rules: Rules
    resolution: int = 1024
    """The pictures have about so many pixels squared."""
    tone: float = 0.5
    """0..1, how far black and white are drawn to the ends of the range; 0: not at all."""
    person: Literal["women", "men", "any"] = "any"
    """Who wears the looks, for the captions."""
    limit: int | None = None


@dataclass
class Made:
    """What came of it: the entries, their buckets, and what was left out by reason."""

    entries: list[Entry] = field(default_factory=list)
    buckets: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def summary(self, making: Making) -> dict[str, Any]:
        """Return what report.json says; of each reason the first names."""
        licences = sorted({entry.licence for entry in self.entries})
        return {
            "kept": len(self.entries),
            "left_out": {
                reason: {"photos": len(names), "why": REASONS[reason][0], "first": names[:EXAMPLES]}
                for reason, names in sorted(self.left_out.items(), key=lambda item: -len(item[1]))
            },
            "buckets": dict(sorted(self.buckets.items())),
            "licences": {
                licence: sum(entry.licence == licence for entry in self.entries)
                for licence in licences
            },
            "rules": {name: _plain(value) for name, value in vars(making.rules).items()},
            "resolution": making.resolution,
            "tone": making.tone,
            "person": making.person,
        }


@dataclass(frozen=True)
class Studio:
    """Who sees: the pipeline's models, and the finder of faces where the rules need one."""

    look: Look
    finder: Finder | None


def prepare(candidates: Iterable[Candidate], out: Path, making: Making, studio: Studio) -> Made:
    """Write the pictures of all candidates that may be learned from into ``out``/photos.

    One that cannot be used is left out with its reason; the others go on.
    """
    (out / PICTURES).mkdir(parents=True, exist_ok=True)
    made, seen = Made(), Seen(making.rules.near)
    for candidate in candidates:
        try:
            picture, entry = _make(candidate, making, studio, seen, number=len(made.entries))
        except LeftOutError as error:
            made.left_out.setdefault(error.reason, []).append(candidate.name)
            continue
        picture.save(out / entry.file_name, "JPEG", quality=_QUALITY, subsampling=0)
        made.entries.append(entry)
        bucket = f"{picture.width}x{picture.height}"
        made.buckets[bucket] = made.buckets.get(bucket, 0) + 1
        if len(made.entries) == making.limit:
            break
    return made


def _make(
    candidate: Candidate, making: Making, studio: Studio, seen: Seen, *, number: int
) -> tuple[Image.Image, Entry]:
    rules = making.rules
    rights, season = _known(candidate, rules)
    pixels = _pixels(candidate)
    _need(min(pixels.shape[:2]) >= rules.smallest_side, "small")
    fingerprint = seen.fingerprint(pixels)
    found = candidate.found() if candidate.found else studio.look(pixels, candidate.name)
    _check_found(found, rules)
    picture, facts = _picture(pixels, found, making, studio.finder)
    seen.hashes.append(fingerprint)
    entry = Entry(
        file_name=f"{PICTURES}/{number:06}.jpg",
        text=write_caption(found.garments, found.styles, season=season, person=making.person),
        licence=rights.licence or "",
        source=rights.source,
        credit=rights.credit,
        photo_id=candidate.photo_id,
        group=candidate.author,
        **facts,
    )
    return picture, entry


def _picture(
    pixels: Pixels, found: Found, making: Making, finder: Finder | None
) -> tuple[Image.Image, dict[str, Any]]:
    """Return the photo veiled, cut and toned, and how it was, as an entry says it."""
    faces, veiled = _faces(pixels, found, making.rules, finder)
    height, width = pixels.shape[:2]
    worn_boxes = [one.box for one in found.garments if one.score >= SURE]
    around = [*worn_boxes, *(face for face in faces if _is_above_one(face, worn_boxes))]
    placement = place((width, height), bucket_sizes(making.resolution), around=around)
    picture = _cut(veil(pixels, veiled) if veiled else pixels, placement)
    _need(blur_of(picture) <= making.rules.blur, "blurred")
    toned = finish(picture, Finish(sharpen=0, tone=making.tone)).pixels
    hidden = (moved(_with_rim(box), placement, size=(width, height)) for box in veiled)
    return Image.fromarray(toned), {
        "original_size": (height, width),
        "crop": (placement.top, placement.left),
        "veiled": tuple(box for box in hidden if box),
    }


def _is_above_one(face: Box, garments: Sequence[Box]) -> bool:
    """Tell whether a face is that of who wears a garment, not a passer-by's."""
    middle = (face[0] + face[2]) / 2
    return any(box[0] <= middle <= box[2] and face[1] <= box[3] for box in garments)


def _known(candidate: Candidate, rules: Rules) -> tuple[Rights, str | None]:
    """Check what needs no look at the photo."""
    rights = allowed(candidate.rights, rules.licences)
    named = (fnmatchcase(candidate.source, pattern) for pattern in rules.sources)
    _need(not rules.sources or any(named), "source")
    season = season_of(candidate.posted_at)
    _need(not rules.seasons or season in rules.seasons, "season")
    return rights, season


def _pixels(candidate: Candidate) -> Pixels:
    data = candidate.read()
    try:
        return decode(data, name=candidate.name).pixels
    except PhotoError as error:
        raise LeftOutError("unreadable") from error


def _check_found(found: Found, rules: Rules) -> None:
    _need(found.fashion >= rules.fashion, "not_fashion")
    _need(bool(worn(found.garments)), "no_garment")
    style = max(found.styles, key=lambda name: found.styles[name], default=None)
    _need(not rules.styles or style in rules.styles, "style")
    _need(not several_people(found.garments), "people")


def _faces(
    pixels: Pixels, found: Found, rules: Rules, finder: Finder | None
) -> tuple[Sequence[Box], Sequence[Box]]:
    """Return the faces, which the cut keeps, and what is to be veiled."""
    if finder is None:
        return (), ()
    faces = finder.find(pixels)
    _need(not (rules.faces == "drop" and faces), "face")
    if rules.faces != "blur":
        return faces, ()
    heads = unseen_heads(faces, found.garments)
    return faces, [*faces, *(head for head in heads if not _has_face_above(head, faces))]


def _has_face_above(head: Box, faces: Sequence[Box]) -> bool:
    """Tell whether a place of a head is in truth a body below a face: a dress under a coat."""
    reach = (head[2] - head[0]) / 2
    return any(
        head[0] - reach <= (face[0] + face[2]) / 2 <= head[2] + reach and face[3] <= head[3]
        for face in faces
    )


def _with_rim(box: Box) -> Box:
    """Return a face's box with the rim that its veil has."""
    across, down = _RIM * (box[2] - box[0]), _RIM * (box[3] - box[1])
    return box[0] - across, box[1] - down, box[2] + across, box[3] + down


def _cut(pixels: Pixels, placement: Placement) -> Pixels:
    image = Image.fromarray(pixels)
    resized = image.resize(placement.resized, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(resized.crop(placement.window))


def _need(holds: bool, reason: str) -> None:
    if not holds:
        raise LeftOutError(reason)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def names_of(left_out: Mapping[str, Sequence[str]], language: str) -> list[str]:
    """Return a line for each reason: how many photos, and the first names."""
    return [
        f"{REASONS[reason][language == 'ko']}: {len(names)} "
        f"({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
        for reason, names in sorted(left_out.items(), key=lambda item: -len(item[1]))
    ]
