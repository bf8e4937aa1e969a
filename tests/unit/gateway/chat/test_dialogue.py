"""The dialogue's policy: what it asks, what it remembers, what it does not ask again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.chat.domain import VALUES, Intent, Period, Slots, Understood
from services.gateway.chat.policy.acts import (
    Ask,
    AskQuiz,
    Change,
    Draw,
    Explain,
    FindSimilar,
    Forget,
    Heard,
    JudgeQuiz,
    JudgeSelfie,
    Like,
    Recommend,
    Remember,
    Say,
    ShowPreferences,
    TellPalette,
    TellTrend,
)
from services.gateway.chat.policy.dialogue import decide, reconsidered
from services.gateway.chat.policy.moves import moves_of
from services.gateway.chat.policy.state import Pending, Shown, State, merged
from services.gateway.people.domain import Profile

NOBODY = Profile()
LOOKS = tuple(Shown(outfit_id=f"o{at}", items=(f"i{at}",), total=100_000) for at in range(3))
START = State(language="ko")


def heard(intent: Intent, text: str = "", photo: str | None = None, **slots) -> Heard:
    said = Slots(**{name: v if name == "budget" else tuple(v) for name, v in slots.items()})
    return Heard(
        Understood(intent=intent, slots=said, language="ko"),
        moves_of(text),
        photo_id=photo,
        quiz_length=6,
    )


def run(state: State, *messages: Heard, profile: Profile = NOBODY):
    acts = []
    for message in messages:
        decision = decide(state, message, profile)
        state = decision.state
        acts.append(decision.act)
    return state, acts


def test_an_unknown_style_is_asked_for_with_the_six_as_choices():
    state, [act] = run(START, heard("recommend", occasion=["date"]))
    assert act == Ask("style")
    assert state.pending.choices == VALUES["style"]


def test_what_is_known_of_the_person_is_not_asked_for():
    profile = Profile(tastes={("style", "minimal"): 0.8}, gender="women")
    _, [act] = run(START, heard("recommend", occasion=["date"]), profile=profile)
    assert isinstance(act, Recommend) and not act.ask_gender
    _, [act] = run(START, heard("recommend"), profile=profile)
    assert act == Ask("occasion")


def test_a_disliked_style_does_not_tell_the_liked_one():
    profile = Profile(tastes={("style", "street"): -0.8})
    _, [act] = run(START, heard("recommend", occasion=["date"]), profile=profile)
    assert act == Ask("style")


def test_an_answer_fills_the_wish_and_tells_of_the_person():
    state, _ = run(START, heard("recommend", occasion=["date"]))
    decision = decide(state, heard("answer", style=["minimal"]), NOBODY)
    assert decision.act.wanted == Slots(style=("minimal",), occasion=("date",))
    assert decision.learned == (("answer", Slots(style=("minimal",))),)


def test_a_choice_can_be_counted():
    for text, style in (("2", "feminine"), ("세 번째", "minimal"), ("the last one", "vintage")):
        state, _ = run(START, heard("recommend", occasion=["date"]))
        _, [act] = run(state, heard("answer", text))
        assert act.wanted.style == (style,)


def test_a_number_beyond_the_choices_is_no_choice():
    state, _ = run(START, heard("recommend", occasion=["date"]))
    state, [act] = run(state, heard("answer", "9"))
    assert act.wanted.style == () and state.open == ("style",)


def test_a_question_left_open_is_said_so_and_not_asked_again():
    state, acts = run(
        START, heard("recommend", occasion=["date"]), heard("answer", "아무거나"),
        heard("recommend", occasion=["work"]),
    )  # fmt: skip
    assert acts[0] == Ask("style")
    assert acts[1].notes == acts[2].notes == ("style_open",)
    assert state.asked.count("style") == 1


def test_a_stray_message_keeps_the_question_once_and_then_drops_it():
    _, acts = run(
        START, heard("recommend", occasion=["date"]),
        heard("out_of_scope", "ㅁㄴㅇㄹ"), heard("out_of_scope", "ㅁㄴㅇㄹ"),
    )  # fmt: skip
    assert acts[1] == Say("refused")
    assert isinstance(acts[2], Recommend)


def test_whose_clothes_is_asked_beside_the_looks_only_once():
    _, acts = run(
        START, heard("recommend", style=["minimal"], occasion=["date"]),
        heard("recommend", style=["street"], occasion=["work"]),
    )  # fmt: skip
    assert [act.ask_gender for act in acts] == [True, False]


def test_another_wish_keeps_the_person_and_drops_the_rest():
    state, _ = run(
        START,
        heard("recommend", style=["minimal"], item=["skirt"], color=["navy"], occasion=["date"]),
    )
    state, [act] = run(state, heard("recommend", occasion=["work"]))
    assert act.wanted == Slots(style=("minimal",), occasion=("work",))


def test_a_change_keeps_the_wish_and_replaces_what_is_named():
    state = START.now(shown=LOOKS, known=Slots(style=("minimal",), occasion=("date",)))
    _, [act] = run(state, heard("refine", "더 캐주얼하게", style=["casual"]))
    assert act.wanted == Slots(style=("casual",), occasion=("date",))


def test_one_piece_changes_on_the_look_that_is_counted():
    state = START.now(shown=LOOKS)
    text = "두 번째 거에서 자켓만 흰색으로"
    _, [act] = run(state, heard("refine", text, item=["outer"], color=["white"]))
    assert (act.change.look, act.change.family) == (1, "outer")


def test_cheaper_is_cheaper_than_the_look_and_does_not_outlive_the_wish():
    state = START.now(shown=LOOKS, known=Slots(style=("casual",)))
    state, [act] = run(state, heard("refine", "더 저렴하게"))
    assert act.wanted.budget == 85_000
    _, [act] = run(state, heard("recommend", occasion=["work"]))
    assert act.wanted.budget is None


def test_a_refusal_is_told_from_a_wish_for_others():
    state = START.now(shown=LOOKS)
    _, [act] = run(state, heard("refine", "별로야"))
    assert act.refused
    _, [act] = run(state, heard("refine", "다른 거 보여줘"))
    assert not act.refused


def test_a_look_that_pleases_is_liked():
    state = START.now(shown=LOOKS)
    _, [act] = run(state, heard("preferences", "첫 번째 좋아"))
    assert act == Like(0)
    _, [act] = run(state, heard("refine", "세 번째 마음에 들어"))
    assert act == Like(2)


@pytest.mark.parametrize("text", ["첫 번째 코디 마음에 들어요", "I like the first look"])
@pytest.mark.parametrize("intent", ["recommend", "refine", "answer", "out_of_scope"])
def test_a_look_that_pleases_answers_no_question_asked_beside_it(text, intent):
    asked = Pending(slot="gender", choices=("women", "men", "any"))
    shown = START.now(shown=LOOKS, pending=asked)
    state, (act,) = run(shown, heard(intent, text))
    assert act == Like(0)
    assert state.pending == asked and state.known == START.known


def test_a_picture_is_made_of_the_look_that_was_shown():
    state = START.now(shown=LOOKS)
    _, [act] = run(state, heard("generate", "두 번째 거 그림으로 볼래"))
    assert act == Draw(1)
    _, [act] = run(START, heard("generate", "그려줘", style=["street"]))
    assert isinstance(act, Recommend) and act.draw


def test_erasing_all_is_asked_back():
    asked, [act] = run(START, heard("preferences", "내 정보 다 지워줘"))
    assert act == Ask("erase")
    state, [act] = run(asked, heard("answer", "네"))
    assert act == Forget() and state == State(language="ko")
    _, [act] = run(asked, heard("answer", "아니요"))
    assert act == Say("nothing_erased")
    _, [act] = run(asked, heard("recommend", "추천해줘", style=["casual"], occasion=["date"]))
    assert isinstance(act, Recommend)


def test_one_thing_can_be_forgotten():
    _, [act] = run(START, heard("preferences", "분홍 싫어한다는 거 지워줘", avoid=["pink"]))
    assert act == Forget(values=("pink",))
    _, [act] = run(START, heard("preferences", "forget what you know about my colours"))
    assert act == Forget(kinds=("color",))


def test_a_taste_that_is_told_is_kept_and_holds_at_once():
    state, [act] = run(START, heard("preferences", "분홍 싫어", avoid=["pink"]))
    assert act == Remember(Slots(avoid=("pink",)))
    assert state.known.avoid == ("pink",)
    _, [act] = run(START, heard("preferences", "내 취향 보여줘"))
    assert act == ShowPreferences()


def test_the_quiz_goes_through_six_questions():
    state, acts = run(START, heard("personal_color", "퍼스널 컬러 진단해줘"))
    for _ in range(6):
        decision = decide(state, heard("answer", "1"), NOBODY)
        state, acts = decision.state, [*acts, decision.act]
    assert acts[0] == AskQuiz(0)
    assert isinstance(acts[-1], JudgeQuiz) and len(acts[-1].answers) == 6
    assert state.pending is None


def test_a_known_season_is_told_without_questions():
    profile = Profile(seasons={"winter": 1.0})
    _, [act] = run(START, heard("personal_color", "저는 무슨 톤일까요?"), profile=profile)
    assert act == TellPalette(None)
    _, [act] = run(START, heard("personal_color", "테스트 다시 할래"), profile=profile)
    assert act == AskQuiz(0)


def test_a_photo_is_looked_for_or_judged():
    photo = "0" * 64
    _, [act] = run(START, heard("similar", "비슷한 거", photo, color=["navy"]))
    assert act == FindSimilar(photo, Slots(color=("navy",)))
    _, acts = run(START, heard("similar", item=["skirt"]), heard("out_of_scope", "여기", photo))
    assert acts == [Say("photo_needed"), FindSimilar(photo, Slots(item=("skirt",)))]
    _, [act] = run(START, heard("personal_color", "내 톤?", photo))
    assert act == JudgeSelfie(photo)


def test_a_question_to_the_counts_goes_on_only_where_it_says_so():
    state, _ = run(START, heard("trend_query", "올봄 유행하는 색?", season=["spring"]))
    _, [act] = run(state, heard("refine", "how about skirts?", item=["skirt"]))
    assert isinstance(act, TellTrend) and act.about.season == ("spring",)
    _, [act] = run(state, heard("trend_query", "요즘 치마 유행이야?", item=["skirt"]))
    assert act.about.season == ()


INTENTS = st.sampled_from(Intent.__args__)
SLOTS = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(words).map(lambda w: (w,)) for name, words in VALUES.items()},
        "avoid": st.sampled_from(VALUES["color"]).map(lambda w: (w,)),
        "budget": st.integers(0, 10**7),
    },
).map(lambda said: Slots(**said))
TEXTS = st.sampled_from(
    [
        "",
        "2",
        "첫 번째 좋아",
        "다른 거",
        "더 싸게",
        "네",
        "아니요",
        "아무거나",
        "지워줘",
        "last one",
        "<b>",
    ]
)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what colour is coming next season?", "trend_query"),
        ("what color is next?", "trend_query"),
        ("다음 시즌 무슨 색이 떠?", "trend_query"),
        ("which colour will look better next?", "refine"),
        ("make it next season's colour", "refine"),
        ("다음 거 보여줘", "refine"),
    ],
)
def test_a_question_about_what_comes_is_no_change_of_the_looks(text: str, intent: Intent) -> None:
    read = Understood(intent="refine", slots=Slots(), language="en")
    assert reconsidered(read, moves_of(text)).intent == intent


@given(
    st.lists(st.tuples(INTENTS, SLOTS, TEXTS, st.booleans()), max_size=12),
    st.booleans(),
)
def test_no_conversation_asks_twice_or_wants_what_it_avoids(messages, shown) -> None:
    state = START.now(shown=LOOKS if shown else ())
    asked: list[str] = []
    for intent, slots, text, korean in messages:
        understood = Understood(intent=intent, slots=slots, language="ko" if korean else "en")
        before = state
        decision = decide(before, Heard(understood, moves_of(text), quiz_length=6), NOBODY)
        state = State.model_validate_json(decision.state.model_dump_json(exclude_defaults=True))
        assert state == decision.state
        assert state.language == understood.language
        if intent == "reset" or isinstance(decision.act, Forget):
            asked = [] if state.asked == () else asked
        if isinstance(decision.act, Ask) and decision.act.slot in VALUES:
            asked.append(decision.act.slot)
        assert len(asked) == len(set(asked))
        wanted = {value for name in VALUES for value in getattr(state.known, name)}
        assert not wanted & set(state.known.avoid)


@given(SLOTS, SLOTS)
def test_the_later_word_holds(known, said) -> None:
    after = merged(known, said)
    for name in VALUES:
        if getattr(said, name) and not set(getattr(said, name)) & set(said.avoid):
            assert getattr(after, name) == getattr(said, name)
    assert set(said.avoid) <= set(after.avoid)


def after_looks(**more) -> State:
    return START.now(topic="recommend", shown=LOOKS, **more)


@pytest.mark.parametrize("intent", ["help", "out_of_scope", "refine", "similar"])
@pytest.mark.parametrize(
    "text",
    ["왜?", "왜요", "왜 이걸 추천했어?", "추천한 이유가 뭐야?", "why?", "how come?", "why these?"],
)
def test_why_right_after_looks_asks_for_their_reasons(intent: Intent, text: str) -> None:
    _, [act] = run(after_looks(), heard(intent, text))
    assert act == Explain(None)


def test_why_can_be_asked_of_one_look_even_while_a_question_waits() -> None:
    state = after_looks(pending=Pending(slot="gender", choices=("women", "men")))
    _, [act] = run(state, heard("out_of_scope", "why the second one?"))
    assert act == Explain(1)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("왜 이렇게 비싸?", {}),
        ("why so expensive?", {}),
        ("why no skirt?", {"item": ["skirt"]}),
    ],
)
def test_a_complaint_with_a_why_is_a_change(text: str, slots: dict) -> None:
    _, [act] = run(after_looks(), heard("refine", text, **slots))
    assert isinstance(act, Recommend)


def test_why_without_looks_is_not_about_looks() -> None:
    _, [act] = run(START, heard("out_of_scope", "왜?"))
    assert act == Say("refused")
    _, acts = run(after_looks(), heard("trend_query", item=["skirt"]), heard("help", "왜?"))
    assert acts[1] == Say("help")


@pytest.mark.parametrize("intent", ["recommend", "refine", "answer", "out_of_scope"])
def test_how_about_another_thing_goes_on_with_the_trend(intent: Intent) -> None:
    first = heard("trend_query", "작년 겨울 바지 유행?", item=["trousers"])
    winter = Period(since=date(2025, 12, 1), until=date(2026, 2, 28))
    first = replace(first, understood=first.understood.model_copy(update={"period": winter}))
    _, acts = run(after_looks(), first, heard(intent, "그럼 치마는?", item=["skirt"]))
    assert acts[1] == TellTrend(Slots(item=("skirt",)), ("item",), winter, None)


def test_a_wish_after_a_trend_is_a_wish() -> None:
    _, acts = run(
        START, heard("trend_query", item=["trousers"]),
        heard("recommend", "그럼 치마 코디 추천해 줘", item=["skirt"]),
        heard("recommend", "그럼 데이트룩은?", occasion=["date"]),
    )  # fmt: skip
    assert not isinstance(acts[1], TellTrend) and not isinstance(acts[2], TellTrend)


def test_a_question_about_the_future_stays_one() -> None:
    _, acts = run(
        START,
        heard("trend_query", "앞으로 어떤 색이 뜰까?"),
        heard("refine", "그럼 치마는?", item=["skirt"]), heard("trend_query", "요즘 유행은?"),
    )  # fmt: skip
    assert [act.ahead for act in acts] == [True, True, False]


def test_a_skirt_instead_of_trousers_changes_one_piece() -> None:
    said = {"item": ["skirt"], "avoid": ["trousers"]}
    _, [act] = run(after_looks(), heard("refine", "change the trousers to a skirt", **said))
    assert act.change == Change(None, "skirt")


def test_a_vest_instead_of_the_top_turns_down_no_tops() -> None:
    said = {"item": ["vest"], "avoid": ["top"]}
    state, [act] = run(after_looks(), heard("refine", "swap the top for a vest", **said))
    assert act.change == Change(None, "top") and act.wanted == Slots(item=("vest",))
    assert state.known.avoid == ()


def test_how_about_now_asks_about_the_present_after_a_season() -> None:
    first = heard("trend_query", "올겨울에 뭐가 유행할까?", season=["winter"])
    _, acts = run(START, first, heard("trend_query", "그럼 요즘은?"))
    assert acts[0].ahead and not acts[1].ahead
    assert acts[1].about == Slots() and acts[1].period is None
