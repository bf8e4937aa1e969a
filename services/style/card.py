"""Writing a probe's files: ``style.safetensors`` and ``style.toml``."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from services.style.figures import Figures
from shared.contracts.message import ModelRef
from shared.style.attributes import NAMES
from shared.style.probe import CARD, Weights
from shared.weights import as_toml

FILE = "style.safetensors"


def write_probe(
    folder: Path,
    weights: Weights,
    *,
    classifier: ModelRef,
    licence: str,
    data: dict[str, Any],
    figures: Figures,
) -> Path:
    """Write the files into ``folder``, the card last; return the card's path."""
    tensors = {
        "embedding": weights.embedding,
        "embedding_bias": weights.embedding_bias,
        "attributes": weights.attributes,
        "attributes_bias": weights.attributes_bias,
    }
    content = save({name: np.ascontiguousarray(t, np.float32) for name, t in tensors.items()})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(content)
    measured = asdict(figures)
    headline = {"top1": measured.pop("top1"), "log_loss": measured.pop("log_loss")}
    fields: dict[str, Any] = {
        "name": "style-probe",
        "version": f"{datetime.now(UTC):%Y.%m.%d.%H%M}",
        "license": licence,
        "file": FILE,
        "sha256": hashlib.sha256(content).hexdigest(),
        "classifier": classifier.sha256,
        "keep": weights.keep,
        "attributes": NAMES,
        "data": data,
        "metrics": headline | measured,
    }
    card = folder / CARD
    card.write_text(as_toml(fields), "utf-8")
    return card
