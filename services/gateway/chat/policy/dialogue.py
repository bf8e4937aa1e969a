"""The dialogue's policy: where the conversation stands, and one message -> what to do. Pure.

One question at a time, none twice. A wish for looks is asked about only where nothing tells the
style, or where the style is all there is; whatever stays open is left to the looks, and said so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.gateway.chat.domain import Slots, Understood
from services.gateway.chat.policy import topics
from services.gateway.chat.policy.acts import (
    Decision,
    Draw,
    FindSimilar,
    Forget,
    Heard,
    JudgeSelfie,
    Like,
    Remember,
    Say,
    ShowPreferences,
)
from services.gateway.chat.policy.moves import Moves
from services.gateway.chat.policy.own_colors import (
    answers_quiz,
    of_ones_own_colors,
    personal_color,
    quiz_answered,
)
from services.gateway.chat.policy.pictures import about_the_picture
from services.gateway.chat.policy.state import Pending, State, dropped, merged, of_the_person
from services.gateway.chat.policy.wishing import go_on
from services.gateway.people.domain import Profile


def decide(state: State, heard: Heard, profile: Profile) -> Decision:
    """Return what to do with a message."""
    understood = heard.understood
    state = state.now(language=understood.language)
    of_picture = about_the_picture(state, heard)
    if of_picture is not None:
        return of_picture
    if _likes_a_look(state, heard):
        return Decision(state.now(strays=0), Like(topics.look_of(state, heard.moves)))
    if understood.intent == "reset" and not answers_quiz(state, heard):
        return Decision(State(language=state.language), Say("reset"))
    if state.pending is not None:
        answered = _answered(state, state.pending, heard, profile)
        if answered is not None:
            return answered
    if heard.photo_id is not None and understood.intent not in ("trend_query", "generate"):
        return _with_photo(state, heard)
    aside = _aside(state, heard)
    decision = aside or _TOPICS[understood.intent](state, heard, profile)
    lost = understood.intent == "out_of_scope" and aside is None
    return replace(decision, state=decision.state.now(strays=state.strays + 1 if lost else 0))


def _likes_a_look(state: State, heard: Heard) -> bool:
    """Tell whether a look is praised by its place: no answer to what was asked beside the looks."""
    moves = heard.moves
    if heard.understood.slots != Slots() or moves.cheaper or moves.only or moves.others:
        return False
    return bool(state.shown and moves.liked and moves.pick is not None and moves.asks_looks)


def _aside(state: State, heard: Heard) -> Decision | None:
    """Return what the message is, by its words and where the talk stands, whatever its intent."""
    understood, moves = heard.understood, heard.moves
    return topics.explained(state, understood, moves) or topics.trend_goes_on(
        state, understood, moves
    )


def reconsidered(understood: Understood, moves: Moves) -> Understood:
    """Return what a message says once what it does is known, too."""
    if moves.unlearns and understood.intent != "reset":
        return understood.model_copy(update={"intent": "preferences"})
    if moves.tells_season and understood.slots.season and not moves.asks_looks:
        return of_ones_own_colors(understood)
    unsure = understood.intent in ("refine", "out_of_scope")
    if unsure and moves.asks_what_comes and moves.dimension and not moves.asks_looks:
        return understood.model_copy(update={"intent": "trend_query"})
    if unsure and moves.draws and moves.pick is not None and understood.slots == Slots():
        return understood.model_copy(update={"intent": "generate"})
    if moves.wishes and understood.intent in ("out_of_scope", "help"):
        return understood.model_copy(update={"intent": "recommend"})
    return understood


def _answered(state: State, pending: Pending, heard: Heard, profile: Profile) -> Decision | None:
    """Return what the answer to the pending question leads to; None: it is another matter."""
    if pending.slot == "erase":
        return _erase_answered(state, heard)
    if pending.slot == "quiz":
        return quiz_answered(state, heard)
    if pending.slot == "photo":
        return _with_photo(state, heard) if heard.photo_id else None
    return _slot_answered(state, pending, heard, profile)


def _slot_answered(
    state: State, pending: Pending, heard: Heard, profile: Profile
) -> Decision | None:
    said, intent = heard.understood.slots, heard.understood.intent
    moves = heard.moves
    if state.shown and (moves.cheaper or moves.others or moves.only or moves.why):
        return None  # "anything cheaper?" does not say that anybody's clothes will do
    value = _chosen(pending, heard)
    if value is not None and not getattr(said, pending.slot):
        said = said.model_copy(update={pending.slot: (value,)})
    told = getattr(said, pending.slot)
    if told and intent in ("answer", "out_of_scope", "preferences", "refine", "personal_color"):
        known, versions = merged(state.known, said), _versions(state, heard)
        on = state.now(pending=None, known=known, versions=versions, strays=0)
        about = Slots(**{pending.slot: told}, avoid=said.avoid)
        return replace(go_on(on, profile), learned=(("answer", about),))
    if heard.moves.indifferent and intent in ("answer", "out_of_scope"):
        return go_on(_left_open(state, pending, said), profile)
    if state.shown:
        return None  # it was asked beside an answer: who says nothing to it wants nothing else
    if intent == "answer" or (intent == "out_of_scope" and pending.strays):
        return go_on(_left_open(state, pending, said), profile)
    return None


def _chosen(pending: Pending, heard: Heard) -> str | None:
    """Return the choice that is meant by its place."""
    pick, choices = heard.moves.pick, pending.choices
    if pick is None or not choices or heard.understood.slots != Slots():
        return None
    return choices[pick] if -1 <= pick < len(choices) else None


def _versions(state: State, heard: Heard) -> int:
    """Return how many pictures are wished for by now: what was asked is still the same wish."""
    return max(state.versions, heard.of_picture.variants)


def _left_open(state: State, pending: Pending, said: Slots) -> State:
    return state.now(
        pending=None,
        open=(*state.open, pending.slot),
        known=merged(state.known, said),
        strays=0,
    )


def _recommend(state: State, heard: Heard, profile: Profile) -> Decision:
    said = heard.understood.slots
    if state.pending is not None and said == Slots():
        state = dropped(state)
        on = state.now(topic=heard.understood.intent, versions=_versions(state, heard))
        return go_on(on, profile)
    known = merged(of_the_person(state), said)
    on = dropped(state).now(topic=heard.understood.intent, known=known, shown=(), haggled=False)
    return go_on(on.now(versions=heard.of_picture.variants).with_pictures(), profile)


def _generate(state: State, heard: Heard, profile: Profile) -> Decision:
    said = heard.understood.slots
    if state.shown and said == Slots():
        look = topics.look_of(state, heard.moves)
        return Decision(dropped(state), Draw(look, heard.of_picture.variants))
    if heard.draws and said.item:
        known = merged(of_the_person(state), said)
        on = dropped(state).now(topic="generate", known=known, shown=(), haggled=False)
        return Decision(on, Draw(None, heard.of_picture.variants))
    return _recommend(state, heard, profile)


def _refine(state: State, heard: Heard, profile: Profile) -> Decision:
    if not state.shown:
        if state.topic == "trend_query":
            return topics.trend(state, heard.understood, heard.moves)
        return _recommend(
            state,
            replace(heard, understood=heard.understood.model_copy(update={"intent": "recommend"})),
            profile,
        )
    said, moves = topics.swapped(heard.understood.slots), heard.moves
    if said == Slots() and moves.liked and not (moves.cheaper or moves.only or moves.others):
        return Decision(dropped(state), Like(topics.look_of(state, moves)))
    decision = topics.refined(dropped(state), said, moves)
    return replace(decision, learned=(("feedback", said),)) if said != Slots() else decision


def _answer(state: State, heard: Heard, profile: Profile) -> Decision:
    """An answer without a question: to a wish that is there it is a change."""
    if state.shown and (heard.understood.slots != Slots() or heard.moves.turns):
        said = heard.understood.slots
        if said.gender == ("any",):
            said = said.model_copy(update={"gender": ()})
        read = heard.understood.model_copy(update={"slots": said})
        return _refine(state, replace(heard, understood=read), profile)
    if heard.understood.slots != Slots():
        return _recommend(
            state,
            replace(heard, understood=heard.understood.model_copy(update={"intent": "recommend"})),
            profile,
        )
    return Decision(state, Say("puzzled"))


def _trend(state: State, heard: Heard, profile: Profile) -> Decision:
    return topics.trend(dropped(state), heard.understood, heard.moves)


def _preferences(state: State, heard: Heard, profile: Profile) -> Decision:
    said, moves, state = heard.understood.slots, heard.moves, dropped(state)
    if moves.erases:
        return topics.forgetting(state, said, moves)
    if said == Slots():
        if state.shown and moves.liked:
            return Decision(state, Like(topics.look_of(state, moves)))
        return Decision(state, ShowPreferences())
    if state.shown and moves.liked and moves.pick is not None:
        return Decision(state, Like(topics.look_of(state, moves)))
    about = Slots(
        style=said.style, gender=said.gender, personal_color=said.personal_color,
        budget=said.budget, avoid=said.avoid,
    )  # fmt: skip
    return Decision(state.now(known=merged(state.known, about)), Remember(said))


def _erase_answered(state: State, heard: Heard) -> Decision | None:
    if heard.moves.yes is True and heard.understood.intent not in ("recommend", "trend_query"):
        return Decision(State(language=state.language), Forget())
    if heard.moves.yes is False or heard.understood.intent in ("answer", "out_of_scope"):
        return Decision(state.now(pending=None), Say("nothing_erased"))
    return None


def _similar(state: State, heard: Heard, profile: Profile) -> Decision:
    state = dropped(state).now(topic="similar", known=merged(Slots(), heard.understood.slots))
    return Decision(state.now(pending=Pending(slot="photo")), Say("photo_needed"))


def _with_photo(state: State, heard: Heard) -> Decision:
    assert heard.photo_id is not None  # noqa: S101 - the callers looked
    on = dropped(state)
    if heard.understood.intent == "personal_color":
        return Decision(on.now(topic="personal_color"), JudgeSelfie(heard.photo_id))
    wanted = heard.understood.slots
    if state.topic == "similar":
        wanted = merged(state.known, wanted)
    return Decision(on.now(topic="similar", known=wanted), FindSimilar(heard.photo_id, wanted))


def _greeting(state: State, heard: Heard, profile: Profile) -> Decision:
    if state.shown and heard.moves.liked and heard.moves.pick is not None:
        return Decision(state, Like(topics.look_of(state, heard.moves)))
    return Decision(state, Say("thanks" if state.topic else "greeting"))


def _help(state: State, heard: Heard, profile: Profile) -> Decision:
    return Decision(state, Say("help"))


def _out_of_scope(state: State, heard: Heard, profile: Profile) -> Decision:
    if state.shown and heard.moves.liked and heard.understood.confidence < 0.9:
        return Decision(state, Like(topics.look_of(state, heard.moves)))
    if state.pending is not None and not state.shown:
        pending = state.pending.model_copy(update={"strays": state.pending.strays + 1})
        return Decision(state.now(pending=pending), Say("refused"))
    return Decision(dropped(state), Say("choices" if state.strays else "refused"))


_TOPICS: Final = {
    "trend_query": _trend,
    "recommend": _recommend,
    "generate": _generate,
    "refine": _refine,
    "answer": _answer,
    "personal_color": personal_color,
    "similar": _similar,
    "preferences": _preferences,
    "greeting": _greeting,
    "help": _help,
    "reset": _help,
    "out_of_scope": _out_of_scope,
}
