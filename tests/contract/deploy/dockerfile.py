"""A Dockerfile as the tests read it: its stages, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    """One ``FROM``: what it builds on, and its instructions."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        """Return the arguments of each instruction of this kind."""
        return [arguments for found, arguments in self.instructions if found == word]


def read_stages(path: Path) -> dict[str, Stage]:
    """Return the stages by name."""
    text = re.sub(r"\\\n\s*", "", path.read_text())
    stages: dict[str, Stage] = {}
    for line in text.splitlines():
        word, _, arguments = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = arguments.partition(" AS ")
            stages[name] = stage = Stage(name, base)
        elif stages and word and word != "#":
            stage.instructions.append((word, arguments))
    return stages


def inherited(stages: dict[str, Stage], name: str, word: str) -> list[str]:
    """Return the instructions of this kind in a stage and in those it builds on, base first."""
    stage = stages.get(name)
    if stage is None:
        return []
    return [*inherited(stages, stage.base, word), *stage.all(word)]
