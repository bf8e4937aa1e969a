"""Why the looks that were shown were chosen."""

from __future__ import annotations

from collections.abc import Sequence

from services.gateway.catalog.domain import Catalog, Item
from services.gateway.catalog.reading import open_catalog
from services.gateway.chat.deeds.outcome import Outcome, Scene
from services.gateway.chat.policy.acts import Explain
from services.gateway.chat.wording.phrases import say
from services.gateway.recommend.features import features_of
from services.gateway.recommend.reasoning import Brief, reasons_for
from services.gateway.recommend.rules import situation_of
from services.gateway.recommend.views import outfit_title
from services.gateway.recommend.wishes import Limits
from services.gateway.trend_evidence import open_evidence


def explain(act: Explain, scene: Scene) -> Outcome:
    """Give every reason of each look, or of the one that was meant, with its numbers."""
    catalog, language = open_catalog(scene.gateway), scene.language
    lines = []
    for number, look in enumerate(scene.state.shown, start=1):
        pieces = [catalog.by_id[item_id] for item_id in look.items if item_id in catalog.by_id]
        if len(pieces) < len(look.items) or act.look not in (None, number - 1):
            continue
        told = _reasons(pieces, catalog, scene) or (say("no_reason", language),)
        title = outfit_title(pieces, language)
        lines.append(say("why_look", language, number=number, title=title, why=" ".join(told)))
    if not lines:
        return Outcome((say("why_gone", language),))
    return Outcome(("\n".join((say("why", language), *lines)),))


def _reasons(pieces: Sequence[Item], catalog: Catalog, scene: Scene) -> tuple[str, ...]:
    """Return the reasons as the look's card gives them, in the language of the question."""
    features, wanted = features_of(catalog), scene.state.known
    ids = {piece.item_id: place for place, piece in enumerate(features.items)}
    brief = Brief(
        wanted=wanted,
        profile=scene.profile,
        trend=open_evidence(scene.gateway, scene.today),
        situation=situation_of(wanted, scene.today),
        budget=Limits.of(wanted, scene.profile).budget,
        fits=features.seasons[[ids[piece.item_id] for piece in pieces]],
    )
    return tuple(reason.text(scene.language) for reason in reasons_for(pieces, brief))
