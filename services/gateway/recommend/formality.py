"""How formal clothes are by what shops call them, and what occasions ask for. Pure.

A camera cannot tell a jogger from slacks, nor a T-shirt from a shirt: all are trousers and tops.
Their titles can. The table is ``formality.toml``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.catalog.domain import Item
from services.gateway.recommend.features import Features, Floats

_TABLE: Final = Path(__file__).with_name("formality.toml")
_KEPT: Final = "formality"


class Cut(BaseModel):
    """A cut or cloth that titles name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    formality: float = Field(ge=0, le=1)
    title: re.Pattern[str]


class DressCode(BaseModel):
    """How formal the pieces of a look are to be on an occasion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    occasion: str
    least: float = Field(ge=0, le=1)
    most: float = Field(ge=0, le=1)
    strictness: float = Field(gt=0)
    """What a piece that is beyond the range by all of it loses, as a logarithm."""

    def loss(self, formality: Floats) -> Floats:
        """Return (n,) what pieces of this formality lose; 0 within the range."""
        beyond = np.maximum(self.least - formality, formality - self.most)
        return np.asarray(-self.strictness * np.maximum(beyond, 0.0))


class Formality(BaseModel):
    """The table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cut: tuple[Cut, ...]
    plain: dict[str, float]
    dress_code: tuple[DressCode, ...]


@cache
def formality_table() -> Formality:
    """Return the table; ValueError where it is not well formed."""
    return Formality.model_validate(tomllib.loads(_TABLE.read_text("utf-8")))


def formality_of(item: Item) -> float:
    """Return how formal a piece is in [0, 1]: by its title, or else by its category."""
    return _formality(item.title, item.category)


@lru_cache(maxsize=65_536)
def _formality(title: str, category: str) -> float:
    table = formality_table()
    named = (cut.formality for cut in table.cut if cut.title.search(title))
    return next(named, table.plain[category])


def formalities(features: Features) -> Floats:
    """Return (n,): how formal each item is."""
    if _KEPT not in features.computed:
        features.computed[_KEPT] = np.array([formality_of(item) for item in features.items])
    found: Floats = features.computed[_KEPT]
    return found


def dress_code(features: Features, occasions: tuple[str, ...]) -> Floats:
    """Return (n,), 0 or less: what each item loses on these occasions, each in part."""
    asked = [code for code in formality_table().dress_code if code.occasion in occasions]
    losses = [code.loss(formalities(features)) / len(occasions) for code in asked]
    return np.asarray(np.sum(losses, axis=0) + np.zeros(len(features.items)))
