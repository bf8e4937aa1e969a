"""Which of the values a message names it turns down. Pure.

Korean says it behind the value ("치마 말고", "빨강이나 핑크는 싫어"), English mostly before it
("no red", "without stripes or dots"). Both are looked for in every message: people mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from services.gateway.chat.understanding.matching import Mention
from services.gateway.chat.understanding.negation_english import turned_down
from services.gateway.chat.understanding.tokens import Token, words

_REACH: Final = 9
# What may stand between a Korean value and the word that turns it down.
_BETWEEN: Final = words(
    "색 색깔 색상 컬러 계열 룩 옷 무늬 종류 류 거 것 건 쪽 스타일 느낌 패턴 톤 코디 제품 아이템 "
    "디자인 풍 같 들어가 있 입 달리 섞이 추천 하 넣 보이 주 나오 쓰 되 들 너무 진짜 정말 완전 "
    "좀 조금 그냥 다 전부 아예 절대 절대로 더 이제 이젠 웬만하 되도록 가급적 최대한 요즘 나 내 "
    "저 제 한테 원래 안 못 좋아하 원하 어울리 끌리 땡기 내키 선호 즐기 사 그리 걸치 고르 만 오 "
    "선택 포함 이 그 계속 또 다시 다신 다시는 도저히 죽 그런 이런 쫌 젤 제일 가장 걍 차라리 찾 "
    "취향 스럽 어 소화 개인 적 개인적 시키 계통 요 차림 시도 눈 보 느끼 무조건 매우 아주 상당히 "
    "꽤 솔직히 사실 살짝 약간 보여주 추천하 부분 앞 노출 일절 일체 전혀 별 그리 많이"
)
_REFUSING: Final = words(
    "빼 제외 제하 대신 싫 싫어하 별로 질색 극혐 질리 지겹 꺼리 꺼려지 피하 기피 금지 사절 노노 "
    "패스 그닥 그다지 비추 비추천 에바 자제 없애 치우 거르 촌스럽 유치하 구리 과하 부담 "
    "부담스럽 그만 됐 벗기 벗 혐오 혐오하 싫증 no nope 노 불호 덜 안티 지양 지양하 유치 밉 "
    "지루하 불편하 민망하 오글거리 사양 미워하 없이 빼기 제외하 빼주 삼가 안되 답답하 물리 "
    "칙칙하 튀 알레르기 기피하 노땡큐 버리 극불호"
)
# What follows "안", "못" or "지 않다" makes it a refusal.
_DENIED: Final = words(
    "입 어울리 좋아하 되 맞 원하 쓰 사 들어가 나오 넣 땡기 끌리 내키 예쁘 이쁘 보이 보 받 선호 "
    "즐기 추천 소화 찾 좋 선호하 추천하 하 고르 끼 즐겨 나 오 섞이"
)
_MILD: Final = frozenset(("싫", "싫어하", "나쁘", "빼", "별로", "피하", "꺼리", "부담스럽"))
_KOREAN_LINKS: Final = words(
    "이나 나 랑 이랑 와 과 하고 도 며 이며 든 이든 , / 및 그리고 또는 혹은 든지 아니면"
)


def refused(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[int]:
    """Return the positions in `mentions` of what the message turns down."""
    if not mentions:
        return set()
    found = _behind(tokens, mentions) | _excessive(tokens, mentions) | _changed(tokens, mentions)
    if any(token.tag == "SL" for token in tokens):
        found |= turned_down(tokens, mentions)
    return found


def _excessive(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[int]:
    """Return the styles of which there is too much: "too girly", "너무 캐주얼해요"."""
    return {
        place
        for place, mention in enumerate(mentions)
        if mention.group in ("style", "pattern")
        and mention.first
        and tokens[mention.first - 1].form in ("너무", "too", "overly", "지나치게")
    }


def _changed(tokens: Sequence[Token], mentions: Sequence[Mention]) -> set[int]:
    """Return what gives way to another of its kind: the skirt in "치마를 바지로 바꿔줘"."""
    found = set()
    for place, (mention, following) in enumerate(pairwise(mentions)):
        between = tokens[mention.last + 1 : following.first]
        behind = tokens[following.last + 1 : following.last + 2]
        if (
            mention.group == following.group
            and mention.value != following.value
            and [token.form for token in between] in (["를"], ["을"], ["에서"])
            and [token.form for token in behind] in (["로"], ["으로"])
        ):
            found.add(place)
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
    behind = tokens[mention.last + 1 : stop]
    # "반바지는 무릎이 보여서 싫어": of a topic it may be said at length.
    is_topic = bool(behind) and behind[0].form in ("은", "는", "ᆫ") and behind[0].tag == "JX"
    for position in range(mention.last + 1, stop):
        form, tag = tokens[position].form, tokens[position].tag
        if tag == "JKB" and form in ("보다", "보단"):
            return True
        if tag[0] == "J" or (tag[0] == "E" and tag != "EF") or tag in ("VCP", "XSN", "XSV", "XSA"):
            if form in ("지만", "ᆫ데", "은데", "는데", "니까", "으니까", "지만요"):
                return False
            continue
        verdict = _verdict(tokens, position, mention.group)
        if verdict is not None:
            return verdict
        if tag in ("EF", "SF", "SP", "MAJ"):
            return False
        if form not in _BETWEEN and not is_topic:
            return False
    return False


def _verdict(tokens: Sequence[Token], position: int, group: str) -> bool | None:
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
    if form == "줄이":
        return group in ("style", "pattern", "color")
    if form == "아니" and tag == "VCN":
        if nearby[:1] == ["면"] and tokens[position - 1].form == "만":
            return True  # "빨강만 아니면"
        return not (nearby and nearby[0] in ("면", "어도", "ᆫ가", "ᆫ가요", "야", "에요"))
    if form == "없" and tag[0] == "V":
        if nearby[:1] in (["는"], ["게"], ["이"]):
            return "안" not in nearby
        return nearby[:1] in (["으면"], ["었으면"]) and "안" not in nearby
    return None


def _is_one_list(tokens: Sequence[Token], mention: Mention, following: Mention) -> bool:
    """Return whether two values are one list ("빨강이나 핑크") or one thing ("흰 셔츠")."""
    between = tokens[mention.last + 1 : following.first]
    is_pair = following.group == "item" and mention.group not in ("item", "sleeve", "not_meant")
    linked = [
        token
        for token in between
        if token.form not in ("색", "계열", "색깔")
        and token.tag not in ("ETM", "XSA", "XSA-I", "XSV")
    ]
    if all(token.form in _KOREAN_LINKS for token in linked):
        return is_pair or (mention.group == following.group and mention.group != "sleeve")
    return False
