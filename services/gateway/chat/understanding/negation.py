"""Which of the values a message names it turns down. Pure.

Korean says it behind the value ("치마 말고", "빨강이나 핑크는 싫어"), English mostly before it
("no red", "without stripes or dots"). Both are looked for in every message: people mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.gateway.chat.understanding.matching import Mention
from services.gateway.chat.understanding.tokens import Token, words

_REACH: Final = 9
# What may stand between a Korean value and the word that turns it down.
_BETWEEN: Final = words(
    "색 색깔 색상 컬러 계열 룩 옷 무늬 종류 류 거 것 건 쪽 스타일 느낌 패턴 톤 코디 제품 아이템 디자인 풍 같 들어가 있 입 달리 섞이 추천 하 넣 보이 "
    "주 나오 쓰 되 들 너무 진짜 정말 완전 좀 조금 그냥 다 전부 아예 절대 절대로 더 이제 이젠 웬만하 되도록 가급적 최대한 요즘 나 내 저 제 한테 원래 안 "
    "못 좋아하 원하 어울리 끌리 땡기 내키 선호 즐기 사 그리 걸치 고르 만 오 선택 포함 이 그 계속 또 다시 다신 다시는 도저히 죽 그런 이런 쫌 젤 제일 "
    "가장 걍 차라리 찾 취향 스럽 어 소화 개인 적 개인적 시키 계통 요 차림 시도 눈 보 느끼 무조건 매우 아주 상당히 꽤 솔직히 사실 살짝 약간 보여주 추천하 "
    "부분 앞 노출"
)
_REFUSING: Final = words(
    "빼 제외 제하 대신 싫 싫어하 별로 질색 극혐 질리 지겹 꺼리 꺼려지 피하 기피 금지 사절 노노 패스 그닥 그다지 비추 비추천 에바 자제 없애 치우 거르 "
    "촌스럽 유치하 구리 과하 부담 부담스럽 그만 됐 벗기 벗 혐오 혐오하 싫증 no nope 노 불호 덜 안티 지양 지양하 유치 밉 지루하 불편하 민망하 오글거리 "
    "사양 미워하 없이 빼기 제외하 빼주 삼가 안되 답답하 물리 칙칙하 튀 알레르기 기피하 노땡큐 버리 지우 극불호"
)
# What follows "안", "못" or "지 않다" makes it a refusal.
_DENIED: Final = words(
    "입 어울리 좋아하 되 맞 원하 쓰 사 들어가 나오 넣 땡기 끌리 내키 예쁘 이쁘 보이 보 받 선호 즐기 추천 소화 찾 좋 선호하 추천하 하 고르 끼 즐겨 나 "
    "오 섞이"
)
_MILD: Final = frozenset(("싫", "싫어하", "나쁘", "빼", "별로", "피하", "꺼리", "부담스럽"))
_KOREAN_LINKS: Final = words(
    "이나 나 랑 이랑 와 과 하고 도 며 이며 든 이든 , / 및 그리고 또는 혹은 든지 아니면"
)

_SKIPPED: Final = words(
    "a an the any too very so really that those these this of such much more kind stuff thing "
    "anything something look color colored colour style pattern print to wear wearing show me "
    "give suggest recommend recommending suggesting showing include including have having see "
    "seeing on in my your it all want like love need add put use using overly super around "
    "ever again get particularly especially is be am bit quite everyday usual traditional "
    "for with only i"
)
_BEFORE: Final = words(
    "no not without avoid avoiding except excluding exclude hate dislike never less minus "
    "skip drop ditch remove lose nothing neither nor despise loathe detest nix banish ban "
    "omit besides anti cut nowt 노 noo hating forget"
)
_BEFORE_PHRASES: Final = (
    ("instead", "of"), ("rather", "than"), ("other", "than"), ("apart", "from"), ("aside", "from"),
    ("anything", "but"), ("sick", "of"), ("tired", "of"), ("rid", "of"), ("free", "of"),
    ("take", "off"), ("leave", "out"), ("allergic", "to"), ("done", "with"), ("stop", "showing"),
    ("stop", "suggesting"), ("stop", "recommending"), ("not", "a", "fan", "of"), ("fed", "up", "with"),
    ("cant", "stand"), ("in", "place", "of"), ("steer", "clear", "of"), ("stay", "away", "from"),
    ("no", "more"), ("over", "the"), ("bored", "of"), ("cant", "do"), ("cant", "wear"),
    ("cant", "pull", "off"), ("wont", "wear"), ("not", "into"), ("keep", "away", "from"),
    ("anything", "except"), ("everything", "but"), ("all", "but"), ("stop", "with"),
    ("hold", "the"), ("leave", "off"), ("rule", "out"), ("stop", "giving"), ("opposed", "to"),
)  # fmt: skip
_NOT_REFUSING: Final = (
    ("not", "only"), ("not", "just"), ("not", "sure"), ("why", "not"), ("not", "bad"), ("if", "not"),
    ("or", "not"), ("not", "mind"), ("no", "problem"), ("no", "idea"), ("no", "preference"),
    ("no", "matter"), ("no", "thank"), ("no", "thanks"), ("no", "worry"), ("no", "doubt"),
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
    "like want wear need love recommend suggest show include give use suit prefer enjoy own "
    "put add do care feel pick choose look match flatter pull see"
)
_UGLY: Final = words(
    "hideous ugly boring awful terrible tacky gross overrated annoying horrible atrocious off "
    "bad dated childish suck sucks out wrong unflattering frumpy cheesy lame"
)
_ASIDE: Final = frozenset(("free", "aside", "excluded", "excepted"))
_BREAKS: Final = words(
    "but just please with for in to on at though however because since while if when than "
    "then as from instead let lets make find show only rather maybe i you still under below "
    "around"
)
_JOINS: Final = frozenset(("and", "or", "nor", ",", "/", "n", "&", "plus"))
_SWAPS: Final = words("swap replace change trade switch exchange substitute sub")
_INTO: Final = words("for with to into by")


def refused(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[int]:
    """Return the positions in `mentions` of what the message turns down."""
    found = _behind(tokens, mentions)
    if any(token.tag == "SL" for token in tokens):
        found |= _before(tokens, mentions) | _judged(tokens, mentions) | _swapped(tokens, mentions)
    return found


def _behind(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[int]:
    """Return what a Korean refusal follows; a list before it is refused as a whole."""
    found: set[int] = set()
    for place in range(len(mentions) - 1, -1, -1):
        mention = mentions[place]
        following = mentions[place + 1] if place + 1 < len(mentions) else None
        if _is_refused_behind(tokens, mention, following) or (
            following is not None
            and place + 1 in found
            and _is_one_list(tokens, mention, following)
        ):
            found.add(place)
    return found


def _is_refused_behind(
    tokens: Sequence[Token], mention: Mention, following: Mention | None
) -> bool:
    stop = min(len(tokens), mention.last + 1 + _REACH)
    if following is not None:
        stop = min(stop, following.first)
    for position in range(mention.last + 1, stop):
        form, tag = tokens[position].form, tokens[position].tag
        if tag == "JKB" and form in ("보다", "보단"):
            return True
        if tag[0] == "J" or (tag[0] == "E" and tag != "EF") or tag in ("VCP", "XSN", "XSV", "XSA"):
            if form in ("지만", "ᆫ데", "은데", "는데", "니까", "으니까", "지만요"):
                return False
            continue
        verdict = _verdict(tokens, position)
        if verdict is not None:
            return verdict
        if form not in _BETWEEN:
            return False
    return False


def _verdict(tokens: Sequence[Token], position: int) -> bool | None:
    """Return whether the word at `position` refuses; None: it says nothing about it."""
    form, tag = tokens[position].form, tokens[position].tag
    nearby = [token.form for token in tokens[position + 1 : position + 4]]
    if form == "말" and tag[0] == "V":
        return "도" not in nearby[:2]
    if form == "no" and position + 1 < len(tokens) and tokens[position + 1].tag == "SL":
        return False  # it turns down what comes
    if form in _REFUSING:
        is_undone = form in _MILD and ("않" in nearby or ("아니" in nearby and form != "빼"))
        return not is_undone
    if form in ("않", "못하") and tag[0] == "V":
        return True
    if form in ("안", "못") and tag == "MAG":
        return True if nearby and nearby[0] in _DENIED else None
    if form == "아니" and tag == "VCN":
        return not (nearby and nearby[0] in ("면", "어도", "ᆫ가", "ᆫ가요", "야", "에요"))
    if form == "없" and tag[0] == "V":
        if nearby[:1] in (["는"], ["게"], ["이"]):
            return "안" not in nearby
        return nearby[:1] in (["으면"], ["었으면"]) and "안" not in nearby
    return None


def _is_one_list(tokens: Sequence[Token], mention: Mention, following: Mention) -> bool:
    """Return whether two values stand in one list ("빨강이나 핑크") or name one thing ("흰 셔츠")."""
    between = tokens[mention.last + 1 : following.first]
    is_pair = following.group == "item" and mention.group in ("color", "pattern", "style")
    linked = [
        token
        for token in between
        if token.form not in ("색", "계열", "색깔") and token.tag[0] != "E"
    ]
    linked = [token for token in linked if token.tag not in ("XSA", "XSV", "VCP", "XSA-I")]
    if all(token.form in _KOREAN_LINKS for token in linked):
        return is_pair or (mention.group == following.group and mention.group != "sleeve")
    return False


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
    if _begins(forms, position, _NOT_REFUSING):
        return None
    for phrase in _BEFORE_PHRASES:
        if form == phrase[0] and tuple(forms[position : position + len(phrase)]) == phrase:
            return None if phrase == ("over", "the") else position + len(phrase)
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
    if nearby[:1] in (
        ["you"],
        ["we"],
        ["they"],
        ["mind"],
        ["hate"],
        ["know"],
        ["forget"],
        ["have"],
    ):
        return None
    for offset, form in enumerate(nearby):
        if form in _WISHING:
            return position + offset + 2
    return None


def _begins(forms: Sequence[str], position: int, phrases: Sequence[tuple[str, ...]]) -> bool:
    return any(
        forms[position] == phrase[0] and tuple(forms[position : position + len(phrase)]) == phrase
        for phrase in phrases
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
