"""``mapsi analyze``: what is seen in photos at hand, without a server."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from PIL import Image
from pydantic import BaseModel
from rich.console import Console
from rich.progress import track

from services.classification.model import Classifier, open_classifier
from services.classification.settings import ClassificationSettings
from services.color.naming import Namer, open_namer
from services.color.settings import ColorSettings
from services.segmentation.model import Segmenter, open_segmenter
from services.segmentation.settings import SegmentationSettings
from shared.contracts.garments import Garment
from shared.contracts.vocabulary import label
from shared.errors import MapsiError, UsageError
from shared.imaging import Pixels, decode
from shared.masks import decode_mask
from shared.overlay import draw_overlay
from shared.photo_checks import MAX_BYTES
from shared.settings import Settings, read
from shared.style.probe import Probe, open_probe


class Line(BaseModel):
    """What is printed of one photo; box and mask in pixels of the EXIF-upright photo."""

    path: str
    width: int | None = None
    height: int | None = None
    fashion: float | None = None
    styles: dict[str, float] = {}
    garments: tuple[Garment, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class Examined:
    """What a review wants to know of one picture."""

    garments: tuple[Garment, ...]
    alternatives: tuple[Garment, ...]
    """Each mask as whatever it may be: see ``services/segmentation/finding.py``."""
    fashion: float


@dataclass(frozen=True)
class Eyes:
    """The models, loaded once."""

    classifier: Classifier
    segmenter: Segmenter
    namer: Namer
    probe: Probe

    def see(self, pixels: Pixels, *, path: str) -> Line:
        """Classify, segment and name the colours of one photo.

        Garments are looked for whatever the classifier says; the pipeline would stop at a
        photo that is not fashion.
        """
        seen = self.classifier.predict([pixels])[0]
        found = self.segmenter.predict([pixels])[0]
        garments = tuple(self.namer.name(pixels, garment) for garment in found)
        styles = self.probe.of_embedding(seen.embedding, classifier=self.classifier.reference)
        return Line(
            path=path,
            width=pixels.shape[1],
            height=pixels.shape[0],
            fashion=seen.fashion,
            styles=self.probe.refine(styles, garments, (self.probe.reference,)),
            garments=garments,
        )

    def examine(self, pixels: Pixels, *, path: str) -> Examined:
        """Look at one picture with all doubts; colours and patterns are named for each mask."""
        fashion = self.classifier.predict([pixels])[0].fashion
        found, every = self.segmenter.examine(pixels)
        cloth: dict[str, Garment] = {}
        for garment in (*found, *every):
            if garment.mask.counts not in cloth:
                cloth[garment.mask.counts] = self.namer.name(pixels, garment)

        def named(garment: Garment) -> Garment:
            same = cloth[garment.mask.counts]
            return same.model_copy(update={"category": garment.category, "score": garment.score})

        return Examined(tuple(map(named, found)), tuple(map(named, every)), fashion)


@click.command()
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=Path)
@click.option("--json", "wants_json", is_flag=True, help="One JSON object a line. JSON으로 출력.")
@click.option("--masks", type=Path, help="Folder for a PNG mask of every garment. 마스크 폴더.")
@click.option("--overlay", type=Path, help="Folder for photos with garments drawn. 그림 폴더.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")
def analyze(
    *, paths: tuple[Path, ...], wants_json: bool, masks: Path | None, overlay: Path | None,
    lang: str | None,
) -> None:  # fmt: skip
    """Say what garments and colours are in photos; folders are walked. 사진 속 옷과 색 보기.

    A photo that cannot be read is told in its own line; the others go on.
    """
    settings = read(Settings)
    language = lang or settings.language
    files = list(_files(paths))
    if not files:
        raise UsageError(
            f"no file in {', '.join(map(str, paths))}; name a photo or a folder of photos",
            text_ko=f"파일이 없습니다: {', '.join(map(str, paths))}. 사진이나 폴더를 지정하세요",
        )
    for folder in filter(None, (masks, overlay)):
        folder.mkdir(parents=True, exist_ok=True)
    eyes = open_eyes(settings)
    failed = 0
    names = _output_names(files)
    progress = track(
        files,
        description="사진 분석" if language == "ko" else "analysing",
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    )
    for path in progress:
        line = _line(path, eyes, masks=masks, overlay=overlay, name=names[path], language=language)
        failed += line.error is not None
        click.echo(_json(line) if wants_json else _text(line, language))
        if line.error is not None and wants_json:
            click.echo(f"mapsi: {line.error}", err=True)
    sys.exit(1 if failed == len(files) else 0)


def open_eyes(settings: Settings) -> Eyes:
    """Return every model that ``mapsi analyze`` looks with; none is loaded before it is needed."""
    return Eyes(
        open_classifier(read(ClassificationSettings)),
        open_segmenter(read(SegmentationSettings)),
        open_namer(read(ColorSettings)),
        open_probe(settings.style_weights),
    )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield every file once, folders walked in order; hidden files are left out."""
    for path in dict.fromkeys(paths):
        if path.is_dir():
            found = (file for file in sorted(path.rglob("*")) if file.is_file())
            yield from (
                file
                for file in found
                if not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
        else:
            yield path


def _output_names(files: Sequence[Path]) -> dict[Path, str]:
    """Return a name for the outputs of each file: its stem, made unique where two are alike."""
    taken: Counter[str] = Counter()
    names = {}
    for file in files:
        taken[file.stem] += 1
        names[file] = file.stem if taken[file.stem] == 1 else f"{file.stem}-{taken[file.stem]}"
    return names


def _line(
    path: Path,
    eyes: Eyes,
    *,
    masks: Path | None,
    overlay: Path | None,
    name: str,
    language: str,
) -> Line:
    try:
        pixels = decode(_read(path), name=str(path)).pixels
        line = eyes.see(pixels, path=str(path))
    except MapsiError as error:
        return Line(path=str(path), error=error.in_language(language))
    if masks:
        _write_masks(line, masks, name)
    if overlay:
        drawn = draw_overlay(pixels, line.garments, language=language)
        drawn.save(overlay / f"{name}.png")
    return line


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than is allowed is enough to be refused.
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise MapsiError(
            f"{path}: {error.strerror}; check the path and its permissions",
            text_ko=f"{path}: 읽을 수 없습니다 ({error.strerror}). 경로와 권한을 확인하세요",
            reason="unreadable",
        ) from error


def _write_masks(line: Line, folder: Path, name: str) -> None:
    for number, garment in enumerate(line.garments, start=1):
        height, width = garment.mask.size
        mask = decode_mask(garment.mask, height=height, width=width)
        Image.fromarray(mask).save(folder / f"{name}.{number}.{garment.category}.png")


def _json(line: Line) -> str:
    """Return a line without what only alike items are found by."""
    return line.model_dump_json(exclude={"garments": {"__all__": {"embedding"}}})


def _text(line: Line, language: str) -> str:
    if line.error:
        return f"✗ {line.error}"
    ko = language == "ko"
    garments = [
        f"    {label(garment.category, language)} {garment.score:.2f}: "
        + ", ".join(
            f"{color.name_ko if ko else color.name} {color.hex} {color.share:.0%}"
            for color in garment.colors
        )
        for garment in line.garments
    ]
    likely = sorted(line.styles.items(), key=lambda item: -item[1])[:2]
    styles = ", ".join(f"{label(style, language)} {chance:.0%}" for style, chance in likely)
    head = f"{line.path}  {'패션' if ko else 'fashion'} {line.fashion:.2f}"
    head += f"  {'스타일' if ko else 'style'} {styles}" if styles else ""
    none = f"    {'옷을 찾지 못했습니다' if ko else 'no garment found'}"
    return "\n".join([head, *(garments or [none])])
