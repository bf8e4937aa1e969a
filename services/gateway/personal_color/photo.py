"""A selfie judged: first whether its light allows it, then what skin and hair suggest."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from services.gateway.personal_color import face_map, light
from services.gateway.personal_color.domain import Judgement, Skin
from services.gateway.personal_color.face_map import CHEEKS, hair_band, region
from services.gateway.personal_color.light import Cast
from services.gateway.personal_color.reasons import REASONS
from services.gateway.personal_color.undertone import (
    seasons_of,
    typology_angle,
    usual_chroma,
    usual_hue,
)
from shared.faces import Face
from shared.imaging import Pixels
from shared.lab import LINEAR, LUMINANCE, Floats, lab_to_lch, linear_to_lab

SURE: Final = 0.5
"""Score from which a find is somebody's face and no pattern on a wall."""
_BESIDE: Final = 0.4
"""Another face is somebody else's selfie, too, from this part of the widest one's width."""
SMALLEST: Final = 40
"""Pixels between the eyes: a cheek has over 200 then."""
_TURNED, _TILTED, _STEEP = 0.25, 35.0, (0.75, 1.7)
_DARK, _DARK_SKIN = 0.10, 0.008
_BURNT, _BURNT_PART = 250, 0.30
"""Highlights are left out of what is read of the skin; more than so many reach into it."""
_UNEVEN_STOPS, _UNEVEN_HUE = 1.0, 14.0
_WARM_LIMIT, _MAGENTA_LIMIT = 0.45, 0.22
"""Log2 units of cast from which nothing is said."""
_SMOOTHED: Final = 0.075
"""Fine texture of skin, as a part of the eyes', below which a filter has been at work."""
_HUES: Final = (22.0, 80.0)
_CHROMAS: Final = (0.4, 2.1)
"""Times the usual chroma that plain light still gives."""
_HIDDEN: Final = 0.45
"""Part of a region that may be hair, glasses, moles or highlight."""
_SHADOW: Final = 18.0
_UNLIKE: Final = 0.5
"""Difference of (a, b) / (L + 16), as a part of the larger, that is no light on one skin: black
hair and cloth differ from skin by more."""
_LIT_ALIKE: Final = 8.0
"""CIELAB L by which a forehead may differ from the cheeks: it shines, or hair shades it."""
_MIDDLE: Final = (20, 65)
"""Percentiles of lightness between which skin is read: no pores and brows, no highlights."""
_TURN: Final = 60.0
"""Degrees of hue that a log2 unit of magenta turns skin by, on average over skin tones."""
_HAIR_BELOW: Final = 15.0


class FeatureFinder(Protocol):
    """Finds faces with their features."""

    def faces(self, pixels: Pixels) -> tuple[Face, ...]:
        """Return the faces in (height, width, 3) uint8 RGB, the surest first."""


