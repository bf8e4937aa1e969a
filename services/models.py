"""The registry of weights: which models the settings choose, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from shared.contracts.message import ModelRef
from shared.settings import Settings, read
from shared.weights import ModelCard


@dataclass(frozen=True)
class Model:
    """A model that the settings choose."""

    reference: ModelRef
    card: ModelCard | None = None
    """None: it has no weights, as the fakes of the tests."""
    size: int = 0
    """Bytes of the weights that are read."""


def classifier(settings: Settings) -> Model:
    """Return the classifier; PermanentError where its weights are not those described."""
    from services.classification.metadata import read_metadata
    from services.classification.model import FakeClassifier
    from services.classification.settings import ClassificationSettings

    own = read(ClassificationSettings)
    if own.engine == "fake":
        return Model(FakeClassifier.reference)
    card = read_metadata(own.weights)
    return Model(card.reference, card, len(card.verified()))


def segmenter(settings: Settings) -> Model:
    """Return the segmenter; PermanentError where its weights are not those described."""
    from services.segmentation.metadata import read_metadata
    from services.segmentation.model import FakeSegmenter
    from services.segmentation.settings import SegmentationSettings

    own = read(SegmentationSettings)
    if own.engine == "fake":
        return Model(FakeSegmenter.reference)
    card = read_metadata(own.weights)
    weights = card.served_by(own.engine)
    size = sum(len(card.verified(file)) for file in card.files.values())
    return Model(card.reference(weights), card, size)


def colors(settings: Settings) -> Model:
    """Return the colour names, whose table is checked as it is unpacked."""
    from services.color.naming import open_namer
    from services.color.settings import ColorSettings

    return Model(open_namer(read(ColorSettings)).references[0])


def pattern(settings: Settings) -> Model:
    """Return the pattern model; PermanentError where its weights are not those described."""
    from services.color.pattern.metadata import read_metadata
    from services.color.settings import ColorSettings

    card = read_metadata(read(ColorSettings).weights)
    return Model(card.reference, card, len(card.verified()))


def style(settings: Settings) -> Model:
    """Return the style probe; PermanentError where its weights are not those described."""
    from shared.style.probe import open_probe

    probe = open_probe(settings.style_weights)
    size = sum((probe.card.folder / file.file).stat().st_size for file in probe.card.files.values())
    return Model(probe.reference, probe.card, size)


MODELS: Final[dict[str, Callable[[Settings], Model]]] = {
    "classification": classifier,
    "segmentation": segmenter,
    "color": colors,
    "pattern": pattern,
    "style": style,
}


def in_use(settings: Settings) -> dict[str, frozenset[ModelRef]]:
    """Return the models that a photo meets before it ends, by outcome.

    A style probe that reads another classifier's embedding keeps silent and is not among them.
    """
    found = {name: look(settings).reference for name, look in MODELS.items()}
    if not _probe_reads(settings, found["classification"]):
        del found["style"]
    return {
        "analyzed": frozenset(found.values()),
        "not_fashion": frozenset([found["classification"]]),
    }


def _probe_reads(settings: Settings, classifier: ModelRef) -> bool:
    from shared.style.probe import open_probe

    return open_probe(settings.style_weights).reads(classifier)
