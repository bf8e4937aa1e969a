"""Why an outfit was chosen: only what is so, each trend number with its row and weeks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.gateway.catalog.domain import Item
from services.gateway.chat.domain import Slots
from services.gateway.people.domain import Profile
from services.gateway.recommend.domain import (
    Reason,
    Situation,
    main_color,
    main_style,
    styles_of,
)
from services.gateway.recommend.features import Floats
from services.gateway.recommend.rules import speaking_for
from services.gateway.recommend.scoring import seasons_of
from services.gateway.recommend.trending import Seen, TrendEvidence
from services.gateway.recommend.wording import (
    listed,
    looks_en,
    particle,
    percent,
    piece_label,
    row_label,
    sentence,
    weeks_label,
    won,
)
from shared.analytics.harmony import HARMONY_LABELS, harmony_of
from shared.contracts.vocabulary import SEASONS, label

MOST: Final = 6
"""Reasons of an outfit."""
_TREND_REASONS: Final = 2
_SUITS: Final = 0.8
"""A colour is said to suit a season from this fit."""
_SURE: Final = 0.4
"""Probability from which a season is named."""
_LIKED: Final = 0.6
"""A taste is said to be one from this weight: what was said, or liked lately."""
_MOST_LIKED: Final = 3


@dataclass(frozen=True)
class Brief:
    """What was asked for, by whom, and what is known."""

    wanted: Slots
    profile: Profile
    trend: TrendEvidence
    situation: Situation
    budget: int | None
    fits: Floats
    """(pieces, 4): each piece's fit with each season."""


def reasons_for(pieces: Sequence[Item], brief: Brief) -> tuple[Reason, ...]:
    """Return why these pieces, what was asked for first."""
    found = [
        _situation(pieces, brief),
        _style(pieces, brief),
        *_trend(pieces, brief.trend),
        _palette(pieces, brief),
        _taste(pieces, brief.profile),
        _harmony(pieces),
        _budget(pieces, brief.budget),
    ]
    return tuple(reason for reason in found if reason)[:MOST]


def harmony_name(pieces: Sequence[Item]) -> str | None:
    """Return the harmony of the pieces' main colours; None: fewer than two colours were seen."""
    return _harmony_of(tuple(piece.colors[0].hex for piece in pieces if piece.colors))


_harmony_of = lru_cache(maxsize=4_096)(harmony_of)


def _situation(pieces: Sequence[Item], brief: Brief) -> Reason | None:
    found = speaking_for(pieces, brief.situation)
    if found is None:
        return None
    rule, piece = found
    return Reason(
        "situation",
        ko=f"{piece_label(piece, 'ko')}: {rule.ko}.",
        en=f"{sentence(piece_label(piece, 'en'))}: {rule.en}.",
    )


def _style(pieces: Sequence[Item], brief: Brief) -> Reason | None:
    for style in brief.wanted.style:
        such = [piece for piece in pieces if style in styles_of(piece)]
        if such:
            ko = listed(piece_label(piece, "ko") for piece in such)
            en = listed(piece_label(piece, "en") for piece in such)
            return Reason(
                "style",
                ko=f"{label(style, 'ko')} 스타일로 보이는 옷: {ko}.",
                en=f"{sentence(label(style, 'en'))} in style: {en}.",
            )
    return None


def _trend(pieces: Sequence[Item], trend: TrendEvidence) -> list[Reason]:
    """Return the pieces that surely rise; where none does, the one that is worn most."""
    found = [seen for piece in pieces if (seen := _seen(piece, trend))]
    rising = [seen for seen in found if seen.rises]
    if rising:
        rising.sort(key=lambda seen: -(seen.growth.low if seen.growth else 0.0))
        return [_growing(seen, recent=trend.is_recent(seen)) for seen in rising[:_TREND_REASONS]]
    if not found:
        return []
    most = max(found, key=lambda seen: seen.looks)
    return [_worn(most, recent=trend.is_recent(most))]


def _seen(piece: Item, trend: TrendEvidence) -> Seen | None:
    color = main_color(piece)
    seen = trend.seen(item=piece.category, color=color) if color else None
    return seen or trend.seen(item=piece.category)


