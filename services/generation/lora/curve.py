"""The loss of a run: a CSV that grows with it, and a picture."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CSV: Final = "loss.csv"
PICTURE: Final = "loss.png"
_COLUMNS: Final = ("step", "loss", "rate", "seen", "held_out")
_WORDS: Final = {
    "en": ("training loss", "its moving mean", "pictures learned from", "pictures held out",
           "lowest held-out loss", "step", "loss"),
    "ko": ("학습 손실", "이동 평균", "학습한 사진", "남겨 둔 사진", "남겨 둔 사진의 최저 손실",
           "스텝", "손실"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One step: ``seen`` and ``held_out`` are measured with the same noise each time."""

    step: int
    loss: float | None = None
    rate: float | None = None
    seen: float | None = None
    held_out: float | None = None


@dataclass
class Curve:
    """The rows of a run so far."""

    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Append a step."""
        self.rows.append(row)

    def measured(self) -> list[Row]:
        """Return the steps at which held-out pictures were measured."""
        return [row for row in self.rows if row.held_out is not None]

    def best(self) -> Row | None:
        """Return the step whose held-out loss is the lowest."""
        return min(self.measured(), key=lambda row: row.held_out or 0.0, default=None)

    def overfits(self, *, by: float = 0.01) -> bool:
        """Tell whether the held-out loss ended more than ``by`` of itself above its lowest."""
        best = self.best()
        if best is None or best.held_out is None:
            return False
        last = self.measured()[-1].held_out
        return last is not None and last > best.held_out * (1 + by)

    def write(self, folder: Path) -> None:
        """Write loss.csv."""
        with (folder / CSV).open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(_COLUMNS)
            # repr: a resumed run reads the very numbers.
            rows.writerows(
                ["" if value is None else repr(value) for value in vars(row).values()]
                for row in self.rows
            )


def read_curve(folder: Path, *, until: int) -> Curve:
    """Return the rows up to a step of a run that is resumed."""
    path = folder / CSV
    if not path.exists():
        return Curve()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [_row(line) for line in csv.DictReader(file)]
    return Curve([row for row in rows if row.step <= until])


def _row(line: Mapping[str, str]) -> Row:
    values = (float(line[name]) if line[name] else None for name in _COLUMNS[1:])
    return Row(int(line["step"]), *values)


def draw_curve(curve: Curve, file: Path, *, language: str) -> None:
    """Draw the loss as a PNG; needs matplotlib."""
    from importlib.resources import files

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    words = _WORDS[language]
    face = FontProperties(fname=str(files("shared.fonts") / "Pretendard-Regular.otf"))
    figure = Figure(figsize=(9, 4.5), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    steps = [row.step for row in curve.rows if row.loss is not None]
    losses = [row.loss for row in curve.rows if row.loss is not None]
    axes.plot(steps, losses, color="#c8ccd4", linewidth=0.8, label=words[0])
    axes.plot(steps, _smooth(losses), color="#5b6472", linewidth=1.6, label=words[1])
    measured = curve.measured()
    at = [row.step for row in measured]
    axes.plot(at, [row.seen for row in measured], "o-", color="#2f6fdb", label=words[2])
    axes.plot(at, [row.held_out for row in measured], "s-", color="#d9482b", label=words[3])
    best = curve.best()
    if best is not None:
        axes.axvline(best.step, color="#d9482b", linestyle=":", label=f"{words[4]}: {best.step}")
    axes.set_xlabel(words[5], fontproperties=face)
    axes.set_ylabel(words[6], fontproperties=face)
    axes.grid(alpha=0.25)
    axes.legend(prop=face, frameon=False)
    figure.savefig(file)


def _smooth(values: Sequence[float], *, keep: float = 0.95) -> list[float]:
    """Return the exponential moving mean, unbiased at its beginning."""
    means, mean, weight = [], 0.0, 0.0
    for value in values:
        mean, weight = keep * mean + (1 - keep) * value, keep * weight + 1 - keep
        means.append(mean / weight)
    return means
