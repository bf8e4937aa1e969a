"""What a sentence says of clothes, whatever the spelling, the spacing and the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.gateway.chat.domain import Understood

Understand = Callable[..., Understood]

SAID: list[tuple[str, dict[str, Any]]] = [
    ("데이트룩추천해줘", {"occasion": "date"}),
    ("치마 말고 바지로 추천해줘", {"item": "trousers", "avoid": ["skirt"]}),
    ("빨강이나 핑크는 싫어", {"avoid": ["red", "pink"]}),
    ("파란색은 싫지 않아", {"color": "blue"}),
    ("검정 바지 말고 흰 바지로", {"item": "trousers", "color": "white", "avoid": ["black"]}),
    ("꽃무늬 없는 봄 원피스", {"season": "spring", "item": "dress", "avoid": ["floral"]}),
    ("무늬 없는 티셔츠", {"pattern": "solid", "item": "short_sleeved_shirt"}),
    ("빨간색만 아니면 다 괜찮아", {"avoid": ["red"]}),
    ("앞으로 주황색은 추천하지 마세요", {"avoid": ["orange"]}),
    ("나 여름 쿨톤인데 니트 골라줘", {"personal_color": "summer", "item": "long_sleeved_shirt"}),
    ("남자친구랑 데이트할 때 입을 옷 추천해줘", {"occasion": "date"}),
    ("아빠 드릴 가디건 추천해줘", {"gender": "men", "item": "outer"}),
    ("언니 결혼식에 입고 갈 원피스", {"occasion": "wedding", "item": "dress"}),
    ("피부가 노란 편인데 웜톤일까?", {}),
    ("비가 오는 날 출근룩 추천", {"weather": "rain", "occasion": "work"}),
    ("민소매 원피스에 걸칠 자켓 추천", {"item": ["vest_dress", "outer"]}),
    ("반팔이나 긴팔 셔츠 추천", {"item": ["short_sleeved_shirt", "long_sleeved_shirt"]}),
    ("원피수 10만원 이하로 추쳔해줘", {"item": "dress", "budget": 100_000}),
    ("no red please, a summer outfit", {"season": "summer", "avoid": ["red"]}),
    ("a skirt without stripes or dots", {"item": "skirt", "avoid": ["striped", "dotted"]}),
    ("no white shirt, suggest a look", {"avoid": ["white", "long_sleeved_shirt"]}),
    ("no red, blue is fine, suggest a skirt", {"color": "blue", "item": "skirt", "avoid": ["red"]}),
    ("I don't mind red, find me a coat", {"color": "red", "item": "outer"}),
    ("don't you have red coats?", {"color": "red", "item": "outer"}),
    ("swap the shirt for a tee", {"item": "short_sleeved_shirt", "avoid": ["long_sleeved_shirt"]}),
    ("skirts instead of trousers please", {"item": "skirt", "avoid": ["trousers"]}),
    ("recommend a knit dress", {"item": "dress"}),
    ("looking for a short black dress", {"color": "black", "item": "dress"}),
    ("find me red shorts", {"color": "red", "item": "shorts"}),
    ("suggest what a well dressed man wears", {"gender": "men"}),
    ("what's hot in outerwear?", {"item": "outer"}),
    ("outfit for a warm spring day", {"season": "spring", "weather": "warm"}),
    ("I'm a warm spring, suggest a coat", {"personal_color": "spring", "item": "outer"}),
    ("can you find black trosers", {"color": "black", "item": "trousers"}),
    ("yellow-green sleeveless tops please", {"color": "yellow_green", "item": "vest"}),
    ("바지만 black으로 바꿔줘", {"item": "trousers", "color": "black"}),
    ("cute but 바지 별로, skirt instead", {"item": "skirt", "avoid": ["trousers"]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), SAID, ids=[text for text, _ in SAID])
def test_slots_are_what_the_sentence_says(
    understand: Understand, text: str, wanted: dict[str, Any]
) -> None:
    assert understand(text).slots.wire() == wanted


def test_the_question_that_was_asked_tells_which_season_is_meant(understand: Understand) -> None:
    assert understand("겨울", asked="season").slots.season == ("winter",)
    assert understand("winter", asked="personal_color").slots.personal_color == ("winter",)


def test_either_is_an_answer_to_the_question_for_whom(understand: Understand) -> None:
    assert understand("상관없어요", asked="gender").slots.gender == ("any",)
    assert understand("상관없어요", asked="style").slots.gender == ()


def test_a_bare_number_is_money_only_where_the_budget_was_asked(understand: Understand) -> None:
    assert understand("50000", asked="budget").slots.budget == 50_000
    assert understand("10", asked="budget").slots.budget == 100_000
    assert understand("50000").slots.budget is None


def test_rain_in_a_question_about_the_weather_wishes_for_nothing(understand: Understand) -> None:
    seen = understand("will it rain tomorrow in Busan?")

    assert (seen.intent, seen.slots.wire()) == ("out_of_scope", {})


def test_letters_in_parts_from_a_mac_read_the_same(understand: Understand) -> None:
    import unicodedata

    parts = unicodedata.normalize("NFD", "남색 코트 추천해줘")

    assert understand(parts).slots.wire() == {"item": "outer", "color": "navy"}


def test_full_width_letters_read_the_same(understand: Understand) -> None:
    assert understand("ｒｅｄ　ｄｒｅｓｓ").slots.wire() == {"item": "dress", "color": "red"}
