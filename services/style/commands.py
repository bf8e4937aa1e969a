"""``mapsi train style`` and ``mapsi evaluate style``."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from services.classification.model import Classifier, open_classifier
from services.classification.settings import ClassificationSettings
from services.segmentation.data.splits import split_of
from services.style.card import write_probe
from services.style.feed import read_feed
from services.style.figures import measure
from services.style.fitting import Examples, fit, predict
from services.style.lexicon import SHIPPED, read_lexicon
from services.style.looking import Eyes, Gathered, look_at, recall
from services.style.report import bar, details, lines, say
from shared.contracts.vocabulary import STYLES
from shared.errors import UsageError
from shared.records import open_database, upgrade
from shared.settings import Settings, read
from shared.storage import open_storage
from shared.style.probe import open_probe

LEAST_TRAIN: Final = 60
LEAST_TEST: Final = 15

_feed = click.option(
    "--feed", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV, TSV or JSONL with path and style, or path and hashtags. 라벨이 있는 목록.",
)  # fmt: skip
_photos = click.option(
    "--photos", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the feed's relative paths begin (default: beside it). 사진 폴더.",
)  # fmt: skip
_ingested = click.option(
    "--ingested", is_flag=True, help="Learn from ingested posts' hashtags. 수집한 해시태그 사용."
)
_lexicon = click.option(
    "--lexicon", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=SHIPPED, help="Which hashtags say which style (TOML). 해시태그 사전.",
)  # fmt: skip
_garments = click.option(
    "--garments", "wants_garments", is_flag=True,
    help="Look for a feed's garments and colours too: better, a third of a second a photo. "
    "옷과 색까지 보기.",
)  # fmt: skip
_lang = click.option("--lang", type=click.Choice(["ko", "en"]), help="Language. 언어.")


@click.command()
@_feed
@_photos
@_ingested
@_lexicon
@_garments
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              default=Path("runs/style"), show_default=True)  # fmt: skip
@click.option("--labels", help="Where the labels come from, for the model's card. 라벨 출처.")
@click.option("--license", "licence", default="private", show_default=True,
              help="The licence of the probe, for its card. 라이선스.")  # fmt: skip
@_lang
def train_style(
    *, feed: Path | None, photos: Path | None, ingested: bool, lexicon: Path,
    wants_garments: bool, out: Path, labels: str | None, licence: str, lang: str | None,
) -> None:  # fmt: skip
    """Learn the six styles from your own labels or hashtags; needs no torch. 스타일 학습.

    Writes style.safetensors and style.toml into --out, with figures on looks it held out:
    every author is either learned from or held out.
    """
    settings = _settings(lang)
    classifier = open_classifier(read(ClassificationSettings))
    gathered = _gather(
        feed, photos, ingested=ingested, lexicon=lexicon, settings=settings,
        eyes=_eyes(classifier, wants_garments=wants_garments),
    )  # fmt: skip
    examples, language = gathered.examples(), settings.language
    train, test = _split(examples)
    _tell_used(gathered, train, test, language)
    weights = fit(train, report=partial(click.echo, err=True))
    prior = train.styles.mean(axis=0)
    figures = measure(predict(weights, test), test.styles, prior=prior)
    data = {
        "labels": labels or (str(feed.name) if feed else "hashtags of ingested posts"),
        "looks": len(train),
        **{f"mix_{name}": part for name, part in _mix(train).items()},
    }
    card = write_probe(
        out, weights, classifier=classifier.reference, licence=licence, data=data, figures=figures
    )
    for line in lines(figures, language):
        click.echo(line)
    click.echo(say("written", language, card=card, folder=out))


@click.command()
@_feed
@_photos
@_ingested
@_lexicon
@_garments
@_lang
def evaluate_style(
    *, feed: Path | None, photos: Path | None, ingested: bool, lexicon: Path,
    wants_garments: bool, lang: str | None,
) -> None:  # fmt: skip
    """Measure the style probe on the looks that training holds out. 스타일 평가."""
    settings = _settings(lang)
    classifier = open_classifier(read(ClassificationSettings))
    probe = open_probe(settings.style_weights)
    if not probe.reads(classifier.reference):
        raise UsageError(
            f"{probe.reference.name} {probe.reference.version} was trained on another "
            "classifier's embedding; run `mapsi train style`",
            text_ko=f"{probe.reference.name} {probe.reference.version}: 다른 분류기의 임베딩으로 "
            "학습되었습니다. `mapsi train style`을 실행하세요",
            reason="style_mismatch",
        )
    gathered = _gather(
        feed, photos, ingested=ingested, lexicon=lexicon, settings=settings,
        eyes=_eyes(classifier, wants_garments=wants_garments),
    )  # fmt: skip
    train, test = _split(gathered.examples())
    _tell_used(gathered, train, test, settings.language)
    chances = predict(probe.weights, test)
    figures = measure(chances, test.styles, prior=train.styles.mean(axis=0))
    for line in lines(figures, settings.language):
        click.echo(line)
    for line in details(chances, test.styles, settings.language):
        click.echo(line)


def _settings(lang: str | None) -> Settings:
    settings = read(Settings)
    return settings.model_copy(update={"lang": lang or settings.lang})


def _eyes(classifier: Classifier, *, wants_garments: bool) -> Eyes:
    if not wants_garments:
        return Eyes(classifier)
    from services.color.naming import open_namer
    from services.color.settings import ColorSettings
    from services.segmentation.model import open_segmenter
    from services.segmentation.settings import SegmentationSettings

    segmenter = open_segmenter(read(SegmentationSettings))
    return Eyes(classifier, (segmenter, open_namer(read(ColorSettings))))


def _gather(
    feed: Path | None, photos: Path | None, *, ingested: bool, lexicon: Path,
    settings: Settings, eyes: Eyes,
) -> Gathered:  # fmt: skip
    if ingested == (feed is not None):
        raise UsageError(
            "name either --feed FILE or --ingested",
            text_ko="--feed 파일 또는 --ingested 가운데 하나를 지정하세요",
        )
    words, language = read_lexicon(lexicon), settings.language
    if feed is not None:
        rows = read_feed(feed, photos=photos or feed.parent, lexicon=words)
        with bar(say("looking", language)) as (counted, progress):
            counted(len(rows))
            return look_at(rows, eyes, progress=progress)
    upgrade(settings.database)
    storage = open_storage(settings)
    with closing(open_database(settings.database)) as database, bar(say("reading", language)) as (
        counted, progress,
    ):  # fmt: skip
        return recall(database, storage, eyes.classifier, words, counted=counted, progress=progress)


def _split(examples: Examples) -> tuple[Examples, Examples]:
    """Return what is learned from and what is held out; a group is on one side."""
    held = np.array([split_of(group) == "test" for group in examples.groups], bool)
    train, test = examples.part(~held), examples.part(held)
    if len(train) < LEAST_TRAIN or len(test) < LEAST_TEST:
        raise UsageError(
            f"{len(train)} looks to learn from and {len(test)} to hold out are too few; "
            f"{LEAST_TRAIN} and {LEAST_TEST} are the least",
            text_ko=f"학습 {len(train)}장, 평가 {len(test)}장은 너무 적습니다. "
            f"적어도 {LEAST_TRAIN}장과 {LEAST_TEST}장이 필요합니다",
            reason="too_few_looks",
        )
    return train, test


def _tell_used(gathered: Gathered, train: Examples, test: Examples, language: str) -> None:
    if gathered.left_out:
        count, first = len(gathered.left_out), gathered.left_out[0]
        click.echo(say("left_out", language, count=count, first=first), err=True)
    dressed = int(train.dressed.sum() + test.dressed.sum())
    used = say("used", language, train=len(train), test=len(test), dressed=dressed)
    click.echo(used, err=True)


def _mix(train: Examples) -> dict[str, Any]:
    return dict(zip(STYLES, (float(part) for part in train.styles.mean(axis=0)), strict=True))
