"""What a message does to a picture: the reading of a few words, as ``moves`` reads them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_READ: Final = 400
_STOPS: Final = re.compile(
    r"그만\s?(그려|그리|해|둬)|그리지\s?마|(그림|그리기|그리는\s?(거|것))\S{0,2}\s?(취소|중단|멈춰|그만)|"
    r"^\W*(취소|멈춰|중단|스톱|됐어)(해|하자|할게|해\s?줘|해\s?주세요|요)?\W*$|"
    r"\bdon'?t\sdraw\b|\b(stop|cancel|abort|quit)\s(it|that|this|drawing|painting|the\s\w+)\b|"
    r"^\W*(please\s)?(stop|cancel|abort|never\s?mind)(\splease)?\W*$",
    re.I,
)
_UNDOES: Final = re.compile(
    r"되돌|돌려\s?놔|원래\s?(대로|그림|거|것|걸)|(이전|아까|앞|직전|바로\s?전|처음)\s?(의\s?)?(그림|사진|거|것|걸|버전|모습)|"
    r"(그림|사진|걸로|거로)\S{0,2}\s?돌아|\bundo\b|\brevert\b|\bput\sit\sback\b|\b(go|back|return)\s(back\s)?to\b|"
    r"^\W*(go\s)?back\W*$|\b(previous|earlier|original)\s(one|picture|image|version|look)\b|"
    r"\b(one|picture|version)\sbefore\b",
    re.I,
)
_FIRST: Final = re.compile(
    r"처음|맨\s?(앞|처음)|원본|원래|\b(original|first\s(one|picture|image|version)|start)\b", re.I
)
_AGAIN: Final = re.compile(
    r"다른\s?(느낌|버전|분위기|포즈|그림|사진)|느낌\S?\s?다르게|다시\s?(한\s?번\s?)?(그려|그리|뽑|만들|해\s?줘|해\s?봐)|"
    r"새로\s?(그려|뽑)|한\s?(번|장)\s?더|\bre-?draw\b|\b(draw|paint|try)\s(it\s|that\s|this\s)?(again|anew|once\smore)\b|"
    r"\b(another|different|new)\s(version|take|try|picture|image|vibe|feel(ing)?|mood|pose|variation)\b|"
    r"^\W*(once\s)?(again|more)\W*$|\breroll\b",
    re.I,
)
_SEVERAL: Final = re.compile(
    r"(?P<ko>[두세네]|넉|다섯|여섯|일곱|여덟|아홉|열|여러|몇|\d{1,2})\s?(장|가지|개|컷|버전|종류)"
    r"(?!월|\s?(색|컬러|무늬))|"
    r"\b(?P<en>two|three|four|five|six|seven|eight|nine|ten|\d{1,2}|several|some|a\s(few|couple\sof))\s"
    r"(\w+\s)?(versions|variants|variations|pictures|images|drawings|takes|options)\b",
    re.I,
)
_FEW: Final = 4
"""What "several" is."""
_NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        ("두 two", "세 three", "네 넉 four", "다섯 five", "여섯 six", "일곱 seven", "여덟 eight",
         "아홉 nine", "열 ten"),
        start=2,
    )
    for word in words.split()
}  # fmt: skip
_DROPS: Final = re.compile(
    r"빼|벗|없이|없애|지워|\b(remove|drop|without|no)\b|\btake\s(it|this|that|the\s\w+)\soff\b|"
    r"\btake\soff\b",
    re.I,
)
_LIGHT: Final = (
    (re.compile(r"밝|환하|화사|\bbright|\blighter\b", re.I), "bright, light colors"),
    (re.compile(r"어둡|어두|\bdark(er)?\b", re.I), "dark colors"),
)
_DETAILS: Final = (
    (re.compile(r"길게|더\s?긴|\blonger\b|\bmaxi\b", re.I), "long"),
    (re.compile(r"짧게|더\s?짧|\bshorter\b|\bmini\b", re.I), "short"),
    (re.compile(r"헐렁|오버\s?핏|넉넉|루즈|\b(loose|looser|baggy|baggier|oversized?)\b", re.I),
     "oversized"),
    (re.compile(r"타이트|슬림|붙게|붙는|\b(tight|tighter|slim|slimmer|fitted|skinny)\b", re.I),
     "slim fit"),
    (re.compile(r"두꺼|따뜻|두툼|\b(warmer|thicker?)\b", re.I), "thick"),
    (re.compile(r"얇|시원|\b(thinner|thin)\b", re.I), "thin"),
    (re.compile(r"가죽|레더|\bleather\b", re.I), "leather"),
    (re.compile(r"데님|청\s?(소재|자켓|재킷|치마)|\bdenim\b", re.I), "denim"),
    (re.compile(r"니트|뜨개|\bknit(ted)?\b", re.I), "knit"),
    (re.compile(r"린넨|리넨|마\s?소재|\blinen\b", re.I), "linen"),
    (re.compile(r"실크|비단|\bsilk\b", re.I), "silk"),
    (re.compile(r"울\s?(소재|로)|모직|\bwool(len)?\b", re.I), "wool"),
    (re.compile(r"벨벳|\bvelvet\b", re.I), "velvet"),
    (re.compile(r"레이스|\blace\b", re.I), "lace"),
)  # fmt: skip
_PLACES: Final = (
    (re.compile(r"바다|해변|바닷가|\b(beach|seaside|sea)\b", re.I), "at the beach"),
    (re.compile(r"공원|\bpark\b", re.I), "in a park"),
    (re.compile(r"카페|\bcafe\b", re.I), "in a cafe"),
    (re.compile(r"(도시|길거리|거리)\s?(에서|배경|로)|\b(city|street)\s(scene|background)\b", re.I),
     "on a city street"),
    (re.compile(r"(눈\s?(오|내리|쌓)|설원)|\bsnow(y)?\b", re.I), "in the snow"),
    (re.compile(r"숲|\bforest\b|\bwoods\b", re.I), "in a forest"),
    (re.compile(r"(밤|야경)\s?(배경|에|으로|거리)|\bnight\b", re.I), "at night"),
    (re.compile(r"(흰|하얀|단색|깔끔한)\s?배경|\b(white|plain|clean|studio)\sbackground\b", re.I),
     "plain white background"),
)  # fmt: skip


@dataclass(frozen=True)
class PictureMoves:
    """What a message does to a picture, by a few words of it."""

    stops: bool = False
    undoes: bool = False
    first: bool = False
    """It speaks of the first picture of all."""
    again: bool = False
    variants: int = 1
    """How many of it are asked for, to choose from: more than one job draws, perhaps."""
    drops: bool = False
    """What is pointed at shall not be worn any more."""
    light: str = ""
    """How the whole of it shall be, in English."""
    details: str = ""
    """How a garment shall be, in English."""
    place: str = ""
    """Where the person shall be, in English."""


def picture_moves_of(text: str) -> PictureMoves:
    """Return what ``text`` does to a picture."""
    read = text[:_READ]
    return PictureMoves(
        stops=bool(_STOPS.search(read)),
        undoes=bool(_UNDOES.search(read)),
        first=bool(_FIRST.search(read)),
        again=bool(_AGAIN.search(read)),
        variants=_variants(read),
        drops=bool(_DROPS.search(read)),
        light=", ".join(words for form, words in _LIGHT if form.search(read)),
        details=", ".join(words for form, words in _DETAILS if form.search(read)),
        place=", ".join(words for form, words in _PLACES if form.search(read)),
    )


def _variants(read: str) -> int:
    found = _SEVERAL.search(read)
    if found is None:
        return 1
    told = (found["ko"] or found["en"]).lower()
    return max(1, int(told)) if told.isdecimal() else _NUMBERS.get(told, _FEW)
