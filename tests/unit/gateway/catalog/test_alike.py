"""Alike items are found exactly: the most alike first, those in stock before the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.gateway.catalog.alike import COLOR_WEIGHT, FAR, OTHER_CATEGORY, Wanted, alike
from services.gateway.catalog.domain import Catalog
from shared.contracts.vocabulary import FAMILY_OF
from shared.lab import ciede2000, srgb_to_lab
from tests.samples.shop import catalog_of, sample_catalog

ITEMS = sample_catalog().items


def lab(item):
    code = np.frombuffer(bytes.fromhex(item.colors[0].hex[1:]), np.uint8)
    return srgb_to_lab(code[None])[0]


def likeness(wanted, item):
    """The formula, said once more and plainly."""
    away = min(float(ciede2000(lab(wanted), lab(item))), FAR) / FAR
    other = OTHER_CATEGORY * (wanted.category != item.category)
    return float(wanted.embedding @ item.embedding) - COLOR_WEIGHT * away - other


@pytest.mark.parametrize("item", ITEMS[::9], ids=lambda item: item.title)
def test_an_item_is_most_alike_to_itself(item):
    (first, *_) = alike(sample_catalog(), Wanted.like(item), limit=3)
    assert first.item is item
    assert first.likeness == pytest.approx(1, abs=1e-5)


def test_only_the_same_family_is_alike():
    dress = next(item for item in ITEMS if FAMILY_OF[item.category] == "dress")
    found = alike(sample_catalog(), Wanted.like(dress), limit=50)
    assert {FAMILY_OF[one.item.category] for one in found} == {"dress"}
    assert len(found) == 12


@pytest.mark.parametrize("seed", range(3))
def test_the_search_is_exact_in_a_large_catalogue(seed):
    dice = np.random.default_rng(seed)
    many = []
    for number in range(3000):
        item = ITEMS[int(dice.integers(len(ITEMS)))]
        moved = item.embedding + dice.normal(0, 0.1, len(item.embedding)).astype(np.float32)
        moved /= np.linalg.norm(moved)
        many.append(replace(item, item_id=f"{number:05}", embedding=moved))
    wanted = many[int(dice.integers(len(many)))]
    family = FAMILY_OF[wanted.category]
    kin = [item for item in many if FAMILY_OF[item.category] == family]
    best = sorted((likeness(wanted, item) for item in kin), reverse=True)[:8]
    found = alike(Catalog(tuple(many), "x"), Wanted.like(wanted), limit=8)
    assert [one.likeness for one in found] == pytest.approx(best, abs=1e-4)


def test_what_is_in_stock_comes_before_what_is_not():
    wanted = ITEMS[0]
    sold_out = replace(wanted, item_id="sold-out", available=False)
    found = alike(catalog_of(sold_out, *ITEMS[:6]), Wanted.like(wanted), limit=7)
    assert [one.item.available for one in found] == [True] * 6 + [False]
    assert found[-1].likeness == pytest.approx(1, abs=1e-5)


def test_items_that_are_known_are_left_out():
    found = alike(
        sample_catalog(), Wanted.like(ITEMS[0]), limit=5, without=(ITEMS[0].item_id,)
    )  # fmt: skip
    assert len(found) == 5
    assert ITEMS[0] not in [one.item for one in found]


def test_without_an_embedding_the_colour_decides():
    wanted = next(item for item in ITEMS if item.title.startswith("블랙"))
    found = alike(sample_catalog(), Wanted(wanted.category, wanted.colors), limit=2)
    assert {one.item.colors[0].basic for one in found} == {"black"}


def test_an_item_of_which_little_is_known_can_be_compared_too():
    bare = replace(ITEMS[0], item_id="bare", embedding=None, colors=())
    found = alike(catalog_of(bare, *ITEMS[1:4]), Wanted.like(ITEMS[0]), limit=4)
    assert len(found) == 4
    assert all(np.isfinite(one.likeness) for one in found)


def test_an_empty_catalogue_has_nothing_alike():
    assert alike(Catalog((), ""), Wanted.like(ITEMS[0]), limit=5) == ()
