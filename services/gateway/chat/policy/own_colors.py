"""The talk about the person's own colours: the quiz, a selfie, or the season they name. Pure."""

from __future__ import annotations

from services.gateway.chat.domain import Slots, Understood
from services.gateway.chat.policy.acts import (
    AskQuiz,
    Decision,
    Heard,
    JudgeQuiz,
    JudgeSelfie,
    Remember,
    TellPalette,
)
from services.gateway.chat.policy.state import Pending, State, dropped, merged
from services.gateway.people.domain import Profile


def of_ones_own_colors(understood: Understood) -> Understood:
    """Return what a message says whose season is that of the person's colours, not of the year."""
    said = understood.slots
    own = said.model_copy(update={"season": (), "personal_color": said.season[:1]})
    return understood.model_copy(update={"intent": "personal_color", "slots": own})


def answers_quiz(state: State, heard: Heard) -> bool:
    """Tell whether a message gives one of the answers asked for: eyes may be "dark and clear"."""
    asked = state.pending is not None and state.pending.slot == "quiz"
    return asked and heard.quiz_answer is not None


def personal_color(state: State, heard: Heard, profile: Profile) -> Decision:
    """Return what a message about one's own colours leads to."""
    said, state = heard.understood.slots, dropped(state)
    if said.personal_color:
        known = merged(state.known, Slots(personal_color=said.personal_color))
        return Decision(state.now(known=known, topic="personal_color"), Remember(said))
    if profile.seasons and not heard.moves.quiz:
        return Decision(state.now(topic="personal_color"), TellPalette(None))
    pending = Pending(slot="quiz")
    return Decision(state.now(topic="personal_color", pending=pending, quiz=()), AskQuiz(0))


def quiz_answered(state: State, heard: Heard) -> Decision | None:
    """Return what follows an answer of the quiz; None: it is another matter."""
    if heard.photo_id is not None:
        return Decision(state.now(pending=None, quiz=()), JudgeSelfie(heard.photo_id))
    answer = heard.quiz_answer
    stray = heard.understood.intent in ("answer", "out_of_scope", "personal_color")
    if answer is None and not (stray and heard.understood.slots == Slots()):
        return None  # another matter: the quiz ends here
    answers = (*state.quiz, answer or "")
    if len(answers) < heard.quiz_length:
        return Decision(state.now(quiz=answers, strays=0), AskQuiz(len(answers)))
    return Decision(state.now(pending=None, quiz=(), strays=0), JudgeQuiz(answers))