class _AbstainedError(Exception):
    """A photo that allows no judgement."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.reason = REASONS[code]


def from_photo(pixels: Pixels, *, finder: FeatureFinder) -> Judgement:
    """Judge an upright photo, (height, width, 3) uint8 RGB in sRGB."""
    try:
        face = the_face(finder.faces(pixels))
        skin = _skin(pixels, face)
    except _AbstainedError as abstained:
        return Judgement(None, reason=abstained.reason)
    return Judgement(seasons_of(skin), skin=skin)


def the_face(faces: tuple[Face, ...]) -> Face:
    """Return the only face that is large enough, from the front."""
    sure = sorted((one for one in faces if one.score >= SURE), key=_width)
    if not sure:
        raise _AbstainedError("no_face")
    face = sure[-1]
    if any(_width(other) > _BESIDE * _width(face) for other in sure[:-1]):
        raise _AbstainedError("several_faces")
    if face_map.eye_distance(face) < SMALLEST:
        raise _AbstainedError("face_too_small")
    steep = face_map.steepness(face)
    if (
        face_map.turned(face) > _TURNED
        or face_map.tilt(face) > _TILTED
        or not _STEEP[0] < steep < _STEEP[1]
    ):
        raise _AbstainedError("turned_away")
    return face


def _skin(pixels: Pixels, face: Face) -> Skin:
    drawn = face_map.draw_map(pixels, face)
    _check_light(pixels, drawn)
    cast = light.read_cast(pixels, face.box)
    lab = linear_to_lab(np.clip(LINEAR[drawn] * cast.gains, 0, 1))
    regions = _visible(drawn, lab)
    _check_even(drawn, regions)
    if max(abs(cast.warm) / _WARM_LIMIT, abs(cast.magenta) / _MAGENTA_LIMIT) > 1:
        raise _AbstainedError("color_cast")
    _check_filter(drawn)
    skin = _measured(lab, regions, cast)
    low, high = _CHROMAS
    if not _HUES[0] < skin.hue < _HUES[1] or not low < skin.chroma / skin.usual_chroma < high:
        raise _AbstainedError("strange_color")
    return skin


def _check_light(pixels: Pixels, drawn: Pixels) -> None:
    cheeks = drawn[region(CHEEKS[0]) | region(CHEEKS[1])]
    if (cheeks.max(axis=1) >= _BURNT).mean() > _BURNT_PART:
        raise _AbstainedError("too_bright")
    skin_light = float(np.median(LINEAR[cheeks] @ LUMINANCE))
    brightest = max(light.brightness(pixels), light.brightness(drawn))
    if brightest < _DARK or skin_light < _DARK_SKIN:
        raise _AbstainedError("too_dark")
    if light.is_gray(drawn):
        raise _AbstainedError("black_and_white")


def _visible(drawn: Pixels, lab: Floats) -> dict[str, Floats]:
    """Return the median Lab of each region of bare skin; both cheeks, and mostly the forehead."""
    found = {name: _median(lab[region(name)]) for name in face_map.SKIN}
    seen = {name: middle for name, middle in found.items() if middle is not None}
    if any(name not in seen for name in CHEEKS):
        raise _AbstainedError("covered")
    left, right = (seen[name] for name in CHEEKS)
    if _unlike(left, right):
        raise _AbstainedError("covered")
    forehead = seen.get("forehead")
    cheeks = (left + right) / 2
    if forehead is not None and (
        _unlike(forehead, cheeks) or abs(forehead[0] - cheeks[0]) > _LIT_ALIKE
    ):
        del seen["forehead"]
    return seen


def _median(lab: Floats) -> Floats | None:
    """Return the median of a region's skin (n, 3); None where less than half of it is skin."""
    lightness = lab[:, 0]
    if (lightness < np.percentile(lightness, 75) - _SHADOW).mean() > _HIDDEN:
        return None
    low, high = np.percentile(lightness, _MIDDLE)
    middle: Floats = np.median(lab[(lightness >= low) & (lightness <= high)], axis=0)
    return middle


def _check_even(drawn: Pixels, regions: dict[str, Floats]) -> None:
    left, right = CHEEKS
    turn = abs(_hue(regions[left]) - _hue(regions[right]))
    stops = light.stops_between(drawn[region(left)], drawn[region(right)])
    if stops > _UNEVEN_STOPS or turn > _UNEVEN_HUE:
        raise _AbstainedError("uneven_light")


def _check_filter(drawn: Pixels) -> None:
    """Refuse skin without pores around sharp eyes; a face that is unsharp as a whole passes."""
    tone = np.log(LINEAR[drawn] @ LUMINANCE + 0.01)
    fine = np.abs(4 * tone - sum(np.roll(tone, step, axis) for step in (1, -1) for axis in (0, 1)))
    skin = max(float(np.median(fine[region(name)])) for name in face_map.SKIN)
    eyes = float(np.median(fine[region("left_eye") | region("right_eye")]))
    if skin < _SMOOTHED * eyes:
        raise _AbstainedError("filtered")


def _measured(lab: Floats, regions: dict[str, Floats], cast: Cast) -> Skin:
    middle = np.mean(list(regions.values()), axis=0)
    lightness, chroma, hue = (float(value) for value in lab_to_lch(middle))
    ita = typology_angle(lightness, float(middle[2]))
    return Skin(
        lightness=lightness,
        chroma=chroma,
        hue=hue,
        ita=ita,
        usual_hue=usual_hue(ita),
        usual_chroma=usual_chroma(ita, lightness),
        hue_noise=cast.noise * _TURN,
        hair_lightness=_hair(lab, lightness),
        cast=cast.warm,
    )


def _hair(lab: Floats, skin: float) -> float | None:
    """Return the lightness of what is darker than the skin above the forehead, if that is much.

    Forehead and background are told from hair by lying nearer to the skin's lightness.
    """
    above = lab[hair_band()][:, 0]
    dark = float(np.percentile(above, 20))
    if dark > skin - _HAIR_BELOW:
        return None
    return float(np.median(above[above < (dark + skin) / 2]))


def _hue(lab: Floats) -> float:
    return float(np.degrees(np.arctan2(lab[2], lab[1])))


def _tint(lab: Floats) -> Floats:
    """Return what exposure leaves of a colour, (2,)."""
    tint: Floats = lab[1:] / (lab[0] + 16)
    return tint


def _unlike(one: Floats, other: Floats) -> bool:
    first, second = _tint(one), _tint(other)
    largest = max(np.hypot(*first), np.hypot(*second))
    return bool(np.hypot(*(first - second)) > _UNLIKE * largest)


def _width(face: Face) -> float:
    return face.box[2] - face.box[0]
