"""`mapsi train chat`: fit the intent model to the sentences in ``sentences/``."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from datetime import date
from typing import Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from services.gateway.chat.domain import Intent
from services.gateway.chat.understanding.intent import INTENTS, Classifier, features
from services.gateway.chat.understanding.lexicon import Lexicon
from services.gateway.chat.understanding.period import periods_in
from services.gateway.chat.understanding.reader import see

SENTENCES: Final = Path(__file__).parent / "sentences"
_EPOCHS: Final = 30
_RATE: Final = 0.25
_DECAY: Final = 2e-5
_SEED: Final = 7
_ASKED: Final = ("style", "occasion", "budget", "gender", "season", "personal_color")
_ANY_DAY: Final = date(2026, 1, 1)
_TOLD_OFTEN: Final = 2
"""A feature that fewer sentences have is left out."""


class Example(NamedTuple):
    """One sentence in one state, and its intent."""

    text: str
    intent: Intent
    asked: str | None = None
    look_shown: bool = False
    weight: float = 1.0


def fitted(
    found: Sequence[Sequence[str]], wanted: Sequence[Intent], weights: Sequence[float]
) -> Classifier:
    """Return the model for examples with the features `found` (AdaGrad, softmax, averaged).

    The same examples give the same model.
    """
    counts = Counter(name for names in found for name in names)
    rows = {
        name: row
        for row, name in enumerate(
            sorted(name for name, count in counts.items() if count >= _TOLD_OFTEN)
        )
    }
    known = [np.array([rows[name] for name in names if name in rows]) for names in found]
    targets = np.array([INTENTS.index(intent) for intent in wanted])
    table = np.zeros((len(rows), len(INTENTS)), dtype=np.float32)
    bias = np.zeros(len(INTENTS), dtype=np.float32)
    squares = np.full_like(table, 1e-6)
    total, steps = np.zeros_like(table), 0
    order = np.random.default_rng(_SEED)
    for epoch in range(_EPOCHS):
        for index in order.permutation(len(known)):
            _step(table, bias, squares, known[index], int(targets[index]), weights[index])
        if epoch >= _EPOCHS // 2:
            total += table
            steps += 1
    return Classifier(rows, total / steps, bias)


def _step(
    table: NDArray[np.float32],
    bias: NDArray[np.float32],
    squares: NDArray[np.float32],
    rows: NDArray[np.int64],
    target: int,
    weight: float,
) -> None:
    scores = bias + table[rows].sum(axis=0)
    share = np.exp(scores - scores.max())
    share /= share.sum()
    share[target] -= 1
    slope = (share * weight).astype(np.float32)
    squares[rows] += slope**2
    table[rows] -= _RATE * (
        slope / np.sqrt(squares[rows]) * _scale(len(rows)) + _DECAY * table[rows]
    )
    bias -= 0.01 * slope


def _scale(count: int) -> float:
    """Return the step for one of `count` features that move together."""
    return 1 / max(count, 1) ** 0.5


def digest(examples: Sequence[Example]) -> str:
    """Return the sha256 of the sentences, by which the weights say what they were made from."""
    return hashlib.sha256(repr(list(examples)).encode()).hexdigest()


def sentences(folder: Path = SENTENCES) -> list[Example]:
    """Return the training sentences, each in its own state and, where it tells enough, in others.

    A line is a sentence under an ``[intent]`` heading; ``asked=style| `` or ``look| `` before it
    says what had just been asked or shown.
    """
    found: list[Example] = []
    for file in sorted(folder.glob("*.txt")):
        intent: Intent = "help"
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("[") and line.endswith("]") and line[1:-1] in INTENTS:
                intent = cast("Intent", line[1:-1])
            elif line.strip():
                found.append(_example(line, intent))
    return found


def _example(line: str, intent: Intent) -> Example:
    state, bar, text = line.partition("| ")
    if bar and state == "look":
        return Example(text, intent, look_shown=True)
    if bar and state.startswith("asked="):
        return Example(text, intent, asked=state.removeprefix("asked="))
    return Example(line, intent)


def in_other_states(example: Example, turn: int) -> list[Example]:
    """Return `example` and itself in the states in which it means the same.

    A change or an answer may reach a fresh conversation, where only its text tells; a question
    about trends stays one after a look and after a question of ours.
    """
    found = [example]
    if example.intent in ("refine", "answer"):
        found.append(example._replace(asked=None, look_shown=False, weight=0.5))
    else:
        asked = _ASKED[turn % len(_ASKED)]
        if example.intent not in ("preferences", "recommend"):
            found.append(example._replace(asked=asked, look_shown=False, weight=0.3))
        else:
            found.append(example._replace(asked=asked, look_shown=False, weight=0.1))
        if example.intent != "recommend":
            found.append(example._replace(asked=None, look_shown=True, weight=0.5))
        else:
            found.append(example._replace(asked=None, look_shown=True, weight=0.1))
    return found


def trained(examples: Sequence[Example], lexicon: Lexicon) -> Classifier:
    """Return the model for `examples` and their other states."""
    every = [
        other for turn, example in enumerate(examples) for other in in_other_states(example, turn)
    ]
    found = []
    for example in every:
        seen = see(example.text, lexicon, asked=example.asked, look_shown=example.look_shown)
        period, _ = periods_in(seen.text, _ANY_DAY)
        found.append(features(seen, has_period=period is not None))
    return fitted(found, [one.intent for one in every], [one.weight for one in every])
