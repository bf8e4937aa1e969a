"""Why a trend table is empty, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.quoting import quotable
from shared.records.ingestion import Photo
from shared.records.trend_queries import TrendQuery, sources
from shared.records.trends import Settlement


@dataclass(frozen=True)
class Advice:
    """One line in both languages."""

    en: str
    ko: str

    def in_language(self, language: str) -> str:
        """Return the line in ``"ko"`` or ``"en"``."""
        return self.ko if language == "ko" else self.en


def nothing_ingested(place: str) -> Advice:
    """Return what to do where there is no photo at all."""
    return Advice(
        en=f"No photos yet in {place}. Start `mapsi up`, then `mapsi ingest FOLDER` beside it; "
        "MAPSI_DATA_DIR names another data folder.",
        ko=f"아직 사진이 없습니다: {place}. `mapsi up`을 켜 두고 다른 창에서 `mapsi ingest 폴더`를 "
        "실행하세요. 다른 데이터 폴더는 MAPSI_DATA_DIR로 정합니다.",
    )


def explain(session: Session, query: TrendQuery, *, place: str) -> Advice:
    """Return why ``query`` found no look in the database at ``place``."""
    known = sources(session)
    if known:
        return _filtered_out(query, known)
    looks = select(func.count()).select_from(Photo).where(Photo.catalogued.is_(False))
    photos = session.scalar(looks) or 0
    outcomes = select(Settlement.outcome, func.count()).where(Settlement.catalogued.is_(False))
    ended = dict(session.execute(outcomes.group_by(Settlement.outcome)).all())
    if not photos and not ended:
        return nothing_ingested(place)
    under_way = photos - sum(ended.values())
    return _under_way(under_way, photos) if under_way > 0 else _none_counted(ended)


def _filtered_out(query: TrendQuery, known: list[str]) -> Advice:
    asked = " ".join(
        f"--{name} {quotable(value)}"
        for name in ("item", "color", "pattern", "style", "source", "stage")
        if (value := getattr(query, name)) is not None
    )
    shown = ", ".join(quotable(source) for source in known[:20])
    return Advice(
        en=f"No looks with {asked}. Sources that have looks: {shown}.",
        ko=f"조건에 맞는 룩이 없습니다: {asked}. 룩이 있는 출처: {shown}.",
    )


def _under_way(under_way: int, photos: int) -> Advice:
    return Advice(
        en=f"{under_way:,} of {photos:,} photos are under way and none is counted yet. "
        "Wait a little; if the number stays, see that `mapsi up` runs.",
        ko=f"사진 {photos:,}장 가운데 {under_way:,}장을 처리하고 있고 아직 집계된 룩이 없습니다. "
        "잠시 기다리세요. 줄지 않으면 `mapsi up`이 켜져 있는지 확인하세요.",
    )


def _none_counted(ended: dict[str, int]) -> Advice:
    other, failed = ended.get("not_fashion", 0), ended.get("failed", 0)
    bare = ended.get("analyzed", 0)
    return Advice(
        en=f"No look to count: {other:,} photos are not fashion, {bare:,} show no garment, "
        f"{failed:,} failed. Ingest photos of people's outfits; `mapsi retry` tries the failed "
        "ones again.",
        ko=f"집계할 룩이 없습니다: 패션이 아닌 사진 {other:,}장, 옷이 없는 사진 {bare:,}장, "
        f"실패 {failed:,}장. 옷차림 사진을 넣거나, 실패한 사진은 `mapsi retry`로 다시 시도하세요.",
    )
