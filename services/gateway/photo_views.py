"""How a photo is shown to clients."""

from __future__ import annotations

from collections.abc import Sequence

from services.gateway.domain import Language
from services.gateway.photo_records import KnownPhoto
from services.gateway.views import (
    AnalysisView,
    GarmentView,
    PhotoAccepted,
    PhotoLinks,
    PhotoSummary,
    PostView,
)
from shared.contracts.garments import Analysis


def photo_accepted(known: KnownPhoto) -> PhotoAccepted:
    """Return the answer to an upload."""
    path = f"/v1/photos/{known.photo_id}"
    links = PhotoLinks(
        self=path,
        picture=f"{path}/picture.jpg" if known.photo else None,
        overlay=f"{path}/overlay.png" if known.state == "analyzed" else None,
    )
    return PhotoAccepted(id=known.photo_id, state=known.state, links=links)


def photo_summary(known: KnownPhoto, posts: Sequence[PostView]) -> PhotoSummary:
    """Return a photo without its analysis."""
    photo, settlement = known.photo, known.settlement
    return PhotoSummary(
        **photo_accepted(known).model_dump(),
        received_at=known.received_at,
        posted_at=photo.posted_at if photo else None,
        source=photo.source if photo else None,
        fashion=settlement.fashion if settlement else None,
        stage=settlement.stage if settlement else None,
        reason=known.reason,
        posts=list(posts),
    )


def analysis_view(analysis: Analysis, language: Language) -> AnalysisView:
    """Return an analysis without its author, with labels to read."""
    return AnalysisView(
        width=analysis.width,
        height=analysis.height,
        look_id=analysis.look_id,
        styles=analysis.styles,
        garments=[GarmentView.of(garment, language) for garment in analysis.garments],
        models=list(analysis.models),
    )
