"""From the words found in a message to its slots. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.gateway.chat.domain import AVOIDABLE, VALUES, Slots
from services.gateway.chat.understanding.matching import Mention
from services.gateway.chat.understanding.tokens import Token, words
from shared.contracts.vocabulary import FAMILY_OF

# The category that a garment becomes when its sleeve is said.
_SLEEVED: Final = {
    ("short", "top"): "short_sleeved_shirt",
    ("long", "top"): "long_sleeved_shirt",
    ("none", "top"): "vest",
    ("strap", "top"): "sling",
    ("short", "outer"): "short_sleeved_outwear",
    ("long", "outer"): "long_sleeved_outwear",
    ("none", "outer"): "vest",
    ("short", "dress"): "short_sleeved_dress",
    ("long", "dress"): "long_sleeved_dress",
    ("none", "dress"): "vest_dress",
    ("strap", "dress"): "sling_dress",
}
_COMPANION_PARTICLES: Final = words("이랑 랑 와 과 하고")
_COMPANION_WORDS: Final = words("with meet meeting see seeing w")
_POSSESSIVES: Final = words("my a the her his our your new")
_TIMES: Final = words(
    "day weather evening morning night afternoon look outfit vibe breeze walk wedding date "
    "trip party weekend picnic sun rain collection"
)
_SKIN: Final = words(
    "skin hair eye face complexion vein 피부 얼굴 머리 눈동자 안색 머리카락 혈관 핏줄 낯빛"
)
_WHEN_ASKED: Final = {
    "hot": "hot", "warm": "warm", "cool": "cool", "시원": "cool", "시원하": "cool", "따뜻": "warm",
    "따뜻하": "warm",
}  # fmt: skip
_WEATHER_NOUNS: Final = words(
    "day weather evening morning night afternoon climate outside today tomorrow country place out "
    "temperature spell"
)
_LEFT_OPEN: Final = words(
    "either any both whatever matter mind care anything 상관없 상관 아무거 무관 둘"
)
_PEOPLE_MET: Final = frozenset(("만나", "결혼", "데이트"))


def slots_of(
    tokens: Sequence[Token],
    mentions: Sequence[Mention],
    refused: set[int],
    *,
    asked: str | None,
    budget: int | None,
) -> Slots:
    """Return what the message says. `refused`: which mentions it turns down."""
    wanted: dict[str, list[str]] = {name: [] for name in VALUES}
    avoided: list[str] = []
    for group, value, is_refused in _resolved(tokens, mentions, refused, asked):
        target = avoided if is_refused else wanted[group]
        if value not in target and (not is_refused or value in AVOIDABLE):
            target.append(value)
    if not wanted["weather"]:
        wanted["weather"] = _felt(tokens, mentions, asked)[:1]
    if asked == "gender" and not wanted["gender"] and _leaves_open(tokens):
        wanted["gender"] = ["any"]
    for values in wanted.values():
        values[:] = [value for value in values if value not in avoided]
    return Slots(
        **{name: tuple(values) for name, values in wanted.items()},
        budget=budget,
        avoid=tuple(avoided),
    )


def _felt(tokens: Sequence[Token], mentions: Sequence[Mention], asked: str | None) -> list[str]:
    """Return the weather that only its neighbours tell: "a warm spring day", not "warm tones"."""
    covered = {n for mention in mentions for n in range(mention.first, mention.last + 1)}
    return [
        _WHEN_ASKED[token.form]
        for place, token in enumerate(tokens)
        if token.form in _WHEN_ASKED
        and place not in covered
        and (
            asked == "weather"
            or any(behind.form in _WEATHER_NOUNS for behind in tokens[place + 1 : place + 3])
        )
    ]


def _leaves_open(tokens: Sequence[Token]) -> bool:
    return any(token.form in _LEFT_OPEN for token in tokens)


def _resolved(
    tokens: Sequence[Token], mentions: Sequence[Mention], refused: set[int], asked: str | None
) -> list[tuple[str, str, bool]]:
    found: list[tuple[str, str, bool]] = []
    sleeves = _sleeves(tokens, mentions)
    for place, mention in enumerate(mentions):
        group, value = mention.group, mention.value
        if group == "not_meant" or (group == "item" and _is_modifier(tokens, mentions, place)):
            continue
        if group == "gender" and _is_companion(tokens, mention):
            continue
        if group == "color" and _is_of_skin(tokens, mention):
            continue
        if group == "sleeve":
            if place in sleeves.values():
                continue
            group, value = "item", _SLEEVED[value, "top"]
        elif group == "item" and place in sleeves:
            value = _with_sleeve(mentions[sleeves[place]].value, value)
        elif group in ("season", "personal_color"):
            adjective = _WHEN_ASKED.get(tokens[mention.first].form)
            group = _season_or_tone(tokens, mention, asked)
            if group == "season" and mention.group == "personal_color" and adjective:
                found.append(("weather", adjective, False))
        found.append((group, value, place in refused))
    return found


def _sleeves(tokens: Sequence[Token], mentions: Sequence[Mention]) -> dict[int, int]:
    """Return which garment (its place) has which sleeve (its place)."""
    found: dict[int, int] = {}
    for place, mention in enumerate(mentions):
        if mention.group != "sleeve":
            continue
        for neighbour, distance in ((place + 1, 2), (place - 1, 3)):
            if not 0 <= neighbour < len(mentions) or neighbour in found:
                continue
            other = mentions[neighbour]
            gap = max(other.first - mention.last, mention.first - other.last) - 1
            family = FAMILY_OF.get(other.value, other.value)
            is_joined = any(
                token.form in ("이나", "and", "or", ",", "랑", "이랑")
                for token in tokens[min(other.last, mention.last) : max(other.first, mention.first)]
            )
            if (
                other.group == "item"
                and gap <= distance
                and not is_joined
                and (mention.value, family) in _SLEEVED
            ):
                found[neighbour] = place
                break
    return found


def _with_sleeve(sleeve: str, item: str) -> str:
    return _SLEEVED.get((sleeve, FAMILY_OF.get(item, item)), item)


def _is_modifier(tokens: Sequence[Token], mentions: Sequence[Mention], place: int) -> bool:
    """Return whether a garment's word only describes the next: the shirt in "shirt dress"."""
    if place + 1 >= len(mentions):
        return False
    mention, head = mentions[place], mentions[place + 1]
    return (
        head.group == "item"
        and head.first == mention.last + 1
        and head.value != mention.value
        and mention.value in ("long_sleeved_shirt", "short_sleeved_shirt", "trousers")
        and head.value not in ("top", "bottom")
        and tokens[head.first].tag[0] not in "J"
    )


