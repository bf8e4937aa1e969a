"""What looks are dressed in, ready to be compared; the latest few thousand are kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from services.gateway.catalog.alike import Wanted
from shared.contracts.garments import Analysis, Color, Garment
from shared.contracts.generation import WornGarment
from shared.embeddings import from_bytes, unpack
from shared.storage import ObjectNotFoundError, ObjectStore

_KEPT: Final = 4096

Dressed = tuple[Wanted, ...]


class Wardrobe:
    """What looks are dressed in, as read from the store; the latest few thousand are kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Dressed] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, storage: ObjectStore, key: str) -> Dressed | None:
        """Return the garments of a stored analysis; None where it was removed."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            analysis = Analysis.model_validate_json(storage.get(key))
        except ObjectNotFoundError:
            return None
        dressed = dressed_in(analysis.garments)
        with self._lock:
            self._kept[key] = dressed
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return dressed


def dressed_in(garments: Sequence[Garment]) -> Dressed:
    """Return garments that were seen, to be compared."""
    return tuple(
        Wanted(
            garment.category,
            garment.colors,
            from_bytes(unpack(garment.embedding)) if garment.embedding else None,
        )
        for garment in garments
    )


def dressed_as_asked(wear: Sequence[WornGarment]) -> Dressed:
    """Return garments that were asked for, to be compared by their colours."""
    return tuple(
        Wanted(
            worn.category,
            (Color(name="", name_ko="", basic=worn.color, hex=worn.hex, share=1.0),)
            if worn.color and worn.hex
            else (),
        )
        for worn in wear
    )
