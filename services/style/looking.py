"""From labelled photos to examples: looked at now, or as the pipeline has analysed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from pydantic import ValidationError
from sqlalchemy import select

from services.classification.judging import STAGE, folder_of
from services.classification.model import Classifier
from services.color.naming import Namer
from services.segmentation.model import Segmenter
from services.style.feed import Labelled, target_of
from services.style.fitting import Examples
from services.style.lexicon import Lexicon
from shared.contracts.garments import Analysis, Classification, Garment
from shared.contracts.vocabulary import STYLES
from shared.errors import MapsiError
from shared.imaging import Pixels, decode
from shared.records import Database
from shared.records.ingestion import Photo, Post
from shared.records.trends import Settlement
from shared.storage import ObjectNotFoundError, ObjectStore
from shared.storage.keys import result_key
from shared.style.attributes import NAMES, Floats, attributes_of

Progress = Callable[[int], None]
_BATCH = 32


@dataclass(frozen=True)
class Eyes:
    """The models that look at photos; garments only where there is a segmenter and a namer."""

    classifier: Classifier
    garments: tuple[Segmenter, Namer] | None = None


@dataclass
class Gathered:
    """Examples while they come in, and the photos that could not be used, with the reason."""

    embeddings: list[Floats] = field(default_factory=list)
    attributes: list[Floats] = field(default_factory=list)
    styles: list[list[float]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(
        self, embedding: Sequence[float] | Floats, garments: Sequence[Garment],
        styles: Sequence[str], group: str,
    ) -> None:  # fmt: skip
        """Add one look."""
        self.embeddings.append(np.asarray(embedding, np.float64))
        self.attributes.append(attributes_of(garments))
        self.styles.append(target_of(styles))
        self.groups.append(group)

    def examples(self) -> Examples:
        """Return what was gathered as arrays."""
        looks = len(self.groups)
        size = len(self.embeddings[0]) if looks else 0
        return Examples(
            np.array(self.embeddings).reshape(looks, size),
            np.array(self.attributes).reshape(looks, len(NAMES)),
            np.array(self.styles).reshape(looks, len(STYLES)),
            self.groups,
        )


def look_at(rows: Sequence[Labelled], eyes: Eyes, *, progress: Progress) -> Gathered:
    """Look at every photo of a feed; one that cannot be read is left out."""
    gathered = Gathered()
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        readable = list(_readable(batch, gathered))
        verdicts = eyes.classifier.predict([pixels for _, pixels in readable])
        for (row, pixels), verdict in zip(readable, verdicts, strict=True):
            garments = _garments(pixels, eyes)
            gathered.add(verdict.embedding, garments, row.styles, row.group)
        progress(len(batch))
    return gathered


def _readable(rows: Sequence[Labelled], gathered: Gathered) -> Iterator[tuple[Labelled, Pixels]]:
    for row in rows:
        try:
            yield row, decode(row.path.read_bytes(), name=str(row.path)).pixels
        except MapsiError as error:
            gathered.left_out.append(error.text)
        except OSError as error:
            gathered.left_out.append(f"{row.path}: {error.strerror}")


def _garments(pixels: Pixels, eyes: Eyes) -> Sequence[Garment]:
    if eyes.garments is None:
        return ()
    segmenter, namer = eyes.garments
    (garments,) = segmenter.predict([pixels])
    return [namer.name(pixels, garment) for garment in garments]


def recall(
    database: Database, storage: ObjectStore, classifier: Classifier, lexicon: Lexicon,
    *, counted: Progress, progress: Progress,
) -> Gathered:  # fmt: skip
    """Return the ingested looks whose hashtags say a style; nothing is looked at again.

    A photo that another classifier has analysed is left out: `mapsi ingest --reanalyze` first.
    """
    gathered = Gathered()
    said = _said(database, lexicon)
    counted(len(said))
    for photo_id, (styles, group, analysis_key) in said.items():
        try:
            key = result_key(STAGE, folder_of(classifier), photo_id)
            found = Classification.model_validate_json(storage.get(key))
            analysis = Analysis.model_validate_json(storage.get(analysis_key))
            gathered.add(found.embedding, analysis.garments, styles, group)
        except (ObjectNotFoundError, ValidationError):
            gathered.left_out.append(f"{photo_id}: analysed by another model")
        progress(1)
    return gathered


def _said(database: Database, lexicon: Lexicon) -> dict[str, tuple[tuple[str, ...], str, str]]:
    """Return styles, group and analysis of each analysed photo whose posts say a style.

    Reposts are left out: their look is counted once. Where posts of one photo disagree, what
    most of them say decides.
    """
    query = (
        select(Photo.photo_id, Photo.author, Settlement.analysis_key, Post.hashtags)
        .join(Post, Post.photo_id == Photo.photo_id)
        .join(Settlement, Settlement.photo_id == Photo.photo_id)
        .where(Settlement.outcome == "analyzed", Photo.look_id == Photo.photo_id)
        .order_by(Photo.photo_id, Post.post_id)
    )
    votes: dict[str, Counter[tuple[str, ...]]] = {}
    facts: dict[str, tuple[str, str]] = {}
    with database.reading() as session:
        for photo_id, author, key, hashtags in session.execute(query):
            styles = lexicon.styles(hashtags)
            if styles:
                votes.setdefault(photo_id, Counter())[styles] += 1
                facts[photo_id] = author or photo_id, str(key)
    return {
        photo_id: (counts.most_common(1)[0][0], *facts[photo_id])
        for photo_id, counts in votes.items()
    }
