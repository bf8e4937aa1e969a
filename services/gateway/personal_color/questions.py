"""Six questions whose answers suggest a season, and what each answer is worth. Pure.

The questions are those that stylists ask; nobody has measured how well they tell a season. So an
answer is worth little (nats, below 1 in most cases), and what depends on skin tone alone (how one
tans, how dark hair and eyes are) is worth least: else dark skin and hair would be autumn or winter
whatever else is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.gateway.personal_color.domain import Judgement, from_scores
from services.gateway.personal_color.reasons import REASONS
from shared.contracts.vocabulary import SEASONS

UNSURE: Final = "unsure"
"""May answer every question; it is worth nothing."""
FEWEST: Final = 3
"""Answers needed, "unsure" not counted."""


@dataclass(frozen=True)
class Choice:
    """One answer, and what it is worth."""

    value: str
    text: str
    text_ko: str
    worth: tuple[float, float, float, float]
    """Nats for spring, summer, autumn, winter."""


@dataclass(frozen=True)
class Question:
    """One question with its choices."""

    name: str
    text: str
    text_ko: str
    choices: tuple[Choice, ...]


_NOTHING: Final = (0.0, 0.0, 0.0, 0.0)
_NOT_SURE: Final = Choice(UNSURE, "not sure", "잘 모르겠어요", _NOTHING)

QUESTIONS: Final = (
    Question(
        "veins",
        "In daylight, what colour are the veins inside your wrist?",
        "자연광에서 손목 안쪽 혈관이 무슨 색으로 보이나요?",
        (
            Choice("green", "green or olive", "초록빛", (0.6, -0.6, 0.6, -0.6)),
            Choice("blue", "blue or purple", "파랑이나 보랏빛", (-0.6, 0.6, -0.6, 0.6)),
            Choice("both", "a bit of both", "둘 다 섞여 보여요", _NOTHING),
            _NOT_SURE,
        ),
    ),
    Question(
        "jewellery",
        "Which jewellery looks better against your skin?",
        "어떤 액세서리가 피부에 더 잘 어울리나요?",
        (
            Choice("gold", "gold", "골드", (0.6, -0.6, 0.6, -0.6)),
            Choice("silver", "silver", "실버", (-0.6, 0.6, -0.6, 0.6)),
            Choice("both", "both", "둘 다", _NOTHING),
            _NOT_SURE,
        ),
    ),
    Question(
        "sun",
        "What does your skin do after a few hours in the sun?",
        "햇볕을 몇 시간 쬐면 피부가 어떻게 되나요?",
        (
            Choice("burns", "reddens, hardly tans", "빨개지고 잘 안 타요", (0.0, 0.2, -0.1, 0.0)),
            Choice("golden", "turns golden", "노릇하게 타요", (0.3, -0.2, 0.2, -0.2)),
            Choice("deep", "turns deep brown", "짙은 갈색으로 타요", (0.0, 0.0, 0.1, 0.1)),
            _NOT_SURE,
        ),
    ),
    Question(
        "hair",
        "What colour is your natural hair in the light?",
        "빛 아래에서 본래 머리카락 색은 어떤가요?",
        (
            Choice("black", "black, blue-black", "검정, 푸른 검정", (0.0, -0.1, 0.0, 0.1)),
            Choice("ash", "ashy brown or gray", "잿빛 갈색이나 회색", (-0.3, 0.5, -0.1, 0.0)),
            Choice("warm_brown", "reddish or chestnut", "붉은 갈색, 밤색", (0.2, -0.3, 0.4, -0.3)),
            Choice("light", "light brown or golden", "밝은 갈색, 금빛", (0.5, 0.1, 0.0, -0.5)),
            _NOT_SURE,
        ),
    ),
    Question(
        "eyes",
        "How do your eyes look?",
        "눈동자는 어떤 느낌인가요?",
        (
            Choice("clear_dark", "dark and clear", "어둡고 또렷해요", (0.0, -0.2, -0.1, 0.3)),
            Choice("soft_dark", "dark and soft", "어둡고 부드러워요", (-0.1, 0.2, 0.2, -0.2)),
            Choice("warm_light", "amber or hazel", "호박색, 밝은 갈색", (0.4, -0.3, 0.3, -0.4)),
            Choice("cool_light", "gray, blue or green", "회색, 파랑, 초록", (0.0, 0.3, -0.2, 0.1)),
            _NOT_SURE,
        ),
    ),
    Question(
        "suits",
        "In which colours do people say you look well?",
        "어떤 색을 입었을 때 잘 어울린다는 말을 듣나요?",
        (
            Choice(
                "peach", "peach, coral, ivory", "복숭아, 코랄, 아이보리", (1.0, -0.2, 0.1, -0.6)
            ),
            Choice(
                "lavender",
                "lavender, rose, soft white",
                "라벤더, 로즈, 소프트 화이트",
                (-0.2, 1.0, -0.4, 0.1),
            ),
            Choice(
                "mustard", "mustard, khaki, cream", "머스터드, 카키, 크림", (0.1, -0.4, 1.0, -0.4)
            ),
            Choice(
                "royal",
                "pure white, black, royal blue",
                "순백, 검정, 로열 블루",
                (-0.5, 0.1, -0.4, 1.0),
            ),
            _NOT_SURE,
        ),
    ),
)
_WORTH: Final = {
    question.name: {choice.value: choice.worth for choice in question.choices}
    for question in QUESTIONS
}


def check_answers(answers: Mapping[str, str]) -> list[str]:
    """Return the names of questions that are none of ours, or whose answer is not a choice."""
    return [name for name, value in answers.items() if value not in _WORTH.get(name, {})]


def from_answers(answers: Mapping[str, str]) -> Judgement:
    """Judge answers by question name; every one must pass ``check_answers``."""
    given = {name: value for name, value in answers.items() if value != UNSURE}
    if len(given) < FEWEST:
        return Judgement(None, reason=REASONS["few_answers"])
    worth = [_WORTH[name][value] for name, value in given.items()]
    return Judgement(
        from_scores(dict(zip(SEASONS, map(sum, zip(*worth, strict=True)), strict=True)))
    )
