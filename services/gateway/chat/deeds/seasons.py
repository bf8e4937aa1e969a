"""The personal colour in the chat: asked for by six questions, told, shown as a palette."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from rapidfuzz import fuzz
from sqlalchemy.orm import Session

from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.domain import Language
from services.gateway.chat.policy.acts import AskQuiz, JudgeQuiz, JudgeSelfie
from services.gateway.chat.policy.moves import Moves
from services.gateway.chat.wording.cards import PaletteCard, Swatch
from services.gateway.chat.wording.phrases import say
from services.gateway.chat.wording.words import listed
from services.gateway.people import book
from services.gateway.personal_color.domain import Judgement, Seasons, likeliest
from services.gateway.personal_color.palettes import SWATCHES
from services.gateway.personal_color.photo import from_photo
from services.gateway.personal_color.questions import QUESTIONS, UNSURE, from_answers
from services.gateway.personal_color.views import describe, palette_of
from services.gateway.photo_records import find_photo
from shared.contracts.vocabulary import label
from shared.faces import open_finder
from shared.imaging import decode
from shared.storage.keys import upload_key

_ALIKE: Final = 80.0
"""Likeness of an answer to a choice, in percent, from which it is meant."""
_SHOWN: Final = 8
"""Colours of a palette that are named."""


def quiz_answer(text: str, place: int, moves: Moves) -> str | None:
    """Return which choice of the ``place``-th question ``text`` means, or None."""
    choices = QUESTIONS[place].choices
    if moves.pick is not None and -1 <= moves.pick < len(choices):
        return choices[moves.pick].value
    if moves.indifferent:
        return UNSURE
    said = text.strip().lower()[:80]
    scores = {
        choice.value: max(
            fuzz.partial_ratio(said, told.lower()) if len(said) > 1 else 0.0
            for told in (choice.text, choice.text_ko)
        )
        for choice in choices
    }
    best = max(scores, key=lambda value: scores[value])
    return best if scores[best] >= _ALIKE else None


def ask(act: AskQuiz, scene: Scene) -> Outcome:
    """Ask a question of the quiz."""
    language, question = scene.language, QUESTIONS[act.question]
    korean = language == "ko"
    told = say(
        "quiz_question",
        language,
        number=act.question + 1,
        count=len(QUESTIONS),
        question=question.text_ko if korean else question.text,
    )
    choices = tuple(choice.text_ko if korean else choice.text for choice in question.choices)
    intro = (say("quiz_intro", language, count=len(QUESTIONS)),) if act.question == 0 else ()
    return Outcome((*intro, told), choices=choices)


def judge_quiz(act: JudgeQuiz, scene: Scene) -> Outcome:
    """Tell which season the answers speak for, and keep it."""
    named = zip((question.name for question in QUESTIONS), act.answers, strict=True)
    judged = from_answers({name: value or UNSURE for name, value in named})
    return judged_outcome(judged, "answers", scene)


def judge_selfie(act: JudgeSelfie, scene: Scene) -> Outcome:
    """Tell which season a photo of the person speaks for, and keep it."""
    with scene.gateway.database.reading() as session:
        known = find_photo(session, act.photo_id, scene.caller)
    if known is None:
        return Outcome((say("photo_unknown", scene.language),))
    key = known.photo.key if known.photo else upload_key(act.photo_id)
    data = scene.gateway.context.storage.get(key)
    pixels = decode(data, name="photo").pixels
    return judged_outcome(from_photo(pixels, finder=open_finder()), "photo", scene)


def judged_outcome(judged: Judgement, source: str, scene: Scene) -> Outcome:
    """Return what was judged as an answer; probabilities are kept, nothing else is."""
    language = scene.language
    if judged.seasons is None:
        assert judged.reason is not None  # noqa: S101 - without probabilities there is a reason
        why = judged.reason
        told = f"{why.text_ko}. {why.fix_ko}." if language == "ko" else f"{why.text}: {why.fix}."
        return Outcome((say("season_unclear", language, why=told),))
    effect = partial(_keep, scene=scene, source=source, seasons=judged.seasons)
    card = palette_card(judged.seasons, language)
    return Outcome(_told(judged.seasons, language), (card,), effects=(effect,))


def _keep(session: Session, *, scene: Scene, source: str, seasons: Seasons) -> None:
    book.remember_seasons(session, scene.caller.key_id, seasons, source, scene.now)


def _told(seasons: Mapping[str, float], language: Language) -> tuple[str, ...]:
    colors = [swatch.name for swatch in palette_of(seasons, language)][:_SHOWN]
    season = label(likeliest(seasons), language)
    palette = say("palette", language, season=season, colors=listed(colors, language))
    return (describe(seasons, language), palette)


def tell(scene: Scene) -> Outcome:
    """Show the colours of the person's own season."""
    seasons = scene.profile.seasons
    return Outcome(_told(seasons, scene.language), (palette_card(seasons, scene.language),))


def stated_outcome(season: str, language: Language) -> tuple[str, PaletteCard]:
    """Return the colours of a season that the person says is theirs."""
    swatches = SWATCHES[season]
    names = [one.name_ko if language == "ko" else one.name for one in swatches[::2]][:_SHOWN]
    told = say("palette", language, season=label(season, language), colors=listed(names, language))
    return told, PaletteCard(
        season=season,
        label=label(season, language),
        colors=[
            Swatch(name=one.name_ko if language == "ko" else one.name, hex=one.hex)
            for one in swatches
        ],
        probabilities={},
    )


def palette_card(seasons: Mapping[str, float], language: Language) -> PaletteCard:
    """Return the colours of the likeliest seasons."""
    season = likeliest(seasons)
    return PaletteCard(
        season=season,
        label=label(season, language),
        colors=[Swatch(name=one.name, hex=one.hex) for one in palette_of(seasons, language)],
        probabilities={name: round(value, 4) for name, value in seasons.items()},
    )
