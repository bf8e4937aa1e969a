"""Prompts of any length with weights, for CLIP's windows of 77 tokens.

The grammar is the usual one: ``(x:1.2)`` weighs x by 1.2, ``(x)`` by 1.1, ``[x]`` by 1/1.1; these
nest, and ``\\(`` is a bracket. What is left open or closed too often is text.

A prompt is cut into windows of 75 tokens between a start and an end, at a comma where one is near;
each window is encoded by itself and their hidden states are put in a row. A short prompt without
weights so gives the very numbers of diffusers' own ``encode_prompt``. A weight moves a token's
state away from that of the empty prompt at the same place, or towards it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    import torch

WINDOW: Final = 75
MOST_WINDOWS: Final = 8
_REACH: Final = 20
"""Tokens of a window that may stay empty so that no phrase is cut."""
_STEP: Final = 1.1
_REMEMBERED: Final = 64
_PIECES: Final = re.compile(r"\\[\\()\[\]]|\(|\[|:\s*([+-]?[\d.]+)\s*\)|\)|\]|[^\\()\[\]:]+|:|\\")


@dataclass(frozen=True)
class Phrase:
    """Words of one weight."""

    text: str
    weight: float


def parse(prompt: str) -> list[Phrase]:
    """Cut a prompt into phrases of one weight each; their texts joined are what is drawn."""
    phrases: list[Phrase] = []
    round_, square = [], []
    for match in _PIECES.finditer(prompt):
        piece, number = match.group(), match.group(1)
        if piece.startswith("\\") and len(piece) == 2:
            phrases.append(Phrase(piece[1], 1.0))
        elif piece == "(":
            round_.append(len(phrases))
        elif piece == "[":
            square.append(len(phrases))
        elif number is not None and round_:
            _weigh(phrases, since=round_.pop(), weight=_number(number))
        elif piece == ")" and round_:
            _weigh(phrases, since=round_.pop(), weight=_STEP)
        elif piece == "]" and square:
            _weigh(phrases, since=square.pop(), weight=1 / _STEP)
        else:
            phrases.append(Phrase(piece, 1.0))
    return _merged(phrases)


def _number(text: str) -> float:
    try:
        return max(0.0, min(2.0, float(text)))
    except ValueError:  # 1.2.3
        return 1.0


def _weigh(phrases: list[Phrase], *, since: int, weight: float) -> None:
    for at in range(since, len(phrases)):
        phrases[at] = Phrase(phrases[at].text, phrases[at].weight * weight)


def _merged(phrases: Sequence[Phrase]) -> list[Phrase]:
    merged: list[Phrase] = []
    for phrase in phrases:
        if merged and merged[-1].weight == phrase.weight:
            merged[-1] = Phrase(merged[-1].text + phrase.text, phrase.weight)
        else:
            merged.append(phrase)
    return merged


Token = tuple[int, float]
"""Its number in the vocabulary and its weight."""


class Tokenizer(Protocol):
    """What is needed of a CLIPTokenizer."""

    bos_token_id: int
    eos_token_id: int
    pad_token_id: int

    def __call__(self, text: str, *, add_special_tokens: bool, verbose: bool) -> Any: ...

    def convert_tokens_to_ids(self, tokens: str) -> int: ...


def tokens_of(prompt: str, tokenizer: Tokenizer) -> list[Token]:
    """Return the tokens of a prompt without start and end."""
    return [
        (token, phrase.weight)
        for phrase in parse(prompt)
        for token in tokenizer(phrase.text, add_special_tokens=False, verbose=False)["input_ids"]
    ]


def windows_of(tokens: Sequence[Token], *, comma: int) -> list[list[Token]]:
    """Cut tokens into windows, one at least, behind a comma where one is near the end."""
    windows: list[list[Token]] = []
    rest = list(tokens)
    while len(rest) > WINDOW:
        near = range(WINDOW, WINDOW - _REACH, -1)
        cut = next((at for at in near if rest[at - 1][0] == comma), WINDOW)
        windows.append(rest[:cut])
        rest = rest[cut:]
    return [*windows, rest]


@dataclass(frozen=True)
class Count:
    """Tokens of a prompt, start and end not counted."""

    tokens: int
    dropped: int
    windows: int


@dataclass(frozen=True, eq=False)
class Encoded:
    """A prompt as the UNet reads it."""

    states: torch.Tensor
    """(1, 77 x windows, width): the encoders' last but one hidden states, side by side."""
    pooled: torch.Tensor
    """(1, projection): the second encoder's sum of the first window."""
    count: Count


