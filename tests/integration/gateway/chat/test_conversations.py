"""Conversations of several turns, as people have them, with a shop's items and real counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.gateway.chat.conftest import Begin, Talk

pytestmark = pytest.mark.integration
FOLDER = Path(__file__).parents[3] / "data" / "chat" / "conversations"


def conversations() -> list[Any]:
    """Return every conversation under a name of its own."""
    return [
        pytest.param(language, one["turns"], id=f"{language}: {one['name']}")
        for language, file in (("ko", "korean.yaml"), ("en", "english.yaml"))
        for one in yaml.safe_load((FOLDER / file).read_text())
    ]


@pytest.mark.parametrize(("language", "turns"), conversations())
def test_a_conversation_goes_as_written(begin: Begin, language: str, turns: list[dict]) -> None:
    talk = begin(language)
    for turn in turns:
        before = talk.answers[-1] if talk.answers else None
        answer = talk.say(turn["say"])
        told = f"{turn['say']} -> {answer}"
        check(turn, answer, told)
        check_looks(turn, answer, before, told)
        check_numbers(talk, answer)
    check_questions(talk)


def check(turn: dict[str, Any], answer: dict[str, Any], told: str) -> None:
    """Compare what was said and asked."""
    for name in ("intent", "language", "missing", "question"):
        if name in turn:
            assert answer[name] == turn[name], told
    if "choices" in turn:
        assert len(answer["choices"]) == turn["choices"], told
    if "cards" in turn:
        assert sorted({card["kind"] for card in answer["cards"]}) == turn["cards"], told
    for name, value in turn.get("known", {}).items():
        assert answer["known"].get(name) == value, told
    if turn.get("known") == {}:
        assert answer["known"] == {}, told
    assert str(turn.get("has", "")) in answer["reply"], told
    if "forecasts" in turn:
        links = [card["links"] for card in answer["cards"] if card["kind"] == "trend"]
        assert ["forecast" in one for one in links] == [turn["forecasts"]], told
    if "lacks" in turn:
        assert turn["lacks"] not in answer["reply"], told


def check_looks(
    turn: dict[str, Any], answer: dict[str, Any], before: dict[str, Any] | None, told: str
) -> None:
    """Compare what the looks hold."""
    looks = [card for card in answer["cards"] if card["kind"] == "outfit"]
    for look in looks:
        words = {word for item in look["items"] for word in words_of(item)}
        assert not words & set(turn.get("without", ())), told
        assert look["total"] <= turn.get("at_most", 10**9), told
        assert look["total"] == sum(item["price"] for item in look["items"]), told
        for category, color in turn.get("color", {}).items():
            assert color in {i["color"] for i in look["items"] if i["category"] == category}, told
    last = [card for card in (before or {"cards": []})["cards"] if card["kind"] == "outfit"]
    if "keeps" in turn:  # the pieces of a look before, but those of these slots
        changed = set(turn["keeps"]["but"])
        stayed = [{i["item_id"] for i in x["items"] if i["slot"] not in changed} for x in last]
        for look in looks:
            stay = {i["item_id"] for i in look["items"] if i["slot"] not in changed}
            assert stay in stayed and len(stay) < len(look["items"]), told
    if turn.get("cheaper"):
        assert max(look["total"] for look in looks) < last[0]["total"], told
    if turn.get("fresh"):
        assert not {x["outfit_id"] for x in looks} & {x["outfit_id"] for x in last}, told


def words_of(item: dict[str, Any]) -> set[str]:
    """Return the vocabulary words of an item that a test looks for."""
    return {item["category"], item["color"], item["pattern"]}


def check_numbers(talk: Talk, answer: dict[str, Any]) -> None:
    """Every number of a trend card is what the trend API tells."""
    for card in answer["cards"]:
        if card["kind"] != "trend":
            continue
        table = talk.client.get(card["links"]["trends"] + "&limit=200").json()
        rows = {tuple(row["values"].items()): row for row in table["rows"]}
        assert sum(table["totals"]) == card["looks"]
        for row in card["rows"]:
            api = rows[tuple(row["values"].items())]
            assert row["looks"] == api["total"]
            assert row["share"] == api["share"]
            assert row["interval"] == api["interval"]
            assert row["growth_4w"] == api["growth_4w"]
            assert row["stage"] == api["stage"]
            assert f"{row['looks']:,}" in answer["reply"] or len(card["rows"]) > 1

        check_forecast(talk, card)


def check_forecast(talk: Talk, card: dict[str, Any]) -> None:
    """Every forecast of a trend card is what the forecast API tells of that week."""
    if "forecast" not in card["links"]:
        return
    api = talk.client.get(card["links"]["forecast"] + "&limit=200").json()
    rows = {tuple(row["values"].items()): row["ahead"] for row in api["series"]}
    assert card["rows"]
    for row in card["rows"]:
        told, ahead = row["forecast"], rows[tuple(row["values"].items())]
        at = api["ahead"].index(told["week"])
        assert told["share"] == ahead["middle"][at]
        assert told["interval"] == [ahead["low95"][at], ahead["high95"][at]]


def check_questions(talk: Talk) -> None:
    """No question is asked twice, and a wish is asked about twice at most."""
    asked = [a["question"] for a in talk.answers if a["question"] in ("style", "occasion")]
    resets = sum(answer["intent"] == "reset" for answer in talk.answers)
    assert len(asked) - len(set(asked)) <= resets
    assert len(asked) <= 2 + 2 * resets
