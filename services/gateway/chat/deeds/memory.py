"""What people tell of themselves in the chat: shown, kept, forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from sqlalchemy.orm import Session

from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.deeds.seasons import stated_outcome
from services.gateway.chat.domain import VALUES, Slots
from services.gateway.chat.keeping.store import Effect, delete_others
from services.gateway.chat.policy.acts import Forget, Remember
from services.gateway.chat.wording.cards import PreferencesCard
from services.gateway.chat.wording.phrases import say
from services.gateway.chat.wording.words import labels, listed, said_words, within
from services.gateway.people import book
from services.gateway.people.editing import stated
from services.gateway.people.learning import TASTES, Signal, signals_of
from services.gateway.people.views import KINDS, PreferencesView, preferences_view
from shared.contracts.vocabulary import label


def show(scene: Scene) -> Outcome:
    """Show what is known."""
    view = _view(scene)
    lines = list(_lines(view, scene))
    card = PreferencesCard(preferences=view)
    if not lines:
        return Outcome((say("known_nothing", scene.language),), (card,))
    told = (say("known", scene.language), *lines, say("known_edit", scene.language))
    return Outcome(("\n".join(told),), (card,))


def _view(scene: Scene) -> PreferencesView:
    profiles, person = scene.gateway.profiles, scene.caller.key_id
    found = profiles.recall(person) or profiles.read(scene.gateway.database, person, scene.now)
    return preferences_view(
        found.profile, found.known, found.seasons, now=scene.now, language=scene.language
    )


def _lines(view: PreferencesView, scene: Scene) -> Iterable[str]:
    language = scene.language
    for kind in TASTES:
        weights = getattr(view, kind)
        liked = [word for word, weight in weights.items() if weight > 0]
        disliked = [word for word, weight in weights.items() if weight < 0]
        words = labels(liked, language) + [f"−{word}" for word in labels(disliked, language)]
        if words:
            yield _line(kind, words, scene)
    if view.avoid:
        yield _line("avoid", labels(view.avoid, language), scene)
    if view.gender:
        yield _line("gender", [label(view.gender, language)], scene)
    if view.budget:
        yield _line("budget", [within(view.budget, language)], scene)
    if view.personal_color:
        likely = max(view.personal_color, key=lambda name: view.personal_color[name])
        yield _line("personal_color", [label(likely, language)], scene)


def _line(kind: str, words: list[str], scene: Scene) -> str:
    english, korean = KINDS[kind]
    name = korean if scene.language == "ko" else english
    return say("known_kind", scene.language, kind=name, words=", ".join(words))


def remember(act: Remember, scene: Scene) -> Outcome:
    """Keep what was said for good."""
    words = listed(said_words(act.said, scene.language), scene.language)
    signals, effects = learning(scene, act.said, "said")
    told = [say("remembered", scene.language, words=words)]
    if not act.said.personal_color:
        return Outcome(tuple(told), signals=signals, effects=effects)
    palette, card = stated_outcome(act.said.personal_color[0], scene.language)
    return Outcome((*told, palette), (card,), signals=signals, effects=effects)


def learning(
    scene: Scene, said: Slots, source: str
) -> tuple[tuple[Signal, ...], tuple[Effect, ...]]:
    """Return what a message tells of the person's tastes, and what keeps the season it names.

    What is turned down in one look counts against it; only who says so of themselves avoids it.
    """
    if source == "feedback":
        signals = tuple(_feedback(said))
    else:
        signals = signals_of(said, "said" if source == "said" else "answer")
    if not said.personal_color:
        return signals, ()
    return signals, (partial(_remember_season, season=said.personal_color[0], scene=scene),)


def _feedback(said: Slots) -> Iterable[Signal]:
    wanted = said.model_copy(update={"avoid": (), "gender": (), "budget": None})
    yield from signals_of(wanted, "feedback")
    for word in said.avoid:
        yield Signal(_kind_of(word), word, "feedback", -1.0)


def _kind_of(word: str) -> str:
    return next(kind for kind in TASTES if word in VALUES[kind])


def _remember_season(session: Session, *, season: str, scene: Scene) -> None:
    book.remember_seasons(session, scene.caller.key_id, stated(season), "said", scene.now)


def forget(act: Forget, scene: Scene) -> Outcome:
    """Forget what was named; nothing named: preferences and conversations, all of them."""
    language = scene.language
    if not act.values and not act.kinds:
        return Outcome((say("erased", language),), effects=(partial(_erase, scene=scene),))
    english = language == "en"
    kinds = [KINDS[kind][0 if english else 1] for kind in act.kinds]
    words = listed([*labels(act.values, language), *kinds], language)
    effect = partial(_forget, act=act, person=scene.caller.key_id)
    return Outcome((say("forgot", language, words=words),), effects=(effect,))


def _erase(session: Session, *, scene: Scene) -> None:
    book.forget(session, scene.caller.key_id)
    delete_others(session, scene.caller.key_id, scene.session_id)


def _forget(session: Session, *, act: Forget, person: str) -> None:
    for kind in act.kinds:
        book.forget(session, person, kind=kind)
    for value in act.values:
        for kind in (*TASTES, "avoid"):
            book.forget(session, person, kind=kind, value=value)
