"""What a person reads of a style probe, in Korean and English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.style.figures import Figures, Ints, confusion, reliability
from shared.contracts.vocabulary import STYLES, label
from shared.style.attributes import Floats

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "looking": ("Looking at photos", "사진 보는 중"),
    "reading": ("Reading analyses", "분석 결과 읽는 중"),
    "left_out": ("{count} photos left out: {first}", "제외한 사진 {count}장: {first}"),
    "used": (
        "{train} looks to learn from, {test} held out; garments known for {dressed}",
        "학습 {train}장, 평가 {test}장, 옷을 아는 사진 {dressed}장",
    ),
    "top1": (
        "right style: {top1:.1%} of {photos} held-out looks ({either:.1%} where either of two "
        "labels counts); always naming the most frequent style: {prior_top1:.1%}",
        "스타일 적중: 평가 {photos}장의 {top1:.1%} (두 라벨 중 하나면 {either:.1%}), "
        "가장 흔한 스타일만 말하면 {prior_top1:.1%}",
    ),
    "loss": (
        "macro F1 {macro_f1:.3f}, log loss {log_loss:.3f} (prior {prior_log_loss:.3f}), "
        "calibration error {ece:.3f}",
        "매크로 F1 {macro_f1:.3f}, 로그 손실 {log_loss:.3f} (사전 확률 {prior_log_loss:.3f}), "
        "보정 오차 {ece:.3f}",
    ),
    "weak": (
        "It is weak: its probabilities say a little more than the mix of styles does.",
        "약한 모델입니다. 확률이 스타일 비율보다 조금 더 알려 줄 뿐입니다.",
    ),
    "written": (
        "{card}; set MAPSI_STYLE_WEIGHTS={folder} to use it, then mapsi ingest --reanalyze",
        "{card}. 쓰려면 MAPSI_STYLE_WEIGHTS={folder}로 정하고 mapsi ingest --reanalyze",
    ),
    "table": ("labelled (row) as told (column)", "라벨(행)과 답(열)"),
    "told": ("told as probable as", "말한 확률"),
    "so": ("was so", "실제"),
}
_WEAK: Final = 0.25
"""Nats below the prior's log loss from which a probe is not called weak."""


def say(text: str, language: str, **values: object) -> str:
    """Return one of the texts in ``"ko"`` or ``"en"``."""
    english, korean = _TEXTS[text]
    return (korean if language == "ko" else english).format(**values)


def lines(figures: Figures, language: str) -> Iterator[str]:
    """Yield the figures, and plainly where they are weak."""
    values = vars(figures)
    yield say("top1", language, **values)
    yield say("loss", language, **values)
    if figures.prior_log_loss - figures.log_loss < _WEAK:
        yield say("weak", language)


def details(chances: Floats, targets: Floats, language: str) -> Iterator[str]:
    """Yield the confusion of styles and how far the probabilities can be taken at their word."""
    table: Ints = confusion(chances.argmax(axis=1), targets.argmax(axis=1))
    names = [label(style, language) for style in STYLES]
    yield say("table", language)
    for name, row in zip(names, np.asarray(table), strict=True):
        yield f"  {name}: " + ", ".join(
            f"{other} {count}" for other, count in zip(names, row.tolist(), strict=True) if count
        )
    for told, seen, part in reliability(chances, targets):
        yield (
            f"  {say('told', language)} {told:.2f}: {say('so', language)} {seen:.2f} ({part:.0%})"
        )


@contextmanager
def bar(what: str) -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """Show a progress bar on a terminal; yield how to tell it the total, and the steps."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield (
            lambda total: progress.update(task, total=total),
            lambda done: progress.advance(task, done),
        )
