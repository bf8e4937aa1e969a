"""The models in use, and what the ledger has of them and of others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from services.gateway.domain import Language
from services.gateway.operations.views import Headline, ModelsView, ModelView, OtherVersion
from services.registry import models_chosen, models_in_use
from shared.contracts.message import ModelRef
from shared.errors import MapsiError
from shared.faces.weights import face_card, read_weights
from shared.records.trends import Settlement
from shared.settings import Settings
from shared.weights import ModelCard


@dataclass(frozen=True)
class _Chosen:
    """A model of the settings, or why nothing can be told of it."""

    stage: str
    reference: ModelRef | None = None
    card: ModelCard | None = None
    size: int = 0
    trouble: MapsiError | None = None


@dataclass(frozen=True)
class Census:
    """Which models have analysed the photos of the ledger."""

    by_model: Mapping[str, Counter[str]]
    """Photos by the model's name and mark."""
    outdated: int


def take_census(session: Session, settings: Settings) -> Census:
    """Look through the whole ledger."""
    todays = _todays(settings)
    by_model: dict[str, Counter[str]] = {}
    outdated = 0
    outcome, told = Settlement.outcome, cast(Settlement.models, String)
    rows = select(outcome, told, func.count()).where(outcome.in_(("analyzed", "not_fashion")))
    for ended, text, photos in session.execute(rows.group_by(outcome, told)):
        marks: dict[str, str] = json.loads(text)
        for name, mark in marks.items():
            by_model.setdefault(name, Counter())[mark] += photos
        outdated += photos if todays and marks != todays[ended] else 0
    return Census(by_model, outdated)


def models_view(census: Census, settings: Settings, language: Language) -> ModelsView:
    """Return the models with what the ledger has of each."""
    return ModelsView(
        models=[_view(one, census, language) for one in _chosen(settings)],
        drawer=settings.drawer,
        outdated=census.outdated,
        command="mapsi ingest --reanalyze" if census.outdated else None,
    )


@cache
def _chosen(settings: Settings) -> tuple[_Chosen, ...]:
    """Weights are read whole to be checked: once a process, as the settings are."""
    return (*(_look(stage, settings) for stage in models_chosen()), _faces())


def _look(stage: str, settings: Settings) -> _Chosen:
    try:
        model = models_chosen()[stage](settings)
    except MapsiError as error:
        return _Chosen(stage, trouble=error)
    except ImportError as error:
        return _Chosen(stage, trouble=MapsiError(str(error)))
    return _Chosen(stage, model.reference, model.card, model.size)


def _faces() -> _Chosen:
    try:
        card = face_card()
        return _Chosen("faces", card.model_ref("onnx"), card, len(read_weights(card)))
    except MapsiError as error:
        return _Chosen("faces", trouble=error)


@cache
def _todays(settings: Settings) -> dict[str, dict[str, str]] | None:
    """Return the marks that the ledger would have of each outcome; None: a model is not known."""
    try:
        models = models_in_use(settings)
    except (MapsiError, ImportError):
        return None
    return {outcome: {model.name: model.mark for model in some} for outcome, some in models.items()}


def _view(chosen: _Chosen, census: Census, language: Language) -> ModelView:
    reference, card = chosen.reference, chosen.card
    seen = census.by_model.get(reference.name, Counter()) if reference else Counter[str]()
    mark = reference.mark if reference else ""
    headline = card.headline() if card else None
    return ModelView(
        stage=chosen.stage,
        name=reference.name if reference else None,
        version=reference.version if reference else None,
        sha256=reference.sha256 if reference else None,
        license=card.license if card else None,
        headline=Headline(name=headline[0], value=headline[1]) if headline else None,
        bytes=chosen.size,
        trouble=chosen.trouble.in_language(language) if chosen.trouble else None,
        photos=None if chosen.stage == "faces" or reference is None else seen[mark],
        other_versions=[
            OtherVersion(version=other, photos=photos)
            for other, photos in seen.most_common()
            if other != mark
        ],
    )
