"""``mapsi train lora``: from a training set to a LoRA that the backend `sdxl` and others load."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from services.generation.lora.curve import CSV, PICTURE
from services.generation.lora.recipe import Recipe
from services.generation.sdxl.settings import SdxlSettings
from shared.devices import usable_device
from shared.errors import UsageError
from shared.settings import Settings, read

_TITLES: Final = {
    "latents": ("latents", "잠재 표현"),
    "captions": ("captions", "설명"),
    "steps": ("training", "학습"),
}


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              required=True, help="What `mapsi data lora` wrote. 학습 자료.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              default=Path("runs/lora"), show_default=True)  # fmt: skip
@click.option("--base", help="SDXL in diffusers' layout: folder or hub's name; default: "
              "MAPSI_GENERATION_SDXL_MODEL. 기본 모델.")  # fmt: skip
@click.option("--title", default="mapsi-lora", show_default=True,
              help="The LoRA's name, for its file. 이름.")  # fmt: skip
@click.option("--license", "licence", default="openrail++", show_default=True,
              help="The LoRA's licence; SDXL's own asks to be passed on. 라이선스.")  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on from --out's newest checkpoint. 이어 하기.")
@click.option("--steps", type=click.IntRange(min=1), default=Recipe.steps, show_default=True)
@click.option("--batch", type=click.IntRange(min=1), default=Recipe.batch, show_default=True)
@click.option("--accumulate", type=click.IntRange(min=1), default=Recipe.accumulate,
              show_default=True, help="Batches that make one step. 그래디언트 누적.")  # fmt: skip
@click.option("--rank", type=click.IntRange(1, 1024), default=Recipe.rank, show_default=True)
@click.option("--alpha", type=click.FloatRange(min=0, min_open=True),
              help="The LoRA counts alpha / rank times; default: rank.")  # fmt: skip
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), default=Recipe.rate,
              show_default=True, help="AdamW's learning rate. 학습률.")  # fmt: skip
@click.option("--text-encoders/--no-text-encoders", default=False,
              help="Train the two text encoders as well. 텍스트 인코더도 학습.")  # fmt: skip
@click.option("--text-rate", type=click.FloatRange(min=0, min_open=True),
              default=Recipe.text_rate, show_default=True)  # fmt: skip
@click.option("--schedule", type=click.Choice(["cosine", "constant"]), default=Recipe.schedule,
              show_default=True)  # fmt: skip
@click.option("--warmup", type=click.IntRange(min=0), default=Recipe.warmup, show_default=True)
@click.option("--optimizer", type=click.Choice(["adamw", "adamw8bit"]), default=Recipe.optimizer,
              show_default=True, help="adamw8bit needs bitsandbytes.")  # fmt: skip
@click.option("--min-snr", type=click.FloatRange(min=0), default=Recipe.min_snr,
              show_default=True, help="0: all steps weigh the same.")  # fmt: skip
@click.option("--caption-dropout", type=click.FloatRange(0, 1), default=Recipe.caption_dropout,
              show_default=True)  # fmt: skip
@click.option("--precision", type=click.Choice(["bf16", "fp16", "no"]), default=Recipe.precision,
              show_default=True)  # fmt: skip
@click.option("--checkpointing/--no-checkpointing", default=True, show_default=True,
              help="Less memory, more time. 그래디언트 체크포인팅.")  # fmt: skip
@click.option("--resolution", type=click.IntRange(64, 2048), default=Recipe.resolution,
              show_default=True)  # fmt: skip
@click.option("--held-out", type=click.FloatRange(0, 0.5), default=Recipe.held_out,
              show_default=True, help="Share that shows over-fitting. 평가용 비율.")  # fmt: skip
@click.option("--sample-every", type=click.IntRange(min=1), default=Recipe.sample_every,
              show_default=True)  # fmt: skip
@click.option("--sample-prompt", "sample_prompts", multiple=True,
              help="What samples show; may be repeated. 견본 프롬프트.")  # fmt: skip
@click.option("--save-every", type=click.IntRange(min=1), default=Recipe.save_every,
              show_default=True)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=Recipe.seed, show_default=True)
@click.option("--device", default=Recipe.device, show_default=True, help="cuda, cuda:1 or cpu.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
def train_lora(
    *, data: Path, out: Path, base: str | None, title: str, licence: str, resume: bool,
    alpha: float | None, lang: str | None, **recipe: Any,
) -> None:  # fmt: skip
    """Train a LoRA for SDXL on captioned photos. SDXL LoRA 학습.

    Writes lora/ (diffusers' form), TITLE.safetensors (kohya's form), loss.csv, loss.png, samples/
    and checkpoints/ into --out. Needs a GPU and the ml extra.
    """
    from services.generation.lora.base import find_base
    from services.generation.lora.running import Run, Showing, train

    language = lang or read(Settings).language
    if not re.fullmatch(r"[\w.-]+", title) or title.startswith("."):
        raise UsageError(
            f"--title {title}: use letters, digits, '.', '_' and '-' only",
            text_ko=f"--title {title}: 글자, 숫자, '.', '_', '-'만 쓸 수 있습니다",
        )
    recipe["resolution"] -= recipe["resolution"] % 32
    settings = read(SdxlSettings)
    asked = Recipe(**recipe, alpha=alpha or float(recipe["rank"]))
    run = Run(data, out, title, licence, asked, resume=resume)
    usable_device(asked.device)  # hashing the base takes a while
    found = find_base(base or settings.sdxl_model, settings)
    with _bars() as bars:
        result = train(run, found, Showing(_begin(bars, language), language))
    ko = language == "ko"
    click.echo(f"{result.diffusers}")
    click.echo(f"{result.kohya}")
    click.echo(f"{out / CSV}, {out / PICTURE}")
    best = result.curve.best()
    if best is not None and result.curve.overfits():
        click.echo(
            f"남겨 둔 사진의 손실은 {best.step}스텝에서 가장 낮았습니다. 그 뒤는 과적합입니다. "
            f"--steps {max(best.step, 1)} 정도로 다시 학습하세요"
            if ko
            else f"the held-out loss was lowest at step {best.step} and rose since: over-fitting; "
            f"train anew with about --steps {max(best.step, 1)}",
            err=True,
        )


def _bars() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )


def _begin(bars: Progress, language: str) -> Callable[[str, int], Callable[[], None]]:
    def begin(title: str, total: int) -> Callable[[], None]:
        task = bars.add_task(_TITLES[title][language == "ko"], total=total)
        return lambda: bars.advance(task)

    return begin
