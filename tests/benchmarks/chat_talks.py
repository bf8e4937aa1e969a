"""What people say to the chat in its benchmarks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import count

TALKS = {
    "small talk": ("안녕하세요", "hello", "뭘 할 수 있어?", "help", "고마워 ㅎㅎ"),
    "trends": (
        "올봄 유행하는 색 뭐예요?",
        "what's trending rn",
        "스트릿 쪽은 요새 무슨 색이 잘나가?",
        "is pink growing or declining?",
    ),
    "preferences": ("꽃무늬 진짜 싫어함", "I usually go for minimal stuff", "내 취향 보여줘"),
    "looks": ("데이트룩 추천해 주세요", "미니멀이요", "더 캐주얼하게", "다른 거 보여줘", "reset"),
}
MIXED = tuple(text for texts in zip(*TALKS.values(), strict=False) for text in texts)
CONVERSATION = (
    ("안녕하세요", "hi there", "안녕!", "hello"),
    (
        "요즘 뭐가 유행이야?",
        "what's trending rn",
        "올봄 유행하는 색 뭐예요?",
        "what's in this fall?",
    ),
    ("스트릿 쪽은?", "how about skirts?", "작년이랑 비교하면?", "is pink growing or declining?"),
    (
        "데이트룩 추천해 주세요",
        "I need an outfit for work",
        "주말에 입을 옷 골라줘",
        "a wedding look",
    ),
    ("미니멀이요", "casual", "캐주얼", "feminine please"),
    ("왜 이걸 골랐어?", "why?", "이유가 뭐야?", "why these?"),
    ("다른 거 보여줘", "show me others", "좀 더 따뜻하게", "something cheaper"),
    ("빨간색은 싫어", "I never wear florals", "치마 말고 바지로", "no stripes please"),
    ("첫 번째 마음에 들어", "I like the second one", "두 번째가 좋아", "the first one is great"),
    ("내 취향 보여줘", "what do you know about me?", "내 취향 알려줘", "show my preferences"),
    ("고마워 ㅎㅎ", "thanks!", "고맙습니다", "thank you"),
    ("처음부터 다시", "reset", "다시 시작하자", "start over"),
)
"""What people say one after the other, in one of four ways each time."""


def in_order(texts: Sequence[str]) -> Iterator[Callable[[int], str]]:
    """Yield for each person what they say at their n-th turn: all the same, each further on."""
    return (lambda turn, at=at: texts[(at + turn) % len(texts)] for at in count())


def conversing(seed: int = 0) -> Iterator[Callable[[int], str]]:
    """Yield for each person their part of a conversation, in words of their own."""

    def says(at: int) -> Callable[[int], str]:
        dice = random.Random(f"{seed} {at}")
        return lambda turn: dice.choice(CONVERSATION[(at + turn) % len(CONVERSATION)])

    return (says(at) for at in count())
