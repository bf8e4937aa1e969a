"""What a shop calls an item, as far as somebody may want to avoid it: colours and patterns. Pure.

A camera may take dark blue for black; who avoids black does not want to read "black" either. So a
title can keep a piece out of a look, and never brings one in.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_NAMES: Final = {
    "red": r"레드|빨강|빨간|\bred\b",
    "orange": r"오렌지|주황|\borange\b",
    "yellow": r"옐로우?|노랑|노란|\byellow\b",
    "yellow_green": r"연두|라임|\blime\b",
    "green": r"그린|초록|녹색|\bgreen\b",
    "blue_green": r"청록|\bteal\b|\bturquoise\b",
    "blue": r"블루|파랑|파란|\bblue\b",
    "navy": r"네이비|남색|곤색|\bnavy\b",
    "purple": r"퍼플|보라|\bpurple\b|\bviolet\b",
    "magenta": r"마젠타|자주|\bmagenta\b",
    "pink": r"핑크|분홍|\bpink\b",
    "brown": r"브라운|갈색|\bbrown\b",
    "white": r"화이트|하양|하얀|흰|\bwhite\b",
    "gray": r"그레이|회색|\bgr[ae]y\b",
    "black": r"블랙|검정|검은|까만|\bblack\b",
    "beige": r"베이지|\bbeige\b",
    "striped": r"스트라이프|줄무늬|\bstrip(?:e|ed|es)\b",
    "checked": r"체크|타탄|깅엄|\b(?:check(?:ed|s)?|plaid|tartan|gingham)\b",
    "dotted": r"도트|물방울|땡땡이|\bdot(?:s|ted)?\b",
    "floral": r"플라워|플로럴|꽃|\bfloral\b|\bflowers?\b",
    "printed": r"프린트|그래픽|\b(?:print(?:ed)?|graphic)\b",
}
_ANY: Final = {word: re.compile(names, re.IGNORECASE) for word, names in _NAMES.items()}


@lru_cache(maxsize=65_536)
def words_in(title: str) -> frozenset[str]:
    """Return the colours and patterns that a title names in Korean or English."""
    return frozenset(word for word, names in _ANY.items() if names.search(title))
