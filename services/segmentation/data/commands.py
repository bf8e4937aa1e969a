"""``mapsi data``: data sets of others into what training and evaluation read."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from services.segmentation.data.report import Report
from services.segmentation.data.splits import Split
from shared.errors import UsageError
from shared.settings import Settings, read

Folder = click.Path(exists=True, file_okay=False, path_type=Path)
File = click.Path(exists=True, dir_okay=False, path_type=Path)
out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("coco"),
    show_default=True,
    help="Folder for the COCO files, for `mapsi train segmenter --data`. 결과 폴더.",
)
lang_option = click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")


@click.command()
@click.argument("folder", metavar="DIR", type=Folder)
@out_option
@lang_option
def deepfashion2(folder: Path, *, out: Path, lang: str | None) -> None:
    """Convert DeepFashion2 as it was unpacked into DIR. DeepFashion2 변환.

    Its training photos become `train` and 2 % of them `val`, its validation photos `test`. The
    photos stay where they are. What is unusable is left out and counted.
    """
    from services.segmentation.data.deepfashion2 import convert_deepfashion2

    _tell(convert_deepfashion2(folder, out, progress=_shown(lang)), lang)


@click.command()
@click.argument("folder", metavar="DIR", type=Folder)
@out_option
@lang_option
def ccp(folder: Path, *, out: Path, lang: str | None) -> None:
    """Convert Clothing Co-Parsing's label maps in DIR. Clothing Co-Parsing 변환.

    DIR is its repository (photos/, annotations/pixel-level/*.mat, label_list.mat), or photos/,
    masks/*.png and labels.json.
    """
    from services.segmentation.data.coco import convert_street

    out.mkdir(parents=True, exist_ok=True)
    _tell(convert_street(folder, out, progress=_shown(lang)), lang)


@click.command()
@click.argument("folder", metavar="DIR", type=Folder)
@click.option("--saliency-model", type=File, required=True,
              help="U²-Net as ONNX: it makes the masks. 마스크를 만들 U²-Net.")  # fmt: skip
@click.option("--processes", type=click.IntRange(1, 256), default=1, show_default=True,
              help="Cores for the saliency maps. 사용할 코어 수.")  # fmt: skip
@click.option("--sheet", is_flag=True,
              help="Draw OUT/garments.png to check masks by eye. 확인용 그림.")  # fmt: skip
@out_option
@lang_option
def garments(
    folder: Path, *, saliency_model: Path, processes: int, sheet: bool, out: Path, lang: str | None
) -> None:
    """Make masks for photos of single garments (DIR/photos, DIR/garments.csv). 단일 옷 사진 변환.

    Pictures where the saliency model is not sure are left out. The maps are kept in
    OUT/saliency: an interrupted run goes on, and several may fill one folder.
    """
    from services.segmentation.data.coco import convert_garments

    report = convert_garments(
        folder,
        out,
        saliency_model=saliency_model,
        processes=processes,
        progress=_shown(lang),
    )
    _tell(report, lang)
    if sheet:
        from services.segmentation.data.garment_sheet import draw_garment_sheet

        click.echo(draw_garment_sheet(folder, out, language=_language(lang)))


@click.command()
@click.argument("folder", metavar="DIR", type=Folder)
@out_option
@lang_option
def tagged(folder: Path, *, out: Path, lang: str | None) -> None:
    """Label DIR's photos that have tags but no masks with today's segmenter. 태그 사진 변환.

    DIR holds photos/ and tags.json. A photo counts where every garment that its tags name was
    found: train on them too and the segmenter has seen twice the street.
    """
    from services.segmentation.data.tagged import convert_tagged
    from services.segmentation.metadata import read_metadata
    from services.segmentation.model import OnnxSegmenter
    from services.segmentation.settings import SegmentationSettings

    settings = read(SegmentationSettings)
    segmenter = OnnxSegmenter(read_metadata(settings.weights), settings)
    _tell(convert_tagged(folder, out, segmenter, progress=_shown(lang)), lang)


@click.command()
@click.argument("folder", metavar="DIR", type=Folder)
@click.option("--split", type=click.Choice(["train", "val", "test"]), default="val",
              show_default=True)  # fmt: skip
@out_option
@lang_option
def scenes(folder: Path, *, split: Split, out: Path, lang: str | None) -> None:
    """Make scenes of several people of what `mapsi data ccp` wrote into DIR. 여러 사람 장면.

    To measure on: training pastes people by itself.
    """
    from services.segmentation.data.scenes import make_scenes

    if not (folder / f"street-{split}.json").exists():
        raise UsageError(
            f"{folder}: no street-{split}.json; make it with `mapsi data ccp`",
            text_ko=f"{folder}: street-{split}.json이 없습니다. `mapsi data ccp`로 만드세요",
        )
    _tell(make_scenes(folder, out, split=split, progress=_shown(lang)), lang)


def _language(lang: str | None) -> str:
    return lang or read(Settings).language


def _shown(lang: str | None) -> Any:
    """Return a progress that is drawn on a terminal."""
    text = "변환" if _language(lang) == "ko" else "converting"

    def progress(things: Iterable[Any], total: int) -> Iterable[Any]:
        console = Console(stderr=True)
        hidden = not sys.stderr.isatty()
        return track(things, text, total=total, console=console, disable=hidden)

    return progress


def _tell(report: Report, lang: str | None) -> None:
    language = _language(lang)
    if not report.photos:
        raise UsageError(
            f"nothing was usable: {report.left_out('en') or 'no photo with a label was found'}",
            text_ko=f"쓸 수 있는 것이 없습니다: {report.left_out('ko') or '라벨이 있는 사진 없음'}",
        )
    click.echo(report.written(language))
    left_out = report.left_out(language)
    if left_out:
        click.echo(f"{'제외' if language == 'ko' else 'left out'}: {left_out}")