class Encoders:
    """Tokenizers with their text encoders; the last one gives the pooled state."""

    def __init__(self, *pairs: tuple[Tokenizer, Any]) -> None:
        """Encode with ``pairs`` of tokenizer and text encoder."""
        self._pairs = pairs
        self._known: OrderedDict[tuple[str, int], Encoded] = OrderedDict()

    def encode(self, prompt: str, *, windows: int = 1) -> Encoded:
        """Encode ``prompt`` into ``windows`` windows or as many more as it needs.

        Windows that it does not need are those of an empty prompt. More than eight are dropped,
        and counted. The last prompts are remembered: negative ones hardly ever change.
        """
        if (prompt, windows) not in self._known:
            self._known[prompt, windows] = self._encode(prompt, windows)
        self._known.move_to_end((prompt, windows))
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self._known[prompt, windows]

    def forget(self) -> None:
        """Encode anew from here on: the encoders have changed."""
        self._known.clear()

    def _encode(self, prompt: str, windows: int) -> Encoded:
        import torch

        cut = [_cut(prompt, tokenizer) for tokenizer, _ in self._pairs]
        needed = max(windows, *(min(len(parts), MOST_WINDOWS) for parts in cut))
        both = [
            _encode(parts[:needed] + [[]] * (needed - len(parts)), *pair)
            for pair, parts in zip(self._pairs, cut, strict=True)
        ]
        states = torch.cat([state for state, _ in both], dim=-1)
        tokens = max(sum(map(len, parts)) for parts in cut)
        dropped = max(sum(map(len, parts[needed:])) for parts in cut)
        return Encoded(states, both[-1][1], Count(tokens, dropped, needed))

    def nothing_like(self, encoded: Encoded) -> Encoded:
        """Return zeros, which the base model takes for the empty negative prompt."""
        import torch

        count = Count(0, 0, encoded.count.windows)
        return Encoded(torch.zeros_like(encoded.states), torch.zeros_like(encoded.pooled), count)


def _cut(prompt: str, tokenizer: Tokenizer) -> list[list[Token]]:
    return windows_of(tokens_of(prompt, tokenizer), comma=tokenizer.convert_tokens_to_ids(",</w>"))


def _encode(
    windows: Sequence[Sequence[Token]], tokenizer: Tokenizer, encoder: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the hidden states of all windows in a row, and what the encoder gives first."""
    import torch

    rows = [_row([token for token, _ in window], tokenizer) for window in windows]
    # One window after the other: the numbers of a window must not depend on the others.
    outs = [encoder(row.to(encoder.device), output_hidden_states=True) for row in rows]
    states = [out.hidden_states[-2] for out in outs]
    if any(weight != 1.0 for window in windows for _, weight in window):
        empty = _row([], tokenizer).to(encoder.device)
        base = encoder(empty, output_hidden_states=True).hidden_states[-2]
        states = [
            _weighted(state, base, window) for state, window in zip(states, windows, strict=True)
        ]
    return torch.cat(states, dim=1), outs[0][0]


def _row(tokens: Sequence[int], tokenizer: Tokenizer) -> torch.Tensor:
    import torch

    row = [tokenizer.bos_token_id, *tokens, tokenizer.eos_token_id]
    return torch.tensor([row + [tokenizer.pad_token_id] * (WINDOW + 2 - len(row))])


def _weighted(state: torch.Tensor, base: torch.Tensor, window: Sequence[Token]) -> torch.Tensor:
    import torch

    weights = torch.ones(WINDOW + 2, device=state.device)
    weights[1 : len(window) + 1] = torch.tensor([weight for _, weight in window])
    return torch.lerp(base.float(), state.float(), weights[None, :, None]).to(state.dtype)
