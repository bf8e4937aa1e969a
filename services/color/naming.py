"""A batch of segmented photos through colours and pattern: load, name, save, say what is next."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import partial
from typing import Final

from pydantic import ValidationError

from services.color.domain import palette
from services.color.names import color_names
from services.color.pattern.metadata import read_metadata
from services.color.pattern.model import PatternReader
from services.color.settings import ColorSettings
from services.color.table import Table, open_table, table_hash
from shared import metrics
from shared.batches import each_photo, settled
from shared.contracts.garments import Analysis, Garment, Segmentation
from shared.contracts.message import Message, ModelRef
from shared.contracts.photos import (
    AnalyzedPhoto,
    GarmentFact,
    PhotoRef,
    PhotosAnalyzed,
    SegmentedPhoto,
)
from shared.contracts.vocabulary import UNKNOWN
from shared.embeddings import pack
from shared.errors import PermanentError
from shared.imaging import Pixels, decode
from shared.masks import decode_mask
from shared.storage import ObjectNotFoundError, ObjectStore
from shared.storage.keys import result_key
from shared.style.probe import Probe

STAGE: Final = "color"
VERSION: Final = "1"
"""Of the rules (domain.py, tones.py, shared/basic_colors.py).

Raised when they would name a garment anew.
"""


class Namer:
    """Names the colours and the pattern of garments.

    Table and weights are opened on first use, once a process.
    """

    def __init__(self, settings: ColorSettings) -> None:
        self._cache = settings.cache_dir.expanduser()
        self._pattern = PatternReader(read_metadata(settings.weights), threads=settings.threads)
        self._lock = threading.Lock()
        self._table: Table | None = None

    @property
    def references(self) -> tuple[ModelRef, ModelRef]:
        """What results name: the rules of the colours, and the pattern model."""
        colors = ModelRef(name="xkcd-kdtree", version=VERSION, sha256=table_hash())
        return colors, self._pattern.reference

    def load(self) -> Table:
        """Map the table into memory."""
        with self._lock:
            if self._table is None:
                self._table = open_table(self._cache)
            return self._table

    def name(self, photo: Pixels, garment: Garment) -> Garment:
        """Return ``garment`` with its cloth; PermanentError where the mask is unfit."""
        mask = decode_mask(garment.mask, height=photo.shape[0], width=photo.shape[1])
        colors = palette(photo, mask, names=color_names(), table=self.load())
        seen = self._pattern.see(photo, mask)
        embedding = None if seen.embedding is None else pack(seen.embedding)
        cloth = {"colors": colors, "pattern": seen.pattern, "embedding": embedding}
        return garment.model_copy(update=cloth)


def open_namer(settings: ColorSettings) -> Namer:
    """Return the namer, nothing loaded yet.

    Raises PermanentError where ``pattern.toml`` is missing or incomplete.
    """
    return Namer(settings)


def name_photos(
    photos: Sequence[SegmentedPhoto], *, storage: ObjectStore, namer: Namer, probe: Probe
) -> list[Message]:
    """Return the messages for photos whose analysis is stored, and for those that ended here.

    A photo whose analysis is stored is not looked at again. One that cannot be read fails alone.
    """
    metrics.show_models(*namer.references)
    analyse = partial(_analyse, storage=storage, namer=namer, probe=probe)
    analyzed, failed = each_photo(photos, analyse, stage=STAGE)
    messages: list[Message] = [PhotosAnalyzed(photos=tuple(analyzed))] if analyzed else []
    return [*messages, *settled(failed)]


def _analyse(
    photo: SegmentedPhoto, *, storage: ObjectStore, namer: Namer, probe: Probe
) -> AnalyzedPhoto:
    models = (*photo.models, *namer.references)
    key = result_key(STAGE, _folder(photo, namer, probe), photo.photo.photo_id)
    analysis = _stored(storage, key, photo=photo.photo)
    metrics.PHOTOS.labels(STAGE, "done" if analysis is None else "skipped").inc()
    if analysis is None:
        analysis = _look(photo, models, storage=storage, namer=namer, probe=probe)
        storage.put(key, analysis.model_dump_json().encode(), content_type="application/json")
        _note_balance(analysis)
    return AnalyzedPhoto(
        photo=photo.photo,
        fashion=photo.fashion,
        styles=analysis.styles,
        garments=tuple(_fact(garment) for garment in analysis.garments if garment.colors),
        analysis_key=key,
        models=models,
    )


def _note_balance(analysis: Analysis) -> None:
    """Count what the models said: one that says always the same must show."""
    styles = analysis.styles
    metrics.STYLES.labels(max(styles, key=styles.__getitem__) if styles else UNKNOWN).inc()
    for garment in analysis.garments:
        color = max(garment.colors, key=lambda one: one.share).basic if garment.colors else UNKNOWN
        metrics.GARMENT_COLORS.labels(color).inc()
        metrics.GARMENT_PATTERNS.labels(garment.pattern or UNKNOWN).inc()


def _folder(photo: SegmentedPhoto, namer: Namer, probe: Probe) -> str:
    """Name the results' folder: other garments, weights or styles are another answer."""
    garments = photo.result_key.rpartition("/")[0]
    models = (model.sha256 for model in (*photo.models, *namer.references, probe.reference))
    return f"{VERSION}-{hashlib.sha256(' '.join((garments, *models)).encode()).hexdigest()[:8]}"


def _stored(storage: ObjectStore, key: str, *, photo: PhotoRef) -> Analysis | None:
    """Return the stored analysis; where the photo's post or look is another now, put right."""
    try:
        analysis = Analysis.model_validate_json(storage.get(key))
    except ObjectNotFoundError:
        return None
    except ValidationError:  # of an older shape: named and written again
        return None
    now = {name: getattr(photo, name) for name in ("look_id", "posted_at", "source", "author")}
    if now != {name: getattr(analysis, name) for name in now}:
        analysis = analysis.model_copy(update=now)
        storage.put(key, analysis.model_dump_json().encode(), content_type="application/json")
    return analysis


def _look(
    item: SegmentedPhoto,
    models: tuple[ModelRef, ...],
    *,
    storage: ObjectStore,
    namer: Namer,
    probe: Probe,
) -> Analysis:
    seen = _segmentation(storage, item.result_key)
    pixels = decode(storage.get(item.photo.key), name=item.photo.key).pixels
    garments = tuple(namer.name(pixels, garment) for garment in seen.garments)
    return Analysis(
        photo_id=item.photo.photo_id,
        look_id=item.photo.look_id,
        posted_at=item.photo.posted_at,
        source=item.photo.source,
        author=item.photo.author,
        width=item.photo.width,
        height=item.photo.height,
        fashion=item.fashion,
        styles=probe.refine(item.styles, garments, models),
        garments=garments,
        models=models,
    )


def _segmentation(storage: ObjectStore, key: str) -> Segmentation:
    try:
        return Segmentation.model_validate_json(storage.get(key))
    except ValidationError as error:
        raise PermanentError(
            f"{key} is no segmentation; run `mapsi retry` to analyse the photo again",
            text_ko=f"{key}: 분할 결과가 아닙니다. `mapsi retry`로 다시 분석하세요",
            reason="bad_segmentation",
        ) from error


def _fact(garment: Garment) -> GarmentFact:
    dominant = garment.colors[0]
    return GarmentFact(
        category=garment.category,
        score=garment.score,
        color=dominant.name,
        basic=dominant.basic,
        hex=dominant.hex,
        pattern=garment.pattern,
    )
