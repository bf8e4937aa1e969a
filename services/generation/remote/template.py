"""JSON with places to fill in: ``"%seed%"`` becomes the number, also inside longer words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_PLACE: Final = re.compile(r"%([a-z_]+)%")


def places(template: Any) -> frozenset[str]:
    """Return the names of all places in ``template``."""
    if isinstance(template, str):
        return frozenset(_PLACE.findall(template))
    inner = template.values() if isinstance(template, Mapping) else template
    if isinstance(template, (Mapping, list)):
        return frozenset[str]().union(*map(places, inner))
    return frozenset()


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """Return ``template`` with its places filled; a name that ``values`` lacks stays as it is.

    A place that is a whole string takes the value's type.
    """
    if isinstance(template, Mapping):
        return {name: filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if not isinstance(template, str):
        return template
    whole = _PLACE.fullmatch(template)
    if whole and whole[1] in values:
        return values[whole[1]]
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), template)
