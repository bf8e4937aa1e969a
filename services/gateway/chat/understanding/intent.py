"""What a message is after: a small linear model over its words, the lexicon's cues and the state.

`mapsi train chat` makes the weights from the sentences beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple, Self, cast, get_args

import numpy as np
from numpy.typing import NDArray

from services.gateway.chat.domain import Intent
from services.gateway.chat.understanding.matching import Mention
from services.gateway.chat.understanding.tokens import Token
from services.gateway.chat.understanding.tokens import words as word_set

INTENTS: Final[tuple[Intent, ...]] = get_args(Intent)
WEIGHTS: Final = Path(__file__).parent / "weights" / "intent.npz"
_LENGTHS: Final = (1, 2, 3, 5, 8, 13)
_MOST_WORDS: Final = 60
"""So many words of a message tell its intent; a longer one costs no more."""


class Seen(NamedTuple):
    """A message taken apart; `refused` holds positions in `mentions`."""

    text: str
    tokens: Sequence[Token]
    mentions: Sequence[Mention]
    cues: Sequence[Mention]
    refused: set[int]
    budget: int | None
    asked: str | None
    look_shown: bool


class Classifier(NamedTuple):
    """A linear model: one row of `weights`, float32 (features, intents), for each known feature."""

    rows: dict[str, int]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    @cache
    def shipped(cls) -> Self:
        """Return the model that stands in the repository."""
        with np.load(WEIGHTS, allow_pickle=False) as stored:
            names = stored["features"].tobytes().decode().split("\n")
            weights = stored["weights"].astype(np.float32) * stored["scale"]
            bias = stored["bias"].astype(np.float32)
        return cls({name: row for row, name in enumerate(names)}, weights, bias)

    def save(self, path: Path, *, made_from: str) -> None:
        """Write the model, weights as bytes; `made_from`: the digest of its sentences."""
        scale = np.float32(np.abs(self.weights).max() / 127)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            features=np.frombuffer("\n".join(self.rows).encode(), dtype=np.uint8),
            weights=np.round(self.weights / scale).astype(np.int8),
            scale=scale,
            bias=self.bias,
            made_from=np.frombuffer(made_from.encode(), dtype=np.uint8),
        )

    def intent_of(self, seen: Seen, *, has_period: bool) -> tuple[Intent, float]:
        """Return the likeliest intent and its probability."""
        scores = self.scores(features(seen, has_period=has_period))
        best = int(scores.argmax())
        share = np.exp(scores - scores[best])
        return INTENTS[best], float(1 / share.sum())

    def scores(self, found: Sequence[str]) -> NDArray[np.float32]:
        """Return a score for each intent."""
        known = [row for row in map(self.rows.get, found) if row is not None]
        total = self.weights[known].sum(axis=0)
        return cast("NDArray[np.float32]", self.bias + total / max(len(known), 1) ** 0.5)


def features(seen: Seen, *, has_period: bool) -> list[str]:
    """Return the names of what is true of a message, each once."""
    words = _words(seen)[:_MOST_WORDS]
    found = {f"u:{word}" for word in words}
    edged = ["<s>", *words, "</s>"]
    found.update(f"b:{left} {right}" for left, right in pairwise(edged))
    cues = {mention.value for mention in seen.cues}
    found.update(f"cue:{cue}" for cue in cues)
    slots = {mention.group for mention in seen.mentions if mention.group != "not_meant"}
    if seen.budget is not None:
        slots.add("budget")
    found.update(f"slot:{slot}" for slot in slots)
    found.add(f"slots:{min(len(seen.mentions), 3)}")
    found.add(f"together:{' '.join(sorted(slots))}")
    found.update(_shape(seen, words, slots))
    if has_period:
        found.add("period")
    if not slots and not cues:
        found.add("nothing known")
    found.update(_state(seen, cues, slots, words))
    return list(found)


def _words(seen: Seen) -> list[str]:
    """Return the message's words, each value replaced by its slot: "<color>", "<-item>"."""
    covered: dict[int, str] = {}
    for place, mention in enumerate(seen.mentions):
        if mention.group == "not_meant":
            continue
        sign = "-" if place in seen.refused else ""
        covered[mention.first] = f"<{sign}{'item' if mention.group == 'sleeve' else mention.group}>"
        covered.update(dict.fromkeys(range(mention.first + 1, mention.last + 1), ""))
    words = []
    for position, token in enumerate(seen.tokens):
        word = covered.get(position)
        if word is None:
            word = _word(token)
        if word:
            words.append(word)
    return words


def _word(token: Token) -> str:
    tag = token.tag
    if tag == "SN":
        return "<n>"
    if tag == "SF":
        return "?" if "?" in token.form else ""
    if tag[0] in "SW" and tag != "SL":
        return ""
    return token.form


def _shape(seen: Seen, words: Sequence[str], slots: set[str]) -> list[str]:
    content = [token for token in seen.tokens if token.tag[0] not in "JES" or token.tag == "SL"]
    length = next((bound for bound in _LENGTHS if len(content) <= bound), 99)
    found = [f"length:{length}"]
    if seen.refused:
        found.append("refuses")
    if "?" in seen.text:
        found.append("asks")
    if slots and not any(_is_telling(word) for word in words):
        found.append("only values")
    return found


def _is_telling(word: str) -> bool:
    return word[0] != "<" and word not in _FILLERS


_FILLERS: Final = word_set(
    "이요 요 이 예요 에요 야 이야 로 으로 ᆯ게요 하 은 는 가 을 를 도 나 이나 랑 이랑 와 과 a "
    "the or and it is its for please ? 어 입니다 ᆸ니다 만 정도 쪽 색 룩 스타일 좀 i maybe um "
    "around about"
)


def _state(seen: Seen, cues: set[str], slots: set[str], words: Sequence[str]) -> list[str]:
    found = []
    size = "short" if len(words) <= 4 else "long"
    if seen.look_shown:
        found += ["look", f"look {size}", *(f"look cue:{cue}" for cue in cues)]
    if seen.asked is not None:
        found += ["asked", f"asked {size}"]
        if seen.asked in slots or (seen.asked == "personal_color" and "season" in slots):
            found.append("asked and told")
        if "unsure" in cues or "yes_no" in cues:
            found.append("asked and unsure")
    return found
