"""Made catalogues and trend tables, for tests and benchmarks; the same seed, the same ones."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from services.gateway.catalog.domain import Catalog, Item
from services.gateway.recommend.trending import TABLES, WEEKS, TrendEvidence
from shared.contracts.garments import Color
from shared.contracts.vocabulary import CATEGORIES, FAMILY_OF, PATTERNS, STYLES
from shared.trend_figures import History, tabulate, window

TODAY = date(2026, 11, 22)
COLORS = {
    "red": "#c1272d", "orange": "#e8752a", "yellow": "#f0c93a", "yellow_green": "#9bbf3b",
    "green": "#2f7d4f", "blue_green": "#1f8a8a", "blue": "#2f6fc4", "navy": "#1f2a4d",
    "purple": "#6b3fa0", "magenta": "#9c2460", "pink": "#eba6b8", "brown": "#6f4a2f",
    "white": "#f4f2ee", "gray": "#8c8c8e", "black": "#1b1b1d", "beige": "#d9c7a7",
}  # fmt: skip
_PRICES = {"top": 35_000, "outer": 110_000, "trousers": 55_000, "shorts": 35_000, "skirt": 48_000,
           "dress": 78_000}  # fmt: skip
_WOMENS = {"skirt", "sling", "short_sleeved_dress", "long_sleeved_dress", "vest_dress",
           "sling_dress"}  # fmt: skip


def color(name: str, share: float = 1.0) -> Color:
    """Return a basic colour as a garment has it."""
    return Color(name=name, name_ko=name, basic=name, hex=COLORS[name], share=share)


def item(item_id: str, category: str, *colors: str | Color, **more: object) -> Item:
    """Return an item; what is not told is plain: 50,000 won, in stock, for anyone."""
    seen = tuple(color(one) if isinstance(one, str) else one for one in colors)
    fields: dict[str, object] = {
        "feed": "made",
        "title": f"{category} {item_id}",
        "brand": None,
        "link": f"https://shop.example/{item_id}",
        "pattern": "solid",
        "styles": {},
        "gender": "any",
        "price": 50_000,
        "available": True,
        "photo_id": "0" * 64,
        "garment": 0,
    }
    return Item(item_id=item_id, category=category, colors=seen, **(fields | more))  # type: ignore[arg-type]


def catalog(*items: Item, version: str = "1") -> Catalog:
    """Return a catalogue of these items."""
    return Catalog(items, version)


def made_catalog(size: int, *, seed: int = 0, embeddings: int = 0) -> Catalog:
    """Return ``size`` items of all categories; ``embeddings``: their length, 0 for none."""
    dice, numbers = random.Random(seed), np.random.default_rng(seed)
    items = []
    for at in range(size):
        category = CATEGORIES[at % len(CATEGORIES)]
        main, *others = dice.sample(sorted(COLORS), dice.choice((1, 1, 2, 3)))
        shares = _falling(dice, 1 + len(others))
        vector = numbers.normal(size=embeddings).astype(np.float32) if embeddings else None
        base = _PRICES[FAMILY_OF[category]]
        items.append(
            item(
                f"made-{at}",
                category,
                *(color(name, part) for name, part in zip((main, *others), shares, strict=True)),
                pattern=dice.choices(PATTERNS, (10, 2, 2, 1, 1, 1))[0],
                styles=_styles(dice),
                gender=_gender(dice, category),
                price=round(base * dice.lognormvariate(0, 0.45) / 1_000) * 1_000,
                available=dice.random() < 0.93,
                embedding=None if vector is None else vector / np.linalg.norm(vector),
            )
        )
    return Catalog(tuple(items), version=f"made-{size}-{seed}")


def made_trend(
    rows: Mapping[tuple[str, str], Sequence[int]], *, weeks: int = 16, today: date = TODAY
) -> TrendEvidence:
    """Return the tables of looks a week of (item, color); those not named: 20 a week.

    Every week has 8,000 looks; the last week is over.
    """
    last = today - timedelta(days=today.weekday(), weeks=1)
    cells = {(kind, name): np.full(weeks, 20.0) for kind in CATEGORIES for name in COLORS} | {
        row: np.asarray(looks, float) for row, looks in rows.items()
    }
    tables = {}
    for by in TABLES:
        summed: dict[tuple[str, ...], np.ndarray] = {}
        for (kind, name), looks in cells.items():
            values = tuple({"item": kind, "color": name}[part] for part in by)
            summed[values] = summed.get(values, 0) + looks
        history = History(
            values=tuple(summed),
            weeks=window(last, weeks),
            looks=np.stack(list(summed.values()))[:, None, :],
            totals=np.full((1, weeks), 8_000.0),
        )
        tables[by] = tabulate(history, by=by, weeks=window(last, WEEKS), today=today)
    return TrendEvidence(tables, today)


def no_trend(today: date = TODAY) -> TrendEvidence:
    """Return what is known where nothing was counted."""
    return TrendEvidence({}, today)


def _falling(dice: random.Random, number: int) -> list[float]:
    parts = sorted((dice.random() + 0.05 for _ in range(number)), reverse=True)
    return [part / sum(parts) for part in parts]


def _styles(dice: random.Random) -> dict[str, float]:
    weights = [dice.gammavariate(0.35, 1) + 1e-3 for _ in STYLES]
    return {name: weight / sum(weights) for name, weight in zip(STYLES, weights, strict=True)}


def _gender(dice: random.Random, category: str) -> str:
    if category in _WOMENS:
        return "women"
    return dice.choices(("women", "men", "any"), (4, 3, 2))[0]
