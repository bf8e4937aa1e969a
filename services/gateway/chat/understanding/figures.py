"""How well sentences are understood: intents, slots, languages, confusions. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from services.gateway.chat.domain import Understood
from services.gateway.chat.understanding.labelled import Labelled, pairs_of
from services.gateway.chat.understanding.reader import Reader

TODAY: Final = date(2026, 11, 22)
"""The day on which the sentences' "this spring" is read; their figures do not hang on the date."""


@dataclass
class Tally:
    """Found and wanted (slot, value) pairs."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, wanted: set[Any], found: set[Any]) -> None:
        """Count one sentence."""
        self.right += len(wanted & found)
        self.wrong += len(found - wanted)
        self.missed += len(wanted - found)

    def figures(self) -> dict[str, float]:
        """Return precision, recall, F1 (1.0 where nothing was to be found) and the count."""
        precision = self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0
        recall = self.right / (self.right + self.missed) if self.right + self.missed else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return {"precision": precision, "recall": recall, "f1": f1, "n": self.right + self.missed}


@dataclass
class Figures:
    """What was measured on a set of sentences."""

    sentences: int = 0
    intents_right: int = 0
    language_right: int = 0
    by_language: dict[str, list[int]] = field(default_factory=dict)
    slots: Tally = field(default_factory=Tally)
    by_slot: dict[str, Tally] = field(default_factory=dict)
    by_slot_language: dict[str, Tally] = field(default_factory=dict)
    periods: Tally = field(default_factory=Tally)
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[Labelled, Understood]] = field(default_factory=list)

    def add(self, labelled: Labelled, understood: Understood) -> None:
        """Count one sentence."""
        wanted, found = labelled.pairs(), pairs_of(understood.slots.wire())
        is_right = labelled.intent == understood.intent
        self.sentences += 1
        self.intents_right += is_right
        self.language_right += labelled.language == understood.language
        self.by_language.setdefault(labelled.language, []).append(is_right)
        self.slots.add(wanted, found)
        self.by_slot_language.setdefault(labelled.language, Tally()).add(wanted, found)
        for slot in {slot for slot, _ in wanted | found}:
            tally = self.by_slot.setdefault(slot, Tally())
            tally.add({p for p in wanted if p[0] == slot}, {p for p in found if p[0] == slot})
        named = {understood.period, understood.compared_with} - {None}
        self.periods.add(labelled.periods(TODAY), named if labelled.period else set())
        if not is_right:
            self.confusion[labelled.intent, understood.intent] += 1
        if not is_right or wanted != found:
            self.wrong.append((labelled, understood))

    def summary(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return {
            "sentences": self.sentences,
            "intent_accuracy": self.intents_right / self.sentences,
            "intent_accuracy_by_language": {
                name: sum(right) / len(right) for name, right in sorted(self.by_language.items())
            },
            "language_accuracy": self.language_right / self.sentences,
            "slots": self.slots.figures(),
            "slots_by_language": {
                name: tally.figures() for name, tally in sorted(self.by_slot_language.items())
            },
            "by_slot": {name: tally.figures() for name, tally in sorted(self.by_slot.items())},
            "period_recall": self.periods.figures()["recall"],
            "confusion": [
                {"wanted": wanted, "got": got, "n": count}
                for (wanted, got), count in self.confusion.most_common()
            ],
        }


def measured(reader: Reader, sentences: Sequence[Labelled], *, fresh: bool = False) -> Figures:
    """Return how well `reader` understands `sentences`; `fresh`: as first messages, stateless."""
    figures = Figures()
    for labelled in sentences:
        understood = reader.understand(
            labelled.text,
            asked=None if fresh else labelled.asked,
            look_shown=labelled.look and not fresh,
            today=TODAY,
            language=labelled.language,
        )
        figures.add(labelled, understood)
    return figures
