"""The style probe: logistic regression on the classifier's embedding, then on the attributes.

    classification: p(style) = softmax(W·embedding + b)
    color:          p(style) ∝ p(style)^keep · exp(V·attributes + c)

The garments are not known yet where the embedding is, and the embedding is no longer at hand
where the garments are. The model is a product of the two, so each stage adds its own factor, and
what travels between them is a probability that stands for itself. It is never a hard label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import Field

from shared.contracts.garments import Garment
from shared.contracts.message import ModelRef
from shared.contracts.vocabulary import STYLES
from shared.errors import PermanentError
from shared.logging import logger
from shared.style.attributes import NAMES, Floats, attributes_of
from shared.weights import ModelCard, read_metadata, verified

SHIPPED: Final = Path(__file__).parent / "weights"
CARD: Final = "style.toml"
SETTING: Final = "MAPSI_STYLE_WEIGHTS"
_DIGITS: Final = 4
_LEAST: Final = 10.0**-_DIGITS
"""What a probability that was rounded to zero may have been."""

log = logger(__name__)


class StyleCard(ModelCard):
    """``style.toml``: the head of every model, and what the probe was trained on."""

    classifier: str = Field(description="sha256 of the weights whose embedding it reads")
    attributes: tuple[str, ...] = Field(description="attributes.NAMES when it was trained")
    keep: float = Field(ge=0, description="exponent of the embedding's probability")


@dataclass(frozen=True, eq=False)
class Weights:
    """Rows are styles in the order of ``vocabulary.STYLES``."""

    embedding: Floats
    """(6, size of the embedding)."""
    embedding_bias: Floats
    attributes: Floats
    """(6, len(NAMES))."""
    attributes_bias: Floats
    keep: float = 1.0


def probabilities(logits: Floats) -> Floats:
    """Return the softmax over the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    whole: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return whole


def refined(seen: Floats, attributes: Floats, weights: Weights) -> Floats:
    """Return the probabilities (n, 6) that the attributes (n, len(NAMES)) make of ``seen``."""
    added = attributes @ weights.attributes.T + weights.attributes_bias
    return probabilities(weights.keep * np.log(np.maximum(seen, _LEAST)) + added)


class Probe:
    """The probe with the card of its weights."""

    def __init__(self, card: StyleCard, weights: Weights) -> None:
        self.card = card
        self.weights = weights

    @property
    def reference(self) -> ModelRef:
        """What results name."""
        return self.card.model_ref("safetensors")

    def reads(self, classifier: ModelRef) -> bool:
        """Tell whether the probe was trained on this classifier's embedding."""
        return classifier.sha256 == self.card.classifier

    def of_embedding(self, embedding: Sequence[float], *, classifier: ModelRef) -> dict[str, float]:
        """Return the probability of each style; none where another classifier made the embedding.

        Numbers of another network mean something else: no answer is better than a made-up one.
        """
        if not self.reads(classifier):
            _say_mismatch(self.card.classifier, classifier.name, classifier.sha256)
            return {}
        vector = np.asarray(embedding, np.float64)
        logits = self.weights.embedding @ vector + self.weights.embedding_bias
        return _named(probabilities(logits))

    def refine(
        self, styles: Mapping[str, float], garments: Sequence[Garment], models: Sequence[ModelRef]
    ) -> dict[str, float]:
        """Return ``styles`` in the light of the garments.

        They stay as they are where another probe made them (``models`` says which), or where
        no garment is known.
        """
        if not garments or self.reference not in models or set(styles) != set(STYLES):
            return dict(styles)
        seen = np.array([styles[name] for name in STYLES])
        return _named(refined(seen, attributes_of(garments), self.weights))


@cache
def open_probe(folder: Path | None) -> Probe:
    """Return the probe in ``folder`` (``MAPSI_STYLE_WEIGHTS``), or the shipped one.

    Raises PermanentError where it is missing, changed, or made for other attributes.
    """
    place = folder or SHIPPED
    card = read_metadata(place / CARD, StyleCard, setting=SETTING)
    if card.attributes != NAMES:
        raise PermanentError(
            f"{place / CARD}: made for other attributes than this version's; "
            f"run `mapsi train style` again or unset {SETTING}",
            text_ko=f"{place / CARD}: 이 버전과 다른 속성으로 학습되었습니다. "
            f"`mapsi train style`을 다시 실행하거나 {SETTING}를 지우세요",
            reason="bad_weights",
        )
    return Probe(card, _read(card))


def _read(card: StyleCard) -> Weights:
    from safetensors.numpy import load

    weights = card.files["safetensors"]
    content = verified(card.folder / weights.file, weights.sha256, named_in=CARD, setting=SETTING)
    tensors: dict[str, Any] = load(content)
    return Weights(**tensors, keep=card.keep)


@cache
def _say_mismatch(trained_on: str, name: str, sha256: str) -> None:
    """Say it once a process, not once a photo."""
    log.warning(
        "styles stay unknown: the style probe was trained on another classifier's embedding; "
        "run `mapsi train style`",
        probe_reads=trained_on[:12],
        classifier=name,
        classifier_sha256=sha256[:12],
    )


def _named(chances: Floats) -> dict[str, float]:
    return {name: round(float(p), _DIGITS) for name, p in zip(STYLES, chances, strict=True)}
