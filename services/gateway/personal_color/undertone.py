"""Skin among skins: which hue and chroma are usual at a skin tone, and what a deviation says. Pure.

Melanin changes hue and chroma together with lightness. Read against one fixed line, dark skin
would be called warm and muted as a whole, and fair skin cool. So both are read against what is
usual at the same ITA (Chardon, Cretois, Hourseau, Int. J. Cosmet. Sci. 13, 1991).

The curves' shape is that of melanin under Beer and Lambert's law with Jacques' absorption
(wavelength to the power of -3.33) under a surface that reflects 3 %: chroma rises and falls again
towards dark skin, as measured in "Comparing Skin Colours Between Different Skin Groups" (47
people of four groups). The hue's level is the 55 degrees by which Thong, Joniak, Xiang ("Beyond
Skin Tone", ICCV 2023) part redder from yellower faces on photos.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from services.gateway.personal_color.domain import Skin, to_seasons

_ITA: Final = (-40, -20, 0, 20, 35, 50, 60, 75)
_HUE: Final = (47.0, 51.0, 54.0, 55.5, 55.5, 54.0, 51.5, 46.0)
_CHROMA: Final = (0.36, 0.385, 0.385, 0.35, 0.29, 0.23, 0.185, 0.13)
"""C / (L + 16): more or less exposure leaves it and the hue what they are."""
HUE_SPREAD: Final = 6.0
"""Degrees by which people of one ITA differ on photos, one standard deviation."""
_CHROMA_SPREAD: Final = 0.5
"""The same of chroma, in log2 units."""
_HAIR, _HAIR_SPREAD = 22.0, 18.0
WARM, CLEAR, LIGHT = 1.0, 0.3, 0.3
"""Nats that a strong lean gives at most. Hue weighs most: it bears more or less exposure, and
light from blue to orange. Chroma bears neither well, and hair may be dyed."""


def usual_hue(ita: float) -> float:
    """Return the usual h_ab in degrees of skin of an ITA."""
    return float(np.interp(ita, _ITA, _HUE))


def usual_chroma(ita: float, lightness: float) -> float:
    """Return the usual CIELAB chroma of skin of an ITA, at the lightness it has in a photo."""
    return float(np.interp(ita, _ITA, _CHROMA)) * (lightness + 16)


def typology_angle(lightness: float, b: float) -> float:
    """Return the ITA in degrees."""
    return float(np.degrees(np.arctan2(lightness - 50, b)))


def seasons_of(skin: Skin) -> dict[str, float]:
    """Return the probabilities that a skin, and the hair with it, suggest.

    How light the skin is has no say of its own: else dark skin would be autumn or winter by
    definition. Value comes from the hair, against the hair that is most common.
    """
    spread = np.hypot(HUE_SPREAD, skin.hue_noise)
    trust = HUE_SPREAD / spread
    warm = np.tanh((skin.hue - skin.usual_hue) / spread) * trust
    clear = np.tanh(np.log2(skin.chroma / skin.usual_chroma) / _CHROMA_SPREAD)
    light = 0.0
    if skin.hair_lightness is not None:
        light = float(np.tanh((skin.hair_lightness - _HAIR) / _HAIR_SPREAD))
    return to_seasons(warm=WARM * float(warm), light=LIGHT * light, clear=CLEAR * float(clear))
