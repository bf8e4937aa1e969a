"""Color's task."""

from __future__ import annotations

from functools import cache

from services.color.naming import Namer, name_photos, open_namer
from services.color.settings import ColorSettings
from shared.bus import Context, task
from shared.contracts.message import Message
from shared.contracts.photos import PhotosSegmented
from shared.settings import read
from shared.style.probe import open_probe


@task("color.name_colors")
def name_colors(message: PhotosSegmented, context: Context) -> list[Message]:
    """Name colours and pattern of segmented photos' garments; their analysis is whole then."""
    return name_photos(
        message.photos,
        storage=context.storage,
        namer=_namer(),
        probe=open_probe(context.settings.style_weights),
    )


@cache
def _namer() -> Namer:
    return open_namer(read(ColorSettings))
