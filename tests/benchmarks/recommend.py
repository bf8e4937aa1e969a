"""How fast outfits are found, what the search misses, and how well it learns.

``python -m tests.benchmarks.recommend`` prints three tables: CPU time by size of the catalogue; the
search against trying every look there is (``--all`` also with 5,000 items, minutes); and simulated
shoppers after none, three and ten answers against a baseline of popular looks.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator
from functools import partial
from statistics import mean, median
from time import process_time
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from services.gateway.catalog.domain import Catalog
from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend import recommending
from services.gateway.recommend.domain import SLOTS
from services.gateway.recommend.features import features_of
from services.gateway.recommend.matching import together
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.search import Hunt, search
from services.gateway.recommend.trending import TrendEvidence
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES
from tests.samples import shoppers
from tests.samples.catalog import TODAY, made_catalog, made_trend
from tests.samples.shop import sample_catalog

BEST: Final = 20
SIZES: Final = (120, 1_000, 5_000)
WISHES: Final = {
    "nothing": (Slots(), Profile()),
    "work, minimal": (Slots(occasion=("work",), style=("minimal",)), Profile()),
    "navy, 150,000 won": (Slots(color=("navy",), budget=150_000), Profile()),
    "a known person": (
        Slots(weather=("cold",)),
        Profile(
            tastes={("style", "street"): 0.7, ("color", "beige"): 0.6, ("item", "skirt"): -0.5},
            avoid=frozenset(("red", "checked")),
            gender="women",
            seasons={"autumn": 0.7, "spring": 0.1, "summer": 0.1, "winter": 0.1},
        ),
    ),
    "in vain": (Slots(item=("skirt",), color=("yellow_green",), budget=9_000), Profile()),
}


def market() -> TrendEvidence:
    """Return a trend in which some things are worn much more than others, and some grow."""
    dice = random.Random(5)
    rows = {}
    for kind in CATEGORIES:
        for color in BASIC_COLORS:
            worn, grows = dice.choice((5, 20, 60, 120)), dice.choice((1, 1, 1, 2))
            rows[kind, color] = [worn] * 12 + [worn * grows] * 4
    return made_trend(rows)


def cpu(answer: Callable[..., object], times: int) -> float:
    """Return the median milliseconds of CPU time of an answer, each of another seed."""
    taken = []
    for number in range(times):
        began = process_time()
        answer(seed=number)
        taken.append(1_000 * (process_time() - began))
    return median(taken)


def speed(trend: TrendEvidence) -> Table:
    """Return CPU milliseconds of one answer by catalogue and wish."""
    table = Table("wish", *(f"{size:,} items" for size in SIZES), title="CPU ms for three outfits")
    shops = {size: made_catalog(size) for size in SIZES}
    for name, (wanted, profile) in WISHES.items():
        row = []
        for shop in shops.values():
            answer = partial(recommend, shop, wanted, profile, trend, today=TODAY)
            answer()
            row.append(f"{cpu(answer, 21):.1f}")
        table.add_row(name, *row)
    return table


def hunts(shop: Catalog, trend: TrendEvidence) -> Iterator[tuple[str, Hunt]]:
    """Yield what is searched for each wish."""
    for name, (wanted, profile) in WISHES.items():
        if name != "in vain":
            wish = recommending.Request(
                features=features_of(shop), wanted=wanted, profile=profile, trend=trend,
                situation=recommending.situation_of(wanted, TODAY), seed=1, keep=(),
            )  # fmt: skip
            yield name, wish.hunt()


def exhaustive(hunt: Hunt) -> np.ndarray:
    """Return the values of the ``BEST`` best of all looks, the best first."""
    features, price = hunt.features, hunt.features.price
    slot = {name: np.flatnonzero(hunt.allowed & (features.slot == at))
            for at, name in enumerate(SLOTS)}  # fmt: skip
    top, bottom, outer, dress = (slot[name] for name in ("top", "bottom", "outer", "dress"))
    best = np.full(BEST, -np.inf)

    def keep(value: np.ndarray, cost: np.ndarray, met: np.ndarray) -> None:
        nonlocal best
        good = met if hunt.budget is None else met & (cost <= hunt.budget)
        found = np.where(good, value, -np.inf).reshape(-1)
        most = np.partition(found, -BEST)[-BEST:] if len(found) > BEST else found
        best = np.sort(np.concatenate([best, most]))[-BEST:]

    def met(*groups: np.ndarray) -> np.ndarray:
        every = np.ones(np.broadcast_shapes(*(np.shape(group) for group in groups)), bool)
        for ask in hunt.asked:
            every = every & np.logical_or.reduce(
                np.broadcast_arrays(*(ask.mask[group] for group in groups))
            )
        return every

    fits = together(features, top, bottom).total
    own = hunt.unary[top][:, None] + hunt.unary[bottom]
    cost = price[top][:, None] + price[bottom]
    keep(own / 2 + fits + hunt.bare, cost, met(top[:, None], bottom))
    keep(hunt.unary[dress] + hunt.bare, price[dress], met(dress))
    with_top, with_bottom = (
        together(features, top, outer).total,
        together(features, bottom, outer).total,
    )
    for at, coat in enumerate(outer):
        pairs = fits + with_top[:, at, None] + with_bottom[:, at]
        value = (own + hunt.unary[coat]) / 3 + pairs / 3
        keep(value, cost + price[coat], met(top[:, None], bottom, coat))
    value = (hunt.unary[dress][:, None] + hunt.unary[outer]) / 2
    value = value + together(features, dress, outer).total
    keep(value, price[dress][:, None] + price[outer], met(dress[:, None], outer))
    return best[::-1]


def missed(trend: TrendEvidence, sizes: tuple[int, ...]) -> Table:
    """Return what the search misses of the best looks of all."""
    table = Table(
        "items", "wish", "looks there are", "best, of the best of all", f"of the {BEST} best found",
        "CPU s, all", "CPU s, search", title="The search against trying all",
    )  # fmt: skip
    for size in sizes:
        shop = made_catalog(size)
        for name, hunt in hunts(shop, trend):
            began = process_time()
            every = exhaustive(hunt)
            middle = process_time()
            found = search(hunt).value
            ended = process_time()
            seen = sum(bool(np.isclose(found, value, atol=1e-9).any()) for value in every)
            table.add_row(
                f"{size:,}", name, f"{_looks(hunt):,}",
                f"{100 * np.exp(found[0] - every[0]):.1f} %", f"{seen}",
                f"{middle - began:.2f}", f"{ended - middle:.4f}",
            )  # fmt: skip
    return table


def learning(trend: TrendEvidence, number: int) -> Table:
    """Return hit rates in the top three of simulated shoppers."""
    table = Table(
        "items", "popular", "before", "after 3", "after 10",
        title=f"Looks that please, of three, mean of {number} shoppers",
    )  # fmt: skip
    for name, shop in (("sample shop", sample_catalog()), ("made, 240", made_catalog(240))):
        popular = shoppers.popular_looks(shop, trend)
        rates: dict[str, list[float]] = {key: [] for key in ("popular", "0", "3", "10")}
        for seed in range(number):
            who = shoppers.shopper(shop, seed)
            rates["popular"].append(mean(who.likes(look) for look in popular))
            for feedbacks in (0, 3, 10):
                who = shoppers.shopper(shop, seed)
                shoppers.taught(who, shop, trend, feedbacks=feedbacks)
                rates[str(feedbacks)].append(shoppers.hits(who, shop, trend))
        table.add_row(name, *(f"{mean(values):.3f}" for values in rates.values()))
    return table


def _looks(hunt: Hunt) -> int:
    number = [int((hunt.allowed & (hunt.features.slot == at)).sum()) for at in range(len(SLOTS))]
    top, bottom, outer, dress = number
    return (top * bottom + dress) * (1 + outer)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shoppers", type=int, default=100)
    parser.add_argument("--all", action="store_true", help="try all looks of 5,000 items, too")
    asked = parser.parse_args()
    console, trend = Console(width=140), market()
    console.print(speed(trend))
    console.print(missed(trend, (120, 1_000, 5_000) if asked.all else (120, 1_000)))
    console.print(learning(trend, asked.shoppers))


if __name__ == "__main__":
    main()