@lru_cache(maxsize=1_024)
def _growing(seen: Seen, *, recent: bool) -> Reason:
    growth = seen.growth
    assert growth is not None  # noqa: S101 - what rises has a growth
    low, high = percent(growth.low), percent(growth.high) if growth.high is not None else None
    ko = f"{low}~{high}" if high else f"{low} 이상"
    en = f"{low} to {high}" if high else f"{low} or more"
    number = len(seen.weeks)
    worn = _worn(seen, recent=recent)
    return Reason(
        "trend",
        ko=f"{worn.ko.removesuffix('보였습니다.')}보였고, 점유율은 그 전 {number}주보다 "
        f"{percent(growth.value).removeprefix('+')} 늘었습니다 (오차를 감안하면 {ko}).",
        en=f"{worn.en.removesuffix('.')}, share {percent(growth.value)} on the {number} weeks "
        f"before (95% certain: {en}).",
        cited=(*worn.cited, seen.cite_growth()),
    )


@lru_cache(maxsize=1_024)
def _worn(seen: Seen, *, recent: bool) -> Reason:
    words = tuple(reversed(list(seen.series.values())))  # the colour stands before the item
    ko, en = row_label(words, "ko"), row_label(words, "en")
    return Reason(
        "trend",
        ko=f"{weeks_label(seen.weeks, 'ko', recent=recent)} 동안 "
        f"{ko}{particle(ko, ('이', '가'))} {seen.looks:,}벌 보였습니다.",
        en=f"{sentence(en)}: {looks_en(seen.looks)} in "
        f"{weeks_label(seen.weeks, 'en', recent=recent)}.",
        cited=(seen.cite_looks(),),
    )


def _palette(pieces: Sequence[Item], brief: Brief) -> Reason | None:
    seasons = seasons_of(brief.wanted, brief.profile)
    season = max(SEASONS, key=lambda name: seasons.get(name, 0.0))
    if seasons.get(season, 0.0) < _SURE:
        return None
    fits = brief.fits[:, SEASONS.index(season)]
    such = [piece for piece, fit in zip(pieces, fits, strict=True) if fit >= _SUITS]
    if not such:
        return None
    ko = listed(piece_label(piece, "ko") for piece in such)
    en = listed(piece_label(piece, "en") for piece in such)
    return Reason(
        "palette",
        ko=f"{label(season, 'ko')} 팔레트에 잘 맞는 색: {ko}.",
        en=f"Colours that suit the {season} palette: {en}.",
    )


def _taste(pieces: Sequence[Item], profile: Profile) -> Reason | None:
    """Return what of the pieces is liked most: few words, and one pattern at most."""
    traits = {
        (kind, word)
        for piece in pieces
        for kind, word in (
            ("style", main_style(piece)),
            ("item", piece.category),
            ("color", main_color(piece)),
            ("pattern", piece.pattern if piece.pattern != "solid" else None),
        )
        if word and profile.tastes.get((kind, word), 0.0) >= _LIKED
    }
    strongest = sorted(traits, key=lambda trait: (-profile.tastes[trait], trait))
    patterns = [trait for trait in strongest if trait[0] == "pattern"]
    liked = [word for kind, word in strongest if (kind, word) not in patterns[1:]][:_MOST_LIKED]
    if not liked:
        return None
    return Reason(
        "taste",
        ko=f"좋아하시는 것: {listed(label(word, 'ko') for word in liked)}.",
        en=f"What you like: {listed(label(word, 'en') for word in liked)}.",
    )


def _harmony(pieces: Sequence[Item]) -> Reason | None:
    name = harmony_name(pieces)
    if name is None or name == "other":
        return None
    colors = [color for piece in pieces if (color := main_color(piece))]
    return Reason(
        "harmony",
        ko=f"색 조합({HARMONY_LABELS[name]['ko']}): {listed(label(c, 'ko') for c in colors)}.",
        en=f"Colours ({HARMONY_LABELS[name]['en']}): {listed(label(c, 'en') for c in colors)}.",
    )


def _budget(pieces: Sequence[Item], budget: int | None) -> Reason | None:
    if budget is None:
        return None
    total = sum(piece.price for piece in pieces)
    return Reason(
        "budget",
        ko=f"합계 {won(total, 'ko')}으로 예산 {won(budget, 'ko')} 안입니다.",
        en=f"{won(total, 'en')} in all, within the budget of {won(budget, 'en')}.",
    )
