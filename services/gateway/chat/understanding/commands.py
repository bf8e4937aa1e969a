"""``mapsi train chat`` and ``mapsi evaluate chat``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from services.gateway.chat.understanding.figures import Figures, measured
from services.gateway.chat.understanding.intent import WEIGHTS
from services.gateway.chat.understanding.labelled import read_labelled
from services.gateway.chat.understanding.lexicon import load
from services.gateway.chat.understanding.reader import Reader
from services.gateway.chat.understanding.training import digest, material, trained
from shared.errors import UsageError

TEST: Final = Path("tests/data/chat/test.jsonl")
TUNE: Final = Path("tests/data/chat/tune.jsonl")
_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--data", type=_FILE, multiple=True, default=[TUNE], show_default=True,
              help="Labelled sentences (JSON lines), learned too. 추가 문장.")  # fmt: skip
@click.option("--out", type=_FILE, default=WEIGHTS, help="Where the weights go. 가중치 파일.")
def train_chat(data: tuple[Path, ...], out: Path) -> None:
    """Fit the chat's intents to its sentences: ten seconds, numpy alone. 대화 의도 학습."""
    examples = material(read_labelled(_there(data)))
    model = trained(examples, load())
    model.save(out, made_from=digest(examples))
    click.echo(f"{out}: {len(model.rows)} features from {len(examples)} sentences")


@click.command()
@click.option("--data", type=_FILE, multiple=True, default=[TEST], show_default=True,
              help="Labelled sentences, JSON lines. 라벨이 있는 문장.")  # fmt: skip
@click.option("--fresh", is_flag=True,
              help="Each as a first message, without a state. 첫 메시지로.")  # fmt: skip
@click.option("--wrong", is_flag=True, help="List the sentences got wrong. 틀린 문장 보기.")
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON. JSON으로 출력.")
def evaluate_chat(data: tuple[Path, ...], *, fresh: bool, wrong: bool, as_json: bool) -> None:
    """Measure how well the chat understands labelled sentences. 대화 이해 평가."""
    figures = measured(Reader(), read_labelled(_there(data)), fresh=fresh)
    summary = figures.summary()
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False, indent=2))
        return
    for line in _lines(summary):
        click.echo(line)
    if wrong:
        _tell_wrong(figures)


def _there(files: tuple[Path, ...]) -> tuple[Path, ...]:
    for file in files:
        if not file.is_file():
            raise UsageError(
                f"{file}: no such file; the sentences are in the repository's tests/data/chat",
                text_ko=f"{file}: 파일이 없습니다. 문장은 저장소의 tests/data/chat에 있습니다",
                reason="no_sentences",
            )
    return files


def _lines(summary: dict[str, Any]) -> list[str]:
    lines = [
        f"sentences        {summary['sentences']}",
        f"intent accuracy  {summary['intent_accuracy']:.3f}  "
        + "  ".join(f"{k} {v:.3f}" for k, v in summary["intent_accuracy_by_language"].items()),
        f"slots            {_row(summary['slots'])}",
    ]
    for name, figures in {**summary["slots_by_language"], **summary["by_slot"]}.items():
        lines.append(f"  {name:14} {_row(figures)}")
    lines.append(f"language         {summary['language_accuracy']:.3f}")
    lines.append(f"period recall    {summary['period_recall']:.3f}")
    for mix_up in summary["confusion"]:
        lines.append(f"  {mix_up['n']:3}  {mix_up['wanted']} read as {mix_up['got']}")
    return lines


def _row(figures: dict[str, float]) -> str:
    return (
        f"F1 {figures['f1']:.3f}  precision {figures['precision']:.3f}  "
        f"recall {figures['recall']:.3f}  n {figures['n']:.0f}"
    )


def _tell_wrong(figures: Figures) -> None:
    for labelled, understood in figures.wrong:
        click.echo(f"{labelled.id} {labelled.text}")
        click.echo(f"    wanted {labelled.intent} {labelled.slots}")
        click.echo(f"    got    {understood.intent} {understood.slots.wire()}")
