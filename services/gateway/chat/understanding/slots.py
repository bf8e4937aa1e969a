"""From the words found in a message to its slots. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.gateway.chat.domain import AVOIDABLE, VALUES, Slots
from services.gateway.chat.understanding.matching import Mention
from services.gateway.chat.understanding.tokens import Token, words
from shared.contracts.vocabulary import FAMILIES, FAMILY_OF, WORN_BELOW

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
    "day weather evening morning night afternoon look outfit vibe breeze walk wedding date trip "
    "party weekend picnic sun rain collection"
)
_JUDGING: Final = words("good nice great best better bad fine ok well washed")
_SKIN: Final = words(
    "skin hair eye face complexion vein 피부 얼굴 머리 눈동자 안색 머리카락 혈관 핏줄 낯빛"
)
_WHEN_ASKED: Final = {
    "hot": "hot", "warm": "warm", "cool": "cool", "시원": "cool", "시원하": "cool", "따뜻": "warm",
    "따뜻하": "warm",
}  # fmt: skip
_WEATHER_NOUNS: Final = words(
    "day weather evening morning night afternoon climate outside today tomorrow country place "
    "out temperature spell"
)
_LEFT_OPEN: Final = words(
    "either any both whatever matter mind care anything 상관없 상관 아무거 무관 둘"
)
_SHIRTS: Final = ("long_sleeved_shirt", "short_sleeved_shirt")
_DENIM: Final = ("데님", "denim", "jean")
_LISTING: Final = frozenset(("이나", "나", "and", "or", ",", "랑", "이랑", "와", "과"))
_SEX: Final = words(
    "여자 여성 남자 남성 여자용 여성용 남자용 남성용 여자들 남자들 man woman male female guy "
    "girl boy lady mens womens menswear womenswear dude"
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
    # "하의를 슬랙스로" wishes for trousers, not for any bottom besides.
    wanted["item"] = [item for item in wanted["item"] if not _is_told_better(item, wanted["item"])]
    # "검정 바지 말고 흰 바지" turns down the black, not the trousers.
    avoided = [value for value in avoided if all(value not in said for said in wanted.values())]
    return Slots(
        **{name: tuple(values) for name, values in wanted.items()},
        budget=budget,
        avoid=tuple(avoided),
    )


def _is_told_better(item: str, items: Sequence[str]) -> bool:
    """Return whether `items` name a piece of the family `item`."""
    if item == "bottom":
        return any(other in WORN_BELOW for other in items)
    return item in FAMILIES and any(
        other != item and FAMILY_OF.get(other) == item for other in items
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
        if group == "gender" and (
            _is_companion(tokens, mention) or _is_host(tokens, mentions, place)
        ):
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
        # "What does not suit a warm spring?" turns down no season of personal colour.
        found.append((group, value, place in refused and group != "personal_color"))
    return found


def _sleeves(tokens: Sequence[Token], mentions: Sequence[Mention]) -> dict[int, int]:
    """Return which garment (its place) has which sleeve (its place)."""
    found: dict[int, int] = {}
    garments = [place for place, mention in enumerate(mentions) if mention.group == "item"]
    for place, mention in enumerate(mentions):
        if mention.group != "sleeve":
            continue
        behind = [garment for garment in garments if garment > place][:1]
        before = [garment for garment in garments if garment < place][-1:]
        for garment, reach in (*((one, 2) for one in behind), *((one, 3) for one in before)):
            if garment not in found and _belongs(tokens, mention, mentions[garment], reach):
                found[garment] = place
                break
    return found


def _belongs(tokens: Sequence[Token], sleeve: Mention, garment: Mention, reach: int) -> bool:
    first, second = sorted((sleeve, garment), key=lambda mention: mention.first)
    between = tokens[first.last + 1 : second.first]
    family = FAMILY_OF.get(garment.value, garment.value)
    return (
        len(between) <= reach
        and (sleeve.value, family) in _SLEEVED
        and not any(token.form in _LISTING for token in between)
    )


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
        and (mention.value in _SHIRTS or tokens[mention.last].form in _DENIM)
        and head.value not in ("top", "bottom", "trousers", "shorts")
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


def _is_host(tokens: Sequence[Token], mentions: Sequence[Mention], place: int) -> bool:
    """Return whether a relative only has the occasion: "my sister's wedding", "언니 결혼식"."""
    if place + 1 >= len(mentions) or tokens[mentions[place].first].form in _SEX:
        return False
    following = mentions[place + 1]
    between = tokens[mentions[place].last + 1 : following.first]
    return following.value in ("wedding", "school") and all(t.tag[0] == "J" for t in between)


def _is_of_skin(tokens: Sequence[Token], mention: Mention) -> bool:
    nearby = tokens[max(0, mention.first - 4) : mention.last + 3]
    return any(token.form in _SKIN for token in nearby)


def _season_or_tone(tokens: Sequence[Token], mention: Mention, asked: str | None) -> str:
    """Return which slot a season's name fills: of the year, or of personal colour."""
    behind = tokens[mention.last + 1].form if mention.last + 1 < len(tokens) else ""
    if mention.group == "personal_color":
        then = tokens[mention.last + 2].form if mention.last + 2 < len(tokens) else ""
        is_time = behind in _TIMES and then not in _JUDGING and tokens[mention.first].tag == "SL"
        return "season" if is_time else "personal_color"
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
