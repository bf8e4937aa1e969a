"""Looks in the chat: recommended, changed, liked, and made a board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from services.gateway.catalog.domain import Catalog, Item
from services.gateway.catalog.reading import open_catalog
from services.gateway.chat.deeds import picturing
from services.gateway.chat.deeds.changing import changed
from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.domain import Language, Slots
from services.gateway.chat.policy.acts import Draw, Like, Recommend
from services.gateway.chat.policy.state import REMEMBERED_LOOKS, Shown, State, merged
from services.gateway.chat.policy.wishing import OFFERED
from services.gateway.chat.wording.phrases import say
from services.gateway.chat.wording.words import labels, listed, said_words, won
from services.gateway.looks import new_wish
from services.gateway.outbox import announce_wish
from services.gateway.outfit_boards import look_of
from services.gateway.people.learning import Signal, signals_of_look
from services.gateway.recommend.domain import Outfit, Recommendation, reasons, traits
from services.gateway.recommend.outfit_ids import pieces_of
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.trending import TrendEvidence
from services.gateway.recommend.views import outfit_card, outfit_title
from services.gateway.trend_evidence import open_evidence
from shared.contracts.vocabulary import label

LOOKS: Final = 3
"""Looks of one answer."""
_MOST: Final = 4
"""Looks of one answer where so many are asked for."""


@dataclass(frozen=True)
class _Found:
    recommendation: Recommendation
    notes: tuple[str, ...]


def show_looks(act: Recommend, scene: Scene) -> Outcome:
    """Recommend looks, or change one that was shown."""
    catalog = open_catalog(scene.gateway)
    is_drawn = act.draw and picturing.draws(scene)
    if not catalog.items and is_drawn:
        return picturing.drawn(scene, variants=act.variants)
    if not catalog.items:
        return Outcome((say("no_catalog", scene.language),), state=scene.state.now(pending=None))
    found = _find(act, scene, catalog, open_evidence(scene.gateway, scene.today))
    if is_drawn and not found.recommendation.outfits:
        return picturing.drawn(scene, variants=act.variants)
    outcome = _presented(act, found, scene)
    refusal = _refusal(act, scene, catalog)
    # Of several looks each card has its board already.
    if found.recommendation.outfits and (is_drawn or (act.draw and act.variants == 1)):
        pieces = found.recommendation.outfits[0].pieces
        on = replace(scene, state=outcome.state or scene.state)
        drawn = _drawn(pieces, on, variants=act.variants)
        return replace(
            drawn,
            # Behind a list of looks it is a line of its own.
            sentences=("\n".join((*outcome.sentences, *drawn.sentences)),),
            cards=(*outcome.cards, *drawn.cards),
            state=drawn.state or outcome.state,
            signals=refusal,
        )
    return Outcome(
        outcome.sentences, outcome.cards, outcome.choices, state=outcome.state, signals=refusal
    )


def _find(act: Recommend, scene: Scene, catalog: Catalog, evidence: TrendEvidence) -> _Found:
    if act.change is not None:
        found = changed(
            act.change, act.wanted, scene, catalog=catalog, evidence=evidence, limit=LOOKS
        )
        if found is not None:
            return _Found(found[0], (found[1],))
        asked = Slots(item=act.wanted.item, color=act.wanted.color, pattern=act.wanted.pattern)
        whole = _find(Recommend(merged(scene.state.known, asked)), scene, catalog, evidence)
        if whole.recommendation.outfits:
            return _Found(whole.recommendation, ("not_with_it",))
        act = Recommend(scene.state.known, change=None, notes=("no_change", "others"))
    looks = recommend(
        catalog, act.wanted, scene.profile, evidence,
        today=scene.today, limit=_limit(act, scene), seed=_seed(scene), seen=scene.state.seen,
    )  # fmt: skip
    return _Found(looks, act.notes)


def _limit(act: Recommend, scene: Scene) -> int:
    """Return how many looks there shall be; a board has no variants: several are several looks."""
    if not act.draw:
        return LOOKS
    return 1 if picturing.draws(scene) else min(act.variants, _MOST)


def _seed(scene: Scene) -> int:
    """Return another luck for each conversation; none for strangers, whose looks are remembered."""
    return int(scene.session_id[:8], 16) if scene.profile.tastes else 0


def _presented(act: Recommend, found: _Found, scene: Scene) -> Outcome:
    language, outfits = scene.language, found.recommendation.outfits
    why = found.recommendation.why_few
    if not outfits and "no_change" in found.notes:
        return Outcome((_noted(act, "no_change", scene),))
    if not outfits:
        key = "no_more" if scene.state.seen and why is None else "no_looks"
        reason = why.text(language) if why else ""
        return Outcome(
            (say(key, language, why=reason).strip(),), state=scene.state.now(pending=None)
        )
    lines = [_headline(act, found, scene)]
    lines += [_line(at, outfit, scene) for at, outfit in enumerate(outfits, start=1)]
    if why is not None:
        lines.append(why.text(language))
    choices: tuple[str, ...] = ()
    if act.ask_gender:
        choices = tuple(labels(OFFERED["gender"], language))
        lines.append(say("ask_gender", language, choices=", ".join(choices)))
    cards = tuple(outfit_card(outfit, language) for outfit in outfits)
    return Outcome(("\n".join(lines),), cards, choices, state=_after(outfits, scene.state))


def _headline(act: Recommend, found: _Found, scene: Scene) -> str:
    language, number = scene.language, len(found.recommendation.outfits)
    said = [_noted(act, note, scene) for note in found.notes]
    about = listed(said_words(_told(act.wanted), language), language)
    key = ("look" if number == 1 else "looks") + ("" if about else "_plain")
    if not {"kept", "added", "cheaper", "others"} & set(found.notes):
        said.append(say(key, language, about=about, count=number))
    return " ".join(said)


def _noted(act: Recommend, note: str, scene: Scene) -> str:
    budget = won(scene.state.known.budget or 0, scene.language)
    piece, what = _piece_names(act, scene.language)
    return say(note, scene.language, piece=piece, what=what, budget=budget)


def _piece_names(act: Recommend, language: Language) -> tuple[str, str]:
    """Return what shall change, and what it shall be: "jacket", "white jacket"."""
    if act.change is None:
        return "", ""
    family, wanted = act.change.family, act.wanted
    piece = say("piece_outer", language) if family == "outer" else label(family, language)
    thing = piece if wanted.item in ((), (family,)) else label(wanted.item[0], language)
    looks = (*wanted.color[:1], *wanted.pattern[:1])
    return piece, " ".join((*labels(looks, language), thing))


def _told(wanted: Slots) -> Slots:
    return wanted.model_copy(update={"avoid": ()})


def _line(number: int, outfit: Outfit, scene: Scene) -> str:
    language = scene.language
    told = reasons(outfit, language)
    return say(
        "best",
        language,
        number=number,
        title=outfit_title(outfit.pieces, language),
        total=won(outfit.total, language),
        reason=told[0] if told else "",
    ).strip()


def _after(outfits: Sequence[Outfit], state: State) -> State:
    shown = tuple(
        Shown(
            outfit_id=outfit.outfit_id,
            items=tuple(piece.item_id for piece in outfit.pieces),
            total=outfit.total,
        )
        for outfit in outfits
    )
    seen = (*state.seen, *(look.outfit_id for look in shown))
    return state.now(shown=shown, seen=seen[-REMEMBERED_LOOKS:]).with_pictures()


def _refusal(act: Recommend, scene: Scene, catalog: Catalog) -> tuple[Signal, ...]:
    if not act.refused:
        return ()
    return tuple(
        signal
        for look in range(len(scene.state.shown))
        for signal in _taste(look, scene, catalog, liked=False)
    )


def _taste(look: int, scene: Scene, catalog: Catalog, *, liked: bool) -> tuple[Signal, ...]:
    """Return what liking or refusing a shown look tells of the person."""
    pieces = pieces_of(scene.state.shown[look].outfit_id, catalog)
    if pieces is None:
        return ()
    outfit = Outfit(scene.state.shown[look].outfit_id, pieces, logit=0.0, parts={})
    return signals_of_look(traits(outfit), scene.profile.tastes, liked=liked)


def like(act: Like, scene: Scene) -> Outcome:
    """Take note of a look that pleases."""
    signals = _taste(act.look, scene, open_catalog(scene.gateway), liked=True)
    return Outcome((say("glad", scene.language),), signals=signals)


def draw(act: Draw, scene: Scene) -> Outcome:
    """Make a look that was shown, or what was said to be worn, a picture."""
    if act.look is None:
        return picturing.drawn(scene, variants=act.variants)
    catalog = open_catalog(scene.gateway)
    pieces = pieces_of(scene.state.shown[act.look].outfit_id, catalog)
    if pieces is None:
        return Outcome((say("no_drawing", scene.language),))
    return _drawn(pieces, scene, variants=act.variants)


def _drawn(pieces: Sequence[Item], scene: Scene, *, variants: int = 1) -> Outcome:
    """Draw a look, or where nobody draws compose its board."""
    if picturing.draws(scene):
        return picturing.drawn(scene, pieces, variants=variants)
    look = look_of(scene.gateway, pieces, language=scene.language)
    if look is None:
        return Outcome((say("no_drawing", scene.language),))
    wish = new_wish(scene.gateway, scene.caller, look)

    def write(session: Session) -> None:
        session.add(wish)

    return Outcome(
        (say("drawing", scene.language),),
        job_id=wish.job_id,
        effects=(write,),
        afterwards=(partial(announce_wish, scene.gateway, wish),),
    )
