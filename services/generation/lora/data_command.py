"""``mapsi data lora``: photos into the training set that ``mapsi train lora`` reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from services.generation.lora.candidates import Candidate, Found, in_folder, in_store
from services.generation.lora.choosing import ALLOWED, Rules
from services.generation.lora.dataset import METADATA, REPORT, SHEET, captions_hash, write_dataset
from services.generation.lora.preparing import PICTURES, Making, Studio, names_of, prepare
from services.generation.lora.sheet import draw_sheet
from services.registry import models_in_use, open_eyes
from shared.contracts.vocabulary import SEASONS, STYLES
from shared.errors import UsageError
from shared.faces import open_finder
from shared.imaging import Pixels
from shared.records import open_database, upgrade
from shared.settings import Settings, read
from shared.storage import open_storage


@click.command()
@click.argument("folder", metavar="[DIR]", required=False,
                type=click.Path(exists=True, file_okay=False, path_type=Path))  # fmt: skip
@click.option("--ingested", is_flag=True,
              help="Take this installation's photos instead of DIR. 수집한 사진 사용.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              default=Path("lora-data"), show_default=True,
              help="An empty folder. 결과 폴더.")  # fmt: skip
@click.option("--style", "styles", multiple=True, type=click.Choice(STYLES),
              help="Only looks that are most probably so; may be repeated. 스타일.")  # fmt: skip
@click.option("--season", "seasons", multiple=True, type=click.Choice(SEASONS),
              help="Only photos posted then; may be repeated. 계절.")  # fmt: skip
@click.option("--source", "sources", multiple=True,
              help="Only of these sources, e.g. 'instagram*'; may be repeated. 출처.")  # fmt: skip
@click.option("--licence", help="Of DIR's photos whose manifest.csv says none; `own`: yours. "
              "라이선스.")  # fmt: skip
@click.option("--allow", multiple=True, help="A licence to allow besides the free ones, as a "
              "pattern: 'cc by-sa*'; may be repeated. 더 허용할 라이선스.")  # fmt: skip
@click.option("--faces", type=click.Choice(["keep", "blur", "drop"]), default="blur",
              show_default=True,
              help="blur: hidden, and nothing is learned there. 얼굴.")  # fmt: skip
@click.option("--fashion", type=click.FloatRange(0, 1), default=Rules.fashion, show_default=True,
              help="The classifier's least probability. 패션 확률.")  # fmt: skip
@click.option("--smallest-side", type=click.IntRange(min=32), default=Rules.smallest_side,
              show_default=True, help="Pixels of a photo's shorter side. 최소 변.")  # fmt: skip
@click.option("--blur", type=click.FloatRange(0, 1), default=Rules.blur, show_default=True,
              help="0 is sharp; more than this is left out. 흐림 한계.")  # fmt: skip
@click.option("--near", type=click.IntRange(0, 64), default=Rules.near[0], show_default=True,
              help="Bits of 64 in which near-duplicates may differ. 중복 판정.")  # fmt: skip
@click.option("--resolution", type=click.IntRange(64, 2048), default=1024, show_default=True,
              help="The pictures have about so many pixels squared. 해상도.")  # fmt: skip
@click.option("--tone", type=click.FloatRange(0, 1), default=Making.tone, show_default=True,
              help="How far black and white are drawn apart; 0: not at all. 톤 보정.")  # fmt: skip
@click.option("--person", type=click.Choice(["women", "men", "any"]), default="any",
              show_default=True,
              help="Who wears the looks, for the captions. 입은 사람.")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), help="Pictures at most. 최대 장수.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
def lora(
    *, folder: Path | None, ingested: bool, out: Path, licence: str | None, near: int,
    allow: tuple[str, ...], resolution: int, tone: float, person: Any, limit: int | None,
    lang: str | None, **rules: Any,
) -> None:  # fmt: skip
    """Choose, cut and caption photos for `mapsi train lora`. LoRA 학습 자료 만들기.

    Writes photos/, metadata.jsonl (file_name, text, licence, source), report.json (what was left
    out and why) and sheet.jpg into --out. Captions say what our own models see.
    """
    settings = read(Settings)
    language = lang or settings.language
    if ingested == (folder is not None):
        raise UsageError(
            "name either a folder of photos or --ingested",
            text_ko="사진 폴더 또는 --ingested 가운데 하나를 지정하세요",
        )
    _check_empty(out)
    making = Making(
        Rules(licences=(*ALLOWED, *allow), near=(near, Rules.near[1]), **rules),
        resolution=resolution - resolution % 32, tone=tone, person=person, limit=limit,
    )  # fmt: skip
    candidates = in_folder(folder, licence=licence) if folder else _ingested(settings)
    made = prepare(_shown(candidates, language), out, making, _studio(settings, making))
    report = made.summary(making) | {
        "captions_sha256": captions_hash(made.entries),
        "models": sorted(
            (model.model_dump() for model in models_in_use(settings)["analyzed"]),
            key=lambda model: str(model["name"]),
        ),
    }
    (out / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    for line in names_of(made.left_out, language):
        click.echo(f"{'제외' if language == 'ko' else 'left out'}: {line}", err=True)
    if not made.entries:
        (out / PICTURES).rmdir()
        raise UsageError(
            f"no photo of {len(candidates)} was left to learn from; {out / REPORT} says why",
            text_ko=f"{len(candidates)}장 가운데 쓸 수 있는 사진이 없습니다. "
            f"이유는 {out / REPORT}에 있습니다",
            reason="nothing_left",
        )
    write_dataset(out, made.entries)
    draw_sheet(out, made.entries, out / SHEET)
    _tell(out, len(made.entries), len(candidates), language)


def _tell(out: Path, kept: int, of: int, language: str) -> None:
    click.echo(
        f"{out / METADATA}: {of}장 가운데 {kept}장; {out / SHEET}에서 확인하세요"
        if language == "ko"
        else f"{out / METADATA}: {kept} of {of} photos; look at {out / SHEET}"
    )


def _check_empty(out: Path) -> None:
    # A run that kept nothing left its report: the next one, with other options, may follow.
    if out.exists() and any(path.name != REPORT for path in out.iterdir()):
        raise UsageError(
            f"{out} is not empty; name another folder with --out, or remove it",
            text_ko=f"{out}: 빈 폴더가 아닙니다. --out으로 다른 폴더를 지정하거나 지우세요",
            reason="not_empty",
        )


def _ingested(settings: Settings) -> Sequence[Candidate]:
    upgrade(settings.database)
    with closing(open_database(settings.database)) as database:
        return in_store(database, open_storage(settings))


def _studio(settings: Settings, making: Making) -> Studio:
    """Return who sees; the models are loaded with the first photo that was not analysed yet."""
    opened: list[Any] = []

    def look(pixels: Pixels, name: str) -> Found:
        if not opened:
            opened.append(open_eyes(settings))
        sight = opened[0].see(pixels, path=name)
        return Found(sight.fashion or 0.0, sight.styles, sight.garments)

    return Studio(look, None if making.rules.faces == "keep" else open_finder())


def _shown(candidates: Sequence[Candidate], language: str) -> Iterable[Candidate]:
    """Show how far one is, on a terminal."""
    return track(
        candidates,
        "사진 고르기" if language == "ko" else "choosing photos",
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
