"""What people say of a picture -> what is done to it; read by the chat's own reader."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.chat.deeds.seasons import quiz_answer
from services.gateway.chat.domain import VALUES, Slots, Understood
from services.gateway.chat.policy.acts import (
    Ask,
    AskQuiz,
    Decision,
    Draw,
    EditPicture,
    Heard,
    JudgeQuiz,
    Like,
    Pointed,
    Recommend,
    Redraw,
    Remember,
    Say,
    StopDrawing,
    TellTrend,
    UndoPicture,
)
from services.gateway.chat.policy.dialogue import decide, reconsidered
from services.gateway.chat.policy.moves import moves_of
from services.gateway.chat.policy.picture_moves import picture_moves_of
from services.gateway.chat.policy.pictures import changes_of
from services.gateway.chat.policy.state import Pending, Shown, State
from services.gateway.chat.understanding.reader import Reader
from services.gateway.drawing.editing import Change
from services.gateway.people.domain import Profile
from services.gateway.personal_color.questions import QUESTIONS
from shared.contracts.generation import Scene

READER = Reader()
TABLE = State(
    language="ko",
    topic="generate",
    pictures=("a", "b"),
    shown=(Shown(outfit_id="o", items=("i",), total=90_000),),
)


def decided(
    text: str, state: State = TABLE, *, look_shown: bool = True, **more: object
) -> Decision:
    """Return what is done with a message."""
    asked = state.pending.reads_as if state.pending and not look_shown else None
    understood = READER.understand(
        text, asked=asked, look_shown=look_shown, today=date(2026, 11, 22), language="ko"
    )
    moves = moves_of(text)
    heard = Heard(
        reconsidered(understood, moves), moves, draws=True,
        of_picture=picture_moves_of(text), **more,
    )  # fmt: skip
    return decide(state, heard, Profile())


EDITS = {
    "자켓만 흰색으로": Change(item="outer", becomes="outer", color="white"),
    "jacket only, white": Change(item="outer", becomes="outer", color="white"),
    "치마 말고 바지로": Change(item="skirt", becomes="trousers"),
    "trousers instead of the skirt": Change(item="skirt", becomes="trousers"),
    "바지를 체크로 바꿔줘": Change(item="trousers", becomes="trousers", pattern="checked"),
    "make the trousers checked": Change(item="trousers", becomes="trousers", pattern="checked"),
    "자켓 빼줘": Change(item="outer", drop=True),
    "without the coat": Change(item="outer", drop=True),
    "흰색으로": Change(color="white"),
    "make it black": Change(color="black"),
    "더 밝게": Change(words="bright, light colors", strength=0.4),
    "brighter please": Change(words="bright, light colors", strength=0.4),
    "더 어둡게": Change(words="dark colors", strength=0.4),
    "a little darker": Change(words="dark colors", strength=0.4),
    "가을 느낌으로": Change(scene=Scene(season="autumn")),
    "make it look like winter": Change(scene=Scene(season="winter")),
    "좀 더 미니멀하게": Change(scene=Scene(style="minimal")),
    "치마를 더 길게": Change(item="skirt", becomes="skirt", details="long"),
    "make the skirt longer": Change(item="skirt", becomes="skirt", details="long"),
    "더 헐렁하게": Change(details="oversized"),
    "make it looser": Change(details="oversized"),
    "배경을 바다로": Change(words="at the beach"),
    "change the background to a beach": Change(words="at the beach"),
    "가죽 자켓으로 바꿔줘": Change(item="outer", becomes="outer", details="leather"),
    "원피스로 바꿔줘": Change(item="dress", becomes="dress"),
    "change it to a dress": Change(item="dress", becomes="dress"),
}


@pytest.mark.parametrize(("text", "change"), EDITS.items(), ids=str)
def test_what_is_said_of_a_garment_or_the_look_changes_that(text, change):
    act = decided(text).act
    assert isinstance(act, EditPicture), act
    assert act.changes == (change,)


SKIRT = Pointed("b", 3, 0)
POINTED = {
    "치마를 빨강으로 바꿔 줘": Change(garment=0, item="skirt", becomes="skirt", color="red"),
    "Make the skirt red": Change(garment=0, item="skirt", becomes="skirt", color="red"),
    "바지로": Change(garment=0, item="trousers", becomes="trousers"),
    "black": Change(garment=0, color="black"),
    "I like it in blue": Change(garment=0, color="blue"),
    "더 길게": Change(garment=0, details="long"),
    "빼 줘": Change(garment=0, drop=True),
    "take it off": Change(garment=0, drop=True),
    "remove it": Change(garment=0, drop=True),
    "brighter": Change(words="bright, light colors", strength=0.4),
}


@pytest.mark.parametrize(("text", "change"), POINTED.items(), ids=str)
def test_what_is_pointed_at_changes_whatever_was_asked_before(text, change):
    asked = TABLE.now(pending=Pending(slot="gender", choices=("women", "men", "any")))
    act = decided(text, asked, pointed=SKIRT).act
    assert isinstance(act, EditPicture), act
    assert act.changes == (change,)


@pytest.mark.parametrize("text", ["요즘 유행하는 색 뭐야", "recommend a date look", "help"])
def test_who_points_at_a_picture_may_still_speak_of_something_else(text):
    assert not isinstance(decided(text, pointed=SKIRT).act, (EditPicture, Redraw))


@pytest.mark.parametrize("text", ["네 가지로 그려 줘", "Draw four versions of it", "네 장 그려 줘"])
def test_several_versions_are_drawn_to_choose_from(text):
    assert decided(text).act == Redraw(4)
    assert decided(text, pointed=SKIRT).act == Redraw(4)
    assert decided(text, TABLE.now(pictures=())).act == Draw(0, 4)


SEVERAL = {
    "미니멀한 출근룩 네 가지 버전으로 그려 줘": 4,
    "미니멀한 출근룩 그림 두 장 그려줘": 2,
    "미니멀 데이트룩 3가지 버전으로 그려줘": 3,
    "미니멀한 출근룩 여러 버전으로 그려줘": 4,
    "미니멀한 출근룩 그려줘": 1,
    "draw four versions of a minimal work look": 4,
    "draw two pictures of a minimal work outfit": 2,
    "draw 3 different versions of a minimal date look": 3,
    "draw a minimal work look in ten versions": 10,
    "draw a minimal work look": 1,
}


@pytest.mark.parametrize(("text", "count"), SEVERAL.items(), ids=str)
def test_a_first_wish_is_for_as_many_pictures_as_it_says(text, count):
    act = decided(text, State(language="ko"), look_shown=False).act
    assert isinstance(act, Recommend), act
    assert (act.draw, act.variants) == (True, count)


@pytest.mark.parametrize(
    ("wish", "answer", "count"),
    [
        ("네 가지 버전으로 그려 줘", "미니멀", 4),
        ("Draw four versions", "minimal", 4),
        ("데이트룩 그려줘", "미니멀로, 두 가지 버전으로", 2),
        ("draw a date look", "minimal, in three versions", 3),
    ],
)
def test_how_many_are_wished_for_outlives_the_question_in_between(wish, answer, count):
    asked = decided(wish, State(language="ko"), look_shown=False)
    assert asked.act == Ask("style")
    act = decided(answer, asked.state, look_shown=False).act
    assert isinstance(act, Recommend), act
    assert (act.draw, act.variants) == (True, count)
    other = decided("데이트룩 그려줘", asked.state.now(pending=None), look_shown=False)
    assert other.state.versions == 1


@pytest.mark.parametrize("text", ["세 가지 색 치마 그려줘", "2개월 전 유행 그려줘", "draw a skirt"])
def test_not_every_number_is_one_of_pictures(text):
    assert picture_moves_of(text).variants == 1


@pytest.mark.parametrize(
    "text",
    ["draw the first one", "paint the first one", "draw me the first one", "첫 번째 거 그려줘"],
)
@pytest.mark.parametrize("pictures", [(), ("a",)])
@pytest.mark.parametrize("asked", [None, Pending(slot="gender", choices=("women", "men"))])
def test_the_first_one_is_drawn_wherever_the_talk_stands(text, pictures, asked):
    assert decided(text, TABLE.now(pictures=pictures, pending=asked)).act == Draw(0)


@pytest.mark.parametrize(
    "text",
    [
        "my personal colour is summer",
        "My season is a cool summer",
        "내 퍼스널 컬러는 여름이야",
        "퍼스널 컬러 여름이에요",
    ],
)
@pytest.mark.parametrize("pending", [None, Pending(slot="quiz")])
def test_the_season_that_one_says_to_be_is_noted_and_not_asked_for(text, pending):
    act = decided(text, State(language="en", pending=pending)).act
    assert act == Remember(Slots(personal_color=("summer",)))


@pytest.mark.parametrize(
    "text", ["a date look under $100", "under 100 dollars", "50 euros at most", "100달러 이하"]
)
def test_an_amount_in_other_money_is_seen(text):
    assert moves_of(text).other_money


@pytest.mark.parametrize("text", ["10만원 이하", "under 100,000 won", "2 pieces"])
def test_won_are_no_other_money(text):
    assert not moves_of(text).other_money


OFFERED = [
    (at, words)
    for at, question in enumerate(QUESTIONS)
    for choice in question.choices
    for words in (choice.text, choice.text_ko)
]


@pytest.mark.parametrize(("at", "words"), OFFERED, ids=str)
def test_every_answer_that_the_quiz_offers_answers_it(at, words):
    asked = State(language="en", pending=Pending(slot="quiz"), quiz=("",) * at)
    answer = quiz_answer(words, at, moves_of(words))
    assert answer is not None
    act = decided(words, asked, quiz_answer=answer, quiz_length=len(QUESTIONS)).act
    assert isinstance(act, (AskQuiz, JudgeQuiz)), act


def test_the_colour_that_is_turned_down_tells_which_garment_is_meant():
    assert decided("남색 말고 검정으로").act == EditPicture((Change(color="black"),), "navy")
    assert decided("black instead of navy").act == EditPicture((Change(color="black"),), "navy")


def test_several_garments_change_each_by_itself():
    act = decided("상의는 빨강, 바지는 검정으로 바꿔줘").act
    assert isinstance(act, EditPicture)
    assert [(one.item, one.color) for one in act.changes] == [("top", "red"), ("trousers", "black")]


DONE = {
    UndoPicture(): ("되돌려 줘", "undo", "이전 그림 보여줘", "show me the earlier one",
                    "put it back"),
    UndoPicture(to_first=True): ("처음 그림으로 돌아가", "back to the original picture",
                                 "원래대로"),
    StopDrawing(): ("그만 그려", "cancel", "그림 취소해줘", "stop drawing", "그리지 마", "취소"),
    Redraw(): ("다른 느낌으로 다시", "again with a different vibe", "다시 그려줘", "draw it again",
               "다른 거", "another version", "별로야"),
    Say("picture_help"): ("모자 씌워줘", "put a hat on her", "배경 바꿔줘"),
    Like(0): ("마음에 들어", "I love it"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "act"), [(text, act) for act, texts in DONE.items() for text in texts], ids=str
)
def test_a_picture_is_undone_stopped_or_drawn_again(text, act):
    assert decided(text).act == act


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("요즘 유행하는 색 뭐야", TellTrend),
        ("what colours are in this spring?", TellTrend),
        ("데이트룩 추천해줘", Ask),
        ("recommend a work outfit", Ask),
        ("더 저렴한 거", Recommend),
        ("anything cheaper?", Recommend),
        ("빨간 코트 입은 여자 그려줘", Draw),
        ("draw a woman in a red coat", Draw),
    ],
)
def test_what_is_about_something_else_is_left_to_the_rest_of_the_talk(text, kind):
    assert isinstance(decided(text).act, kind)


def test_without_a_picture_the_same_words_are_about_the_looks():
    bare = TABLE.now(pictures=())
    for text in (*EDITS, "undo", "되돌려 줘", "cancel", "다른 느낌으로 다시"):
        act = decided(text, bare).act
        assert not isinstance(act, (EditPicture, UndoPicture, StopDrawing, Redraw)), text


def test_the_answer_to_a_question_of_another_wish_does_not_change_the_picture():
    for wish, answer in (("데이트룩 추천해줘", "미니멀"), ("recommend a date look", "minimal")):
        after = decided(wish)
        assert after.state.pictures == ()
        assert isinstance(decided(answer, after.state).act, Recommend)


def test_a_photo_that_comes_along_is_looked_at():
    act = decided("이거랑 비슷한 거", photo_id="f" * 64).act
    assert not isinstance(act, (EditPicture, Redraw))


VALUE = {name: st.lists(st.sampled_from(words), max_size=3) for name, words in VALUES.items()}
TEXTS = st.text(max_size=80) | st.sampled_from([*EDITS, *(t for ts in DONE.values() for t in ts)])


@given(
    text=TEXTS,
    said=st.fixed_dictionaries(VALUE),
    intent=st.sampled_from(["refine", "answer", "generate", "recommend", "out_of_scope"]),
)
def test_any_message_is_decided_and_its_changes_name_garments(text, said, intent):
    slots = Slots(**{name: tuple(values) for name, values in said.items()})
    understood = Understood(intent=intent, slots=slots, language="en")
    of_picture = picture_moves_of(text)
    heard = Heard(understood, moves_of(text), of_picture=of_picture, draws=True)
    assert decide(TABLE, heard, Profile()).act is not None
    for change in changes_of(slots, of_picture):
        assert change.item is None or change.item in VALUES["item"]
        assert not change.drop or change.item is not None
