"""An item of a shop as the recommendations and the search for alike items see it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt

from shared.contracts.garments import Color

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Item:
    """One article of a shop's feed, with what was seen on its photo."""

    item_id: str
    """Stable and opaque: names the feed and the shop's own id."""
    feed: str
    title: str
    brand: str | None
    link: str
    """The shop's page of the item; https."""
    category: str
    """One of the 13."""
    colors: tuple[Color, ...]
    """The largest first."""
    pattern: str | None
    styles: Mapping[str, float]
    """Probability by style; empty: not told."""
    gender: str
    """``women``, ``men`` or ``any``."""
    price: int
    """KRW, the sale price where there is one now."""
    full_price: int | None = field(default=None, kw_only=True)
    """KRW without the sale; None: there is no sale."""
    available: bool
    photo_id: str
    garment: int
    """Which garment of the photo's analysis the item is."""
    embedding: Vector | None = field(default=None, repr=False)
    """The garment's appearance, of unit length; None: not computed."""
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Catalog:
    """All items that can be shown, at one moment."""

    items: tuple[Item, ...]
    version: str
    """Changes whenever an item does."""

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        """The items by their id."""
        return {item.item_id: item for item in self.items}
