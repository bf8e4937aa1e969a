"""What a line of a product feed may say, pure: every attribute is checked before a photo is asked.

The attributes are Google Merchant's: https://support.google.com/merchants/answer/7052112
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.ingestion.shop.refusals import FeedError

REQUIRED: Final = ("id", "title", "link", "image_link", "price", "availability")
_LONGEST: Final = {"id": 100, "link": 2000, "image_link": 2000}
_CUT: Final = {
    "title": 200, "description": 600, "brand": 100, "color": 100, "pattern": 100,
    "product_type": 400, "google_product_category": 300, "item_group_id": 100,
}  # fmt: skip
"""Longer texts are cut: nothing is lost that an item is told by."""
_AVAILABILITY: Final = ("in_stock", "out_of_stock", "preorder", "backorder")
_GENDERS: Final = {"female": "women", "male": "men", "unisex": "any"}
_ADULT: Final = "adult"
_CHILDREN: Final = ("newborn", "infant", "toddler", "kids")
_PRICE: Final = re.compile(r"([\d,]+)(?:\.(\d+))?\s*([A-Za-z]{3})")
_TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DEAREST: Final = 2_000_000_000

Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder"]


class Offer(BaseModel):
    """An article as its shop offers it. Prices are KRW."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    description: str | None = None
    link: str
    image_link: str
    price: int
    sale_price: int | None = None
    sale_from: AwareDatetime | None = None
    sale_until: AwareDatetime | None = None
    availability: Availability
    brand: str | None = None
    gender: Literal["women", "men", "any"] = "any"
    color: str | None = None
    pattern: str | None = None
    product_type: str | None = None
    google_product_category: str | None = None
    item_group_id: str | None = None
    updated: AwareDatetime | None = None
    expires: AwareDatetime | None = None

    @property
    def fingerprint(self) -> str:
        """Return 32 hex digits that differ where anything that is said differs."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:32]

    @property
    def declared(self) -> tuple[str | None, ...]:
        """Return what the item's look is told by, beside the photo."""
        return (
            self.title, self.color, self.pattern, self.product_type, self.google_product_category,
        )  # fmt: skip


class ChildrensError(Exception):
    """The article is for children: it is left out, and that is no fault of the line."""


def read_offer(fields: Mapping[str, object], *, where: str, local: bool) -> Offer:
    """Return what a line offers; FeedError for the first attribute that cannot be.

    ``fields`` by Google's names. ``local``: the photo may be a path beside the feed. Raises
    ChildrensError for what is not for adults.
    """
    said = {name: _text(value, name, where=where) for name, value in fields.items() if name}
    for name in REQUIRED:
        if not said.get(name):
            raise FeedError(where, "missing", field=name)
    age = _word(said, "age_group", (*_CHILDREN, _ADULT), where=where)
    if age in _CHILDREN:
        raise ChildrensError
    price = _price(said["price"], "price", where=where)
    sale = _sale(said, price, where=where)
    sale_from, sale_until = _period(said.get("sale_price_effective_date", ""), where=where)
    gender = _word(said, "gender", tuple(_GENDERS), where=where)
    return Offer(
        id=said["id"],
        title=said["title"],
        description=said.get("description") or None,
        link=_link(said["link"], "link", where=where),
        image_link=_image(said["image_link"], where=where, local=local),
        price=price,
        sale_price=sale,
        sale_from=sale_from if sale is not None else None,
        sale_until=sale_until if sale is not None else None,
        availability=_availability(said, where=where),
        brand=said.get("brand") or None,
        gender=_GENDERS[gender] if gender else "any",  # type: ignore[arg-type]
        color=said.get("color") or None,
        pattern=said.get("pattern") or None,
        product_type=said.get("product_type") or None,
        google_product_category=said.get("google_product_category") or None,
        item_group_id=said.get("item_group_id") or None,
        updated=_date(said.get("updated", ""), "updated", where=where),
        expires=_date(said.get("expiration_date", ""), "expiration_date", where=where),
    )


def id_of(fields: Mapping[str, object]) -> str | None:
    """Return the id of a line, whatever else is wrong with it; None where it has none."""
    value = fields.get("id")
    return str(value).strip() or None if isinstance(value, str | int) else None


def _text(value: object, name: str, *, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, list):  # repeated attributes: the first one says most
        value = value[0] if value else ""
    if isinstance(value, Mapping) and {"value", "currency"} <= value.keys():
        value = f"{value['value']} {value['currency']}"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FeedError(where, "unreadable", field=name, detail=type(value).__name__)
    plain = unicodedata.normalize("NFC", str(value))
    # Control characters and lone surrogates: no database takes them all. Marks that turn the
    # direction of writing would turn what stands beside the text too.
    kept = (
        " " if unicodedata.category(sign) in ("Cc", "Cs") or sign in _TURNS else sign
        for sign in plain
    )
    text = " ".join("".join(kept).split())
    limit = _LONGEST.get(name)
    if limit is not None and len(text) > limit:
        raise FeedError(where, "too_long", field=name, detail=str(limit))
    return text[: _CUT.get(name, len(text))]


def _price(text: str, name: str, *, where: str) -> int:
    found = _PRICE.fullmatch(text)
    if found is None:
        raise FeedError(where, "bad_price", field=name, detail=text)
    if found[3].upper() != "KRW":
        raise FeedError(where, "other_currency", field=name, detail=text)
    digits = found[1].replace(",", "")
    if not digits or len(digits) > 10 or not 0 < int(digits) <= _DEAREST:
        raise FeedError(where, "bad_price", field=name, detail=text)
    return int(digits)


def _sale(said: Mapping[str, str], price: int, *, where: str) -> int | None:
    text = said.get("sale_price", "")
    if not text:
        return None
    sale = _price(text, "sale_price", where=where)
    if sale > price:
        raise FeedError(where, "sale_not_lower", field="sale_price", detail=text)
    return sale if sale < price else None


def _availability(said: Mapping[str, str], *, where: str) -> Availability:
    word = _word(said, "availability", _AVAILABILITY, where=where)
    return word  # type: ignore[return-value]


def _word(said: Mapping[str, str], name: str, allowed: tuple[str, ...], *, where: str) -> str:
    text = said.get(name, "")
    word = text.lower().replace(" ", "_").replace("-", "_")
    if text and word not in allowed:
        raise FeedError(where, "bad_word", field=name, detail=f"{text} → {', '.join(allowed)}")
    return word


def _link(text: str, name: str, *, where: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or any(sign in text for sign in ' "<>\\'):
        raise FeedError(where, "bad_link", field=name, detail=text)
    return text


def _image(text: str, *, where: str, local: bool) -> str:
    if local and "://" not in text:
        return text
    return _link(text, "image_link", where=where)


def _period(text: str, *, where: str) -> tuple[datetime | None, datetime | None]:
    if not text:
        return None, None
    name = "sale_price_effective_date"
    first, slash, last = text.partition("/")
    try:
        begins, ends = _moment(first), _moment(last)
    except (ValueError, OverflowError):
        raise FeedError(where, "bad_period", field=name, detail=text) from None
    if not slash or ends < begins:
        raise FeedError(where, "bad_period", field=name, detail=text)
    return begins, ends


def _date(text: str, name: str, *, where: str) -> datetime | None:
    if not text:
        return None
    try:
        return _moment(text)
    except (ValueError, OverflowError):
        raise FeedError(where, "bad_date", field=name, detail=text) from None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
