"""What the made-up shop sells: one article a row of ``articles.csv``, and its colours."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("articles.csv")

DYES: Final[dict[str, tuple[str, str, str]]] = {
    "red": ("#c8202f", "레드", "red"),
    "burgundy": ("#6e1423", "버건디", "burgundy"),
    "coral": ("#ff7f6a", "코랄", "coral"),
    "orange": ("#e8772e", "오렌지", "orange"),
    "rust": ("#a84a24", "러스트 브라운", "rust brown"),
    "mustard": ("#d4a017", "머스터드", "mustard"),
    "yellow": ("#f6d33c", "옐로", "yellow"),
    "butter": ("#f7ecb0", "버터 옐로", "butter yellow"),
    "lime": ("#b5cf4a", "라임", "lime"),
    "olive": ("#6b6b3a", "올리브", "olive"),
    "green": ("#2e8b57", "그린", "green"),
    "forest": ("#1f4d36", "딥그린", "forest green"),
    "mint": ("#a8dcc5", "민트", "mint"),
    "teal": ("#1f7a7a", "틸", "teal"),
    "sky": ("#9cc7e8", "스카이블루", "sky blue"),
    "blue": ("#2f5fc4", "블루", "blue"),
    "denim": ("#4a6a94", "인디고", "indigo"),
    "navy": ("#1e2a4a", "네이비", "navy"),
    "lavender": ("#b9a6d9", "라벤더", "lavender"),
    "purple": ("#6a3d9a", "퍼플", "purple"),
    "magenta": ("#b0185e", "마젠타", "magenta"),
    "pink": ("#f4a6bd", "핑크", "pink"),
    "blush": ("#ecd0cf", "블러시 핑크", "blush pink"),
    "brown": ("#6b4428", "브라운", "brown"),
    "camel": ("#b98a56", "카멜", "camel"),
    "beige": ("#d8c4a0", "베이지", "beige"),
    "cream": ("#f2ead8", "크림", "cream"),
    "ivory": ("#f6f2e8", "아이보리", "ivory"),
    "white": ("#f8f8f6", "화이트", "white"),
    "lightgray": ("#c4c7ca", "라이트 그레이", "light gray"),
    "gray": ("#8a8d91", "그레이", "gray"),
    "charcoal": ("#4a4d52", "차콜", "charcoal"),
    "black": ("#1c1c1f", "블랙", "black"),
}
"""Hex, and what a Korean and an English shop call it."""


@dataclass(frozen=True)
class Article:
    """One article of the made-up shop."""

    article_id: str
    category: str
    """One of the 13."""
    cut: str
    """How it is drawn."""
    pattern: str
    color: str
    """A key of ``DYES``."""
    second: str | None
    """The pattern's other colour."""
    gender: str
    price: int
    """KRW."""
    sale: int | None
    style: str
    """The one of the six that it is made for."""
    name_ko: str
    name_en: str

    def title(self, language: str) -> str:
        """Return its title in a shop of ``"ko"`` or ``"en"``: colour and name."""
        korean, english = DYES[self.color][1:]
        if language == "ko":
            return f"{korean} {self.name_ko}"
        return f"{english} {self.name_en}".capitalize()


@cache
def articles() -> tuple[Article, ...]:
    """Return all of them, in the file's order; an id says the category and a number."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Article(
            article_id=f"{row['category'].upper().replace('_', '-')}-{number:03}",
            category=row["category"],
            cut=row["cut"],
            pattern=row["pattern"],
            color=row["color"],
            second=row["second"] or None,
            gender=row["gender"],
            price=int(row["price"]),
            sale=int(row["sale"]) if row["sale"] else None,
            style=row["style"],
            name_ko=row["title_ko"],
            name_en=row["title_en"],
        )
        for number, row in enumerate(rows, start=1)
    )
