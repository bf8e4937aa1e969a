"""The most a person would pay, in won, from what they write. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_DIGITS: Final = dict(zip("일이삼사오육칠팔구", range(1, 10), strict=True)) | {"영": 0, "공": 0}
_SMALL: Final = {"십": 10, "백": 100, "천": 1000}
_SINO: Final = "영공일이삼사오육칠팔구십백천"
_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?"
_NOT_WON: Final = r"(?!피스|단|형|색|래|하[는고]|숄더|본|목|마일|버튼|룸|터치|플러스|사이즈)"
_AMOUNT: Final = rf"(?:{_NUMBER}|[{_SINO}]+)"
_WON_OR_BOUND: Final = (
    rf"(?:\s*원{_NOT_WON}|(?=\s*(?:이하|이내|미만|대|선|안|아래|까지|정도|밑|언더|쯤|내|$|[,.!?~]|으로"
    r"|넘|에서|짜리|요|이요|밖|or\b|max|under)))"
)
_BAND: Final = r"(?P<band>\s*대(?!신|충|학))?"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w.,])(?:₩|krw)\s*(?P<ones>{_NUMBER})\s*(?:(?P<ten>만)|(?P<thousand>천|k\b))?",
        # 5만, 오만, 만 오천, 12만 5000 — with 원, or with a word that only an amount has.
        rf"(?:(?<![\d.,])(?P<ten>{_AMOUNT})\s*|(?<![가-힣\d]))만"
        rf"(?:\s*(?P<thousand>\d|[일이삼사오육칠팔구])?(?P<has_thousand>\s*천))?(?:\s*(?P<ones>\d{{3,4}}))?"
        rf"{_WON_OR_BOUND}{_BAND}",
        rf"(?<![\d.,])(?P<ones>{_NUMBER})\s*(?P<thousand>천)?\s*원{_NOT_WON}{_BAND}",
        rf"(?<![가-힣])(?P<ones>[{_SINO}]*[십백천])\s*원{_NOT_WON}{_BAND}",
        rf"(?<![\w.,$€£])(?P<ones>{_NUMBER})\s*(?P<thousand>k|thousand|grand)?\s*"
        r"(?:korean\s+)?(?:won\b|krw\b|₩)",
        r"(?<![\w.,$€£])(?P<ones>\d{1,4}(?:\.\d)?)\s?(?P<thousand>k)\b"
        r"(?!\s*(?:gold|steps|run|race|usd|dollars?|bucks|euros?|yen|pixels?|video|res))",
    )
)
_UNDER: Final = re.compile(
    r"(?:under|below|within|less than|no more than|up to|max(?:imum)?|at most|not over|"
    r"budget(?: of| is|:)?|cheaper than|cap(?: of)?|limit(?: of| is)?|예산은?|최대)"
    rf"\s*(?P<n>{_NUMBER})(?!\s*(?:\d|%|"
    r"cm|kg|usd|dollar|buck|eur|pound|yen|€|years?|items?|pieces?|개|벌|명|년|월|세|키로))",
    re.IGNORECASE,
)
_ENGLISH_NUMBER: Final = re.compile(
    r"\b(?P<words>(?:(?:a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
    r"fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety|hundred|thousand|and)[\s-]+)+)(?:korean\s+)?won\b",
    re.IGNORECASE,
)
_ENGLISH: Final = dict(
    zip(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        range(1, 20),
        strict=True,
    )
) | dict(
    zip(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        range(20, 100, 10),
        strict=True,
    )
)
_BARE: Final = re.compile(rf"(?<![\d.,])(?P<n>{_NUMBER})|(?P<sino>[{_SINO}만]{{2,}})")
_LOWER_BOUND: Final = re.compile(
    r"^\s*(?:은|는|을|를|에서)?\s*(?:이상|부터|넘는|초과|or more|and up|and above|\+|at least)"
)
_LOWER_BEFORE: Final = re.compile(
    r"(?:over|above|more than|at least|minimum|min|최소|from)\s*$", re.IGNORECASE
)
_UPPER_AFTER: Final = re.compile(r"^\s*(?:이상|부터).{0,14}?(?=\d|[일이삼사오육칠팔구십]+만)")
_TURNED_DOWN: Final = re.compile(r"빼|말고|제외|싫|안 ?[돼되]|금지|사절|곤란|부담|무리|힘들|못")
_NEGATED: Final = re.compile(
    r"\b(?:not|no|never|nothing|dont|don't|without|cant|can't|wont|won't)\b", re.I
)
_SMALLEST: Final = 1000
_LARGEST: Final = 1_000_000_000


class Money(NamedTuple):
    """An amount in won, and where in the text it stands."""

    won: int
    start: int
    end: int


def budget_in(text: str, asked: str | None) -> Money | None:
    """Return the upper bound that `text` names: of several amounts the last, of a band its end.

    Other currencies are not converted; "at least" names no upper bound. A bare number counts
    only where the budget was asked for, then a number below 1,000 is in units of 10,000 won.
    """
    if not any(letter.isdigit() for letter in text) and not re.search(r"[만천백]|won\b", text):
        return None
    found = [*_amounts(text)]
    if not found:
        found = [*_bounded(text)] or ([*_bare(text)] if asked == "budget" else [])
    upper = [money for money in found if _is_upper(text, money)]
    return upper[-1] if upper else None


def _amounts(text: str) -> list[Money]:
    found = [
        Money(_won(match), match.start(), match.end())
        for pattern in _PATTERNS
        for match in pattern.finditer(text)
    ]
    found.extend(
        Money(_in_english(match["words"]), match.start(), match.end())
        for match in _ENGLISH_NUMBER.finditer(text)
    )
    kept: list[Money] = []
    for money in sorted(found, key=lambda money: (money.start, -money.end)):
        if not kept or money.start >= kept[-1].end:
            kept.append(money)
    return [money for money in kept if _SMALLEST <= money.won <= _LARGEST]


def _won(match: re.Match[str]) -> int:
    part = match.groupdict()
    if part.get("ten") == "만":
        return round(_number(part["ones"]) * 10_000)
    if "has_thousand" in part:
        won = (_number(part["ten"]) if part["ten"] else 1) * 10_000 + _number(part["ones"])
        if part["has_thousand"]:
            won += (_number(part["thousand"]) if part["thousand"] else 1) * 1000
    else:
        won = _number(part["ones"]) * (1000 if part.get("thousand") else 1)
    return _top_of_band(round(won)) if part.get("band") else round(won)


def _top_of_band(won: int) -> int:
    """Return the last won of "5만 원대": 59,999."""
    step = 1000
    while won and won % (step * 10) == 0:
        step *= 10
    return won + step - 1


def _bounded(text: str) -> list[Money]:
    return [
        Money(won, match.start(), match.end())
        for match in _UNDER.finditer(text)
        if 5 * _SMALLEST <= (won := round(_number(match["n"]))) <= _LARGEST
    ]


def _bare(text: str) -> list[Money]:
    found = []
    for match in _BARE.finditer(text):
        won = round(_number(match["n"])) if match["n"] else _long_sino(match["sino"])
        if match["n"] and won < _SMALLEST:
            won *= 10_000
        if _SMALLEST <= won <= _LARGEST:
            found.append(Money(won, match.start(), match.end()))
    return found


def _is_upper(text: str, money: Money) -> bool:
    """Return whether an amount is the most, not the least: "4만원 넘는 건 빼고" is."""
    after, before = text[money.end : money.end + 20], text[max(0, money.start - 28) : money.start]
    if _LOWER_BOUND.match(after):
        return _UPPER_AFTER.match(after) is not None or _TURNED_DOWN.search(after) is not None
    return _LOWER_BEFORE.search(before) is None or _NEGATED.search(before) is not None


def _number(written: str | None) -> float:
    written = (written or "").strip()
    if written[:1].isdigit():
        return float(written.replace(",", ""))
    return _sino(written)


def _long_sino(written: str) -> int:
    head, ten_thousand, rest = written.partition("만")
    return (_sino(head) or 1) * 10_000 + _sino(rest) if ten_thousand else _sino(written)


def _sino(written: str) -> int:
    """Return the number below 10,000 that Sino-Korean numerals name: 십오 is 15."""
    total, digit = 0, 0
    for letter in written:
        if letter in _SMALL:
            total += (digit or 1) * _SMALL[letter]
            digit = 0
        else:
            digit = digit * 10 + _DIGITS.get(letter, 0)
    return total + digit


def _in_english(words: str) -> int:
    total, current = 0, 0
    for word in re.split(r"[\s-]+", words.lower().strip()):
        if word == "hundred":
            current = (current or 1) * 100
        elif word == "thousand":
            total, current = total + (current or 1) * 1000, 0
        else:
            current += _ENGLISH.get(word, 0)
    return total + current
