"""Carrying out what the dialogue decided: each act to the room that knows how."""

from __future__ import annotations

from typing import Final

from anyio import to_thread

from services.gateway.chat.deeds import (
    explaining,
    finding,
    memory,
    picturing,
    seasons,
    styling,
    trending,
)
from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.deeds.trending import Tables
from services.gateway.chat.domain import Slots, Understood
from services.gateway.chat.policy.acts import (
    Act,
    Ask,
    AskQuiz,
    Draw,
    EditPicture,
    Explain,
    FindSimilar,
    Forget,
    Heard,
    JudgeQuiz,
    JudgeSelfie,
    Like,
    Pointed,
    Recommend,
    Redraw,
    Remember,
    Say,
    ShowPreferences,
    StopDrawing,
    TellPalette,
    TellTrend,
    UndoPicture,
)
from services.gateway.chat.policy.dialogue import reconsidered
from services.gateway.chat.policy.moves import moves_of
from services.gateway.chat.policy.picture_moves import picture_moves_of
from services.gateway.chat.policy.state import State
from services.gateway.chat.wording.phrases import say
from services.gateway.chat.wording.words import labels
from services.gateway.personal_color.questions import QUESTIONS

_FEW_WORDS: Final = 2
_SMALL: Final = 2_000
"""Items of a catalogue from which looks are found in a few milliseconds."""


class Deeds:
    """What acts need to be carried out; for one event loop."""

    def __init__(self, tables: Tables, *, draws: bool = False) -> None:
        """``draws``: somebody draws here; else looks become boards."""
        self._tables = tables
        self._draws = draws

    def heard(
        self,
        state: State,
        understood: Understood,
        text: str,
        photo_id: str | None,
        pointed: Pointed | None = None,
    ) -> Heard:
        """Return a message as the dialogue takes it."""
        moves = moves_of(text)
        answer = None
        if state.pending is not None and state.pending.slot == "quiz":
            answer = seasons.quiz_answer(text, len(state.quiz), moves)
        read = reconsidered(_spoken(state, understood, text), moves)
        return Heard(
            read,
            moves,
            photo_id,
            len(QUESTIONS),
            answer,
            draws=self._draws,
            of_picture=picture_moves_of(text),
            pointed=pointed,
        )

    async def do(self, act: Act, scene: Scene) -> Outcome:
        """Return what ``act`` gives."""
        match act:
            case Say():
                return _said(act, scene)
            case Ask():
                return _asked(act, scene)
            case AskQuiz():
                return seasons.ask(act, scene)
            case Remember():
                return memory.remember(act, scene)
            case Forget():
                return memory.forget(act, scene)
            case TellPalette():
                return seasons.tell(scene)
            case JudgeQuiz():
                return seasons.judge_quiz(act, scene)
            case TellTrend():
                return await trending.tell(act, scene, self._tables)
        if _is_at_hand(act, scene):
            return _looked_up(act, scene)
        # Decoding takes memory: few do it at once.
        limiter = scene.gateway.decoding if isinstance(act, JudgeSelfie) else None
        return await to_thread.run_sync(_looked_up, act, scene, limiter=limiter)


def _spoken(state: State, understood: Understood, text: str) -> Understood:
    """Return what was read, in the conversation's language where a word or two make no sense."""
    lost = understood.intent == "out_of_scope" and understood.slots == Slots()
    if not lost or len(text.split()) > _FEW_WORDS:
        return understood
    return understood.model_copy(update={"language": state.language})


def _is_at_hand(act: Act, scene: Scene) -> bool:
    """Tell whether all that ``act`` needs is in memory, and it takes no more than a moment.

    Then a thread would cost more than it gives: the interpreter runs one of them at a time.
    """
    gateway = scene.gateway
    if isinstance(act, ShowPreferences):
        return gateway.profiles.recall(scene.caller.key_id) is not None
    if not isinstance(act, (Recommend, Explain, Like)) or (isinstance(act, Recommend) and act.draw):
        return False
    catalog = gateway.catalog.recall()
    is_small = catalog is not None and len(catalog.items) <= _SMALL
    return is_small and gateway.evidence.recall(scene.today) is not None


def _looked_up(act: Act, scene: Scene) -> Outcome:
    match act:
        case Recommend():
            return styling.show_looks(act, scene)
        case Explain():
            return explaining.explain(act, scene)
        case Draw():
            return styling.draw(act, scene)
        case EditPicture():
            return picturing.edit(act, scene)
        case Redraw():
            return picturing.redraw(act, scene)
        case UndoPicture():
            return picturing.undo(act, scene)
        case StopDrawing():
            return picturing.stop(act, scene)
        case Like():
            return styling.like(act, scene)
        case FindSimilar():
            return finding.find_similar(act, scene)
        case ShowPreferences():
            return memory.show(scene)
        case JudgeSelfie():
            return seasons.judge_selfie(act, scene)
    raise TypeError(act)


def _said(act: Say, scene: Scene) -> Outcome:
    language = scene.language
    offered = ("recommend", "trend", "personal_color", "preferences")
    choices: tuple[str, ...] = ()
    if act.what in ("choices", "greeting", "help", "puzzled", "reset"):
        choices = tuple(say(f"choice_{name}", language) for name in offered)
    pending = scene.state.pending
    if act.what == "refused" and pending is not None:
        choices = tuple(labels(pending.choices, language))
    return Outcome((say(act.what, language),), choices=choices)


def _asked(act: Ask, scene: Scene) -> Outcome:
    language, pending = scene.language, scene.state.pending
    assert pending is not None  # noqa: S101 - a question waits for its answer
    if act.slot == "erase":
        return Outcome(
            (say("ask_erase", language),), choices=(say("yes", language), say("no", language))
        )
    choices = labels(pending.choices, language)
    told = ", ".join(choices)
    return Outcome((say(f"ask_{act.slot}", language, choices=told),), choices=tuple(choices))
