"""`mapsi train chat`: fit the intent model to the sentences in ``sentences/``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from services.gateway.chat.domain import VALUES, Intent
from services.gateway.chat.understanding.intent import INTENTS, Classifier, Seen, features
from services.gateway.chat.understanding.labelled import Labelled
from services.gateway.chat.understanding.lexicon import Lexicon
from services.gateway.chat.understanding.period import periods_in
from services.gateway.chat.understanding.reader import see

SENTENCES: Final = Path(__file__).parent / "sentences"
_STEPS: Final = 80
_DECAY: Final = 0.5
_GIVEN: Final = 2.0
"""What a labelled sentence weighs: others wrote it, as people do who do not know the rules."""
_ASKED: Final = ("style", "occasion", "budget", "gender", "season", "personal_color")
_ANY_DAY: Final = date(2026, 1, 1)


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
    """Return the model for examples with the features `found`: softmax regression, L-BFGS.

    The same examples give the same model. Needs scipy (the extra ``local``).
    """
    from scipy.optimize import minimize

    rows = {name: row for row, name in enumerate(sorted({name for one in found for name in one}))}
    table = _table(found, rows)
    targets = np.array([INTENTS.index(intent) for intent in wanted])
    told = np.eye(len(INTENTS))[targets]
    weight = np.asarray(weights)[:, None]
    shape = (len(rows), len(INTENTS))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        values, bias = flat[: -len(INTENTS)].reshape(shape), flat[-len(INTENTS) :]
        scores = table @ values + bias
        scores -= scores.max(axis=1, keepdims=True)
        share = np.exp(scores)
        share /= share.sum(axis=1, keepdims=True)
        height = -(weight * told * np.log(share + 1e-12)).sum() + _DECAY / 2 * (values**2).sum()
        slope = (share - told) * weight
        falls = table.T @ slope + _DECAY * values
        return float(height), np.concatenate([falls.ravel(), slope.sum(axis=0)])

    start = np.zeros(shape[0] * shape[1] + len(INTENTS))
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    values = best[: -len(INTENTS)].reshape(shape).astype(np.float32)
    return Classifier(rows, values, best[-len(INTENTS) :].astype(np.float32))


def _table(found: Sequence[Sequence[str]], rows: dict[str, int]) -> Any:
    """Return a sparse (examples, features) matrix whose rows have length one."""
    from scipy.sparse import csr_matrix

    numbers = [[rows[name] for name in names] for names in found]
    lengths = np.array([len(one) for one in numbers])
    return csr_matrix(
        (
            np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths),
            np.concatenate([np.array(one, dtype=np.int64) for one in numbers]),
            np.concatenate([[0], np.cumsum(lengths)]),
        ),
        shape=(len(found), len(rows)),
    )


def material(labelled: Sequence[Labelled]) -> list[Example]:
    """Return all that is learned from: the sentences beside this file, and `labelled` ones."""
    given = (Example(one.text, one.intent, one.asked, one.look, _GIVEN) for one in labelled)
    return [*sentences(), *given]


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


def in_other_states(example: Example, seen: Seen, turn: int) -> list[Example]:
    """Return `example` and itself in other states, with what it means there.

    A change or an answer may reach a fresh conversation, where only its text tells; a question
    about trends stays one after a look and after a question of ours; a taste is an answer to a
    question about it, and one that turns something down is, after a look, a change of it.
    """
    intent = example.intent
    if intent in ("refine", "answer"):
        return [example, example._replace(asked=None, look_shown=False, weight=0.5)]
    asked = example._replace(asked=_ASKED[turn % len(_ASKED)], look_shown=False, weight=0.1)
    looking = example._replace(asked=None, look_shown=True, weight=0.15)
    if intent not in ("recommend", "preferences", "personal_color"):
        return [example, asked, looking]
    found = [example, looking]
    if intent == "preferences" and seen.refused:
        found[1] = looking._replace(intent="refine", weight=0.4)
    told = next((mention.group for mention in seen.mentions if mention.group in VALUES), None)
    if intent != "recommend" and told:
        found.append(asked._replace(asked=told, intent="answer", weight=0.3))
    return found


def trained(examples: Sequence[Example], lexicon: Lexicon) -> Classifier:
    """Return the model for `examples` and their other states."""
    every = [
        other
        for turn, example in enumerate(examples)
        for other in in_other_states(example, seen_of(example, lexicon), turn)
    ]
    found = [features_of(example, lexicon) for example in every]
    return fitted(found, [one.intent for one in every], [one.weight for one in every])


def features_of(example: Example, lexicon: Lexicon) -> list[str]:
    """Return what the model sees of `example`."""
    seen = seen_of(example, lexicon)
    period, _ = periods_in(seen.text, _ANY_DAY)
    return features(seen, has_period=period is not None)


def seen_of(example: Example, lexicon: Lexicon) -> Seen:
    """Return the words of `example`."""
    return see(example.text, lexicon, asked=example.asked, look_shown=example.look_shown)
