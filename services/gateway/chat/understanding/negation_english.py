"""What an English refusal turns down: "no red", "without stripes", "skirts aren't for me". Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.gateway.chat.understanding.matching import Mention
from services.gateway.chat.understanding.tokens import Token, words

_SKIPPED: Final = words(
    "a an the any too very so really that those these this of such much more kind stuff thing "
    "anything something look color colored colour style pattern print to wear wearing show me "
    "give suggest recommend recommending suggesting showing include including have having see "
    "seeing on in my your it all want like love need add put use using overly super around ever "
    "again get particularly especially is be am bit quite everyday usual traditional for with "
    "only i"
)
_BEFORE: Final = words(
    "no not without avoid avoiding except excluding exclude hate dislike never less minus skip "
    "drop ditch remove lose nothing neither nor despise loathe detest nix banish ban omit "
    "besides anti cut nowt 노 noo hating forget"
)
_BEFORE_PHRASES: Final = (
    ("instead", "of"), ("rather", "than"), ("other", "than"), ("apart", "from"), ("aside", "from"),
    ("anything", "but"), ("sick", "of"), ("tired", "of"), ("rid", "of"), ("free", "of"),
    ("take", "off"), ("leave", "out"), ("allergic", "to"), ("done", "with"), ("stop", "showing"),
    ("stop", "suggesting"), ("stop", "recommending"), ("quit", "showing"), ("quit", "suggesting"),
    ("quit", "recommending"), ("not", "a", "fan", "of"), ("fed", "up", "with"),
    ("cant", "stand"), ("in", "place", "of"), ("steer", "clear", "of"), ("stay", "away", "from"),
    ("no", "more"), ("bored", "of"), ("cant", "do"), ("cant", "wear"),
    ("cant", "pull", "off"), ("wont", "wear"), ("not", "into"), ("keep", "away", "from"),
    ("anything", "except"), ("everything", "but"), ("all", "but"), ("stop", "with"),
    ("hold", "the"), ("leave", "off"), ("rule", "out"), ("stop", "giving"), ("opposed", "to"),
)  # fmt: skip
_NOT_REFUSING: Final = (
    ("not", "only"), ("not", "just"), ("not", "sure"), ("why", "not"), ("not", "bad"),
    ("if", "not"), ("or", "not"), ("not", "mind"), ("no", "problem"), ("no", "idea"),
    ("no", "preference"), ("no", "matter"), ("no", "thank"), ("no", "thanks"),
    ("no", "worry"), ("no", "doubt"),
    ("not", "hate"), ("not", "dislike"), ("nothing", "beat"), ("no", ","), ("no", "wait"),
    ("never", "mind"), ("nothing", "wrong"), ("no", "clue"), ("not", "against"), ("not", "opposed"),
    ("no", "i"), ("forget", "what"), ("forget", "everything"), ("forget", "my"), ("never", "wrong"),
    ("cant", "get", "enough"), ("less", "than"), ("no", "less"), ("forget", "about", "me"),
    ("not", "too", "sure"), ("drop", "by"), ("lose", "weight"), ("no", "one"), ("not", "yet"),
    ("not", "know"), ("not", "avoid"), ("never", "enough"), ("no", "limit"), ("not", "care"),
)  # fmt: skip
_DENYING: Final = words(
    "dont doesnt didnt wouldnt wont cant shouldnt isnt arent never not cannot aint wasnt"
)
_WISHING: Final = words(
    "like want wear need love recommend suggest show include give use suit prefer enjoy own put "
    "add do care feel pick choose look match flatter pull see"
)
_NOT_DENIED: Final = words("you we they mind hate know forget have")
_UGLY: Final = words(
    "hideous ugly boring awful terrible tacky gross overrated annoying horrible atrocious off "
    "bad dated childish suck sucks wrong unflattering frumpy cheesy lame"
)
_ASIDE: Final = frozenset(("free", "aside", "excluded", "excepted"))
_BREAKS: Final = words(
    "but just please with for in to on at though however because since while if when than then "
    "as from instead let lets make find show only rather maybe i you still under below around"
)
_JOINS: Final = frozenset(("and", "or", "nor", ",", "/", "n", "&", "plus"))
_SWAPS: Final = words("swap replace change trade switch exchange substitute sub")
_INTO: Final = words("for with to into by")


# A message without any of these turns nothing down in English.
_TELLING: Final = frozenset(
    (*_BEFORE, *_DENYING, *_UGLY, *_ASIDE, *_SWAPS, *(phrase[0] for phrase in _BEFORE_PHRASES))
) | words("out off over prefer")


def turned_down(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[int]:
    """Return the positions in `mentions` of what an English refusal turns down."""
    if _TELLING.isdisjoint(token.form for token in tokens):
        return set()
    return _before(tokens, mentions) | _judged(tokens, mentions) | _swapped(tokens, mentions)


def _before(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[int]:
    """Return what an English refusal stands before, to the end of its list."""
    starts = {mention.first: place for place, mention in enumerate(mentions)}
    found: set[int] = set()
    forms = [token.form for token in tokens]
    position = 0
    while position < len(forms):
        after = _refusal_ends(forms, position)
        if after is None:
            position += 1
            continue
        found |= _scope(forms, after, starts, mentions)
        position = max(after, position + 1)
    return found


def _refusal_ends(forms: Sequence[str], position: int) -> int | None:
    """Return the position behind an English refusal that begins at `position`."""
    form = forms[position]
    if form not in _TELLING or _length_of(_NOT_REFUSING, forms, position):
        return None
    length = _length_of(_BEFORE_PHRASES, forms, position)
    if length:
        return position + length
    if (
        position
        and forms[position - 1] in _DENYING
        and form in _BEFORE
        and form not in ("no", "not")
    ):
        return None  # "don't hate", "not without"
    if form in ("do", "did", "does", "can", "would", "will") and forms[
        position + 1 : position + 2
    ] == ["not"]:
        return None
    if form in _DENYING and form not in ("not", "never"):
        return _denied_until(forms, position)
    return position + 1 if form in _BEFORE else None


def _denied_until(forms: Sequence[str], position: int) -> int | None:
    nearby = forms[position + 1 : position + 4]
    if nearby and nearby[0] in _NOT_DENIED:
        return None
    for offset, form in enumerate(nearby):
        if form in _WISHING:
            return position + offset + 2
    return None


def _length_of(phrases: Sequence[tuple[str, ...]], forms: Sequence[str], position: int) -> int:
    """Return how many words the phrase has that begins at `position`, or 0."""
    return next(
        (
            len(phrase)
            for phrase in phrases
            if forms[position] == phrase[0]
            and tuple(forms[position : position + len(phrase)]) == phrase
        ),
        0,
    )


def _scope(
    forms: Sequence[str], start: int, starts: dict[int, int], mentions: Sequence[Mention]
) -> set[int]:
    found: set[int] = set()
    position = start
    last: Mention | None = None
    while position < len(forms) and position < start + 14:
        place = starts.get(position)
        if place is not None:
            mention = mentions[place]
            if last is not None and last.group == "item" and mention.group != "item":
                break
            found.add(place)
            last, position = mention, mention.last + 1
            continue
        form = forms[position]
        if form in _JOINS:
            following = _next_mention(forms, position + 1, starts, mentions)
            if last is None or following is None or not _goes_on(forms, form, last, following):
                break
        elif last is not None:
            if form not in ("or", "nor", "color", "colored", "a", "an", "the", "any"):
                break
        elif form not in _SKIPPED and (form in _BREAKS or position - start > 3):
            break
        position += 1
    return found


def _next_mention(
    forms: Sequence[str], position: int, starts: dict[int, int], mentions: Sequence[Mention]
) -> Mention | None:
    while position < len(forms) and (
        forms[position] in _JOINS or forms[position] in ("a", "an", "the", "any", "no")
    ):
        position += 1
    place = starts.get(position)
    return None if place is None else mentions[place]


def _goes_on(forms: Sequence[str], join: str, last: Mention, following: Mention) -> bool:
    """Return whether a list of refused things goes on: "no red, blue is fine" does not."""
    behind = forms[following.last + 1] if following.last + 1 < len(forms) else ""
    if behind in ("is", "are", "would", "instead", "work", "please", "will", "look", "ok", "fine"):
        return False
    return join in ("or", "nor") or following.group == last.group


def _judged(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[int]:
    """Return what is turned down behind it: "skirts aren't for me", "the stripes are ugly"."""
    forms = [token.form for token in tokens]
    found: set[int] = set()
    for place, mention in enumerate(mentions):
        stop = mentions[place + 1].first if place + 1 < len(mentions) else len(forms)
        behind = forms[mention.last + 1 : min(stop, mention.last + 7)]
        if not behind:
            continue
        if behind[0] in _ASIDE or (behind[0] in ("off", "out") and _verb_before(forms, mention)):
            found.add(place)
        elif behind[0] in (
            "is",
            "are",
            "isnt",
            "arent",
            "look",
            "dont",
            "doesnt",
            "never",
            "make",
            "just",
            "suck",
            "not",
            "wasnt",
        ):
            denies = any(form in _DENYING for form in behind[:3])
            if (
                denies
                and any(
                    form in ("me", "my", "suit", "work", "flatter", "good", "thing", "fit")
                    for form in behind
                )
            ) or (not denies and any(form in _UGLY for form in behind[:4])):
                found.add(place)
    for place in sorted(found):
        # "printed bottoms are hideous": the print is meant, bottoms one still wears.
        previous = place - 1
        if (
            mentions[place].group == "item"
            and previous >= 0
            and mentions[previous].last + 1 == mentions[place].first
            and mentions[previous].group in ("pattern", "color", "style")
        ):
            found.discard(place)
            found.add(previous)
    return found


def _verb_before(forms: Sequence[str], mention: Mention) -> bool:
    return any(
        form in ("take", "leave", "keep", "cut")
        for form in forms[max(0, mention.first - 3) : mention.first]
    )


def _swapped(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[int]:
    """Return what gives way: the shirt in "swap the shirt for a tee", Y in "X over Y"."""
    forms = [token.form for token in tokens]
    found: set[int] = set()
    for place in range(len(mentions) - 1):
        mention, following = mentions[place], mentions[place + 1]
        if mention.group != following.group:
            continue
        between = forms[mention.last + 1 : following.first]
        before = forms[max(0, mention.first - 4) : mention.first]
        if any(form in _SWAPS for form in before) and any(form in _INTO for form in between):
            found.add(place)
        elif "over" in between[:1] or (between[:1] == ["to"] and "prefer" in before):
            found.add(place + 1)
    return found