def _is_companion(tokens: Sequence[Token], mention: Mention) -> bool:
    """Return whether the person is met, not dressed: "남자친구랑", "with my boyfriend"."""
    behind = tokens[mention.last + 1 : mention.last + 5]
    if behind and behind[0].form in _COMPANION_PARTICLES and behind[0].tag[0] == "J":
        return not any(token.form in ("여자", "여성", "남자", "남성") for token in behind[1:2])
    if any(token.form in _PEOPLE_MET and token.tag[0] == "V" for token in behind[:2]):
        return True
    before = [token.form for token in tokens[max(0, mention.first - 3) : mention.first]]
    while before and before[-1] in _POSSESSIVES:
        before.pop()
    return bool(before) and before[-1] in _COMPANION_WORDS


def _is_of_skin(tokens: Sequence[Token], mention: Mention) -> bool:
    nearby = tokens[max(0, mention.first - 4) : mention.last + 3]
    return any(token.form in _SKIN for token in nearby)


def _season_or_tone(tokens: Sequence[Token], mention: Mention, asked: str | None) -> str:
    """Return which slot a season's name fills: of the year, or of personal colour."""
    behind = tokens[mention.last + 1].form if mention.last + 1 < len(tokens) else ""
    if mention.group == "personal_color":
        return (
            "season" if behind in _TIMES and tokens[mention.first].tag == "SL" else "personal_color"
        )
    if asked == "personal_color":
        return "personal_color"
    before = [token.form for token in tokens[max(0, mention.first - 3) : mention.first]]
    if (
        before
        and before[-1] in ("a", "an", "true", "as")
        and any(f in ("im", "am", "me", "being") for f in before)
    ):
        is_alone = behind in (
            "",
            ",",
            ".",
            "and",
            "so",
            "here",
            "what",
            "which",
            "by",
            "but",
            "person",
            "i",
            "?",
        )
        return "personal_color" if is_alone else "season"
    return "season"
