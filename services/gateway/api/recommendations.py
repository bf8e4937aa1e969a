"""Recommendations: outfits out of the shops' items for the caller, and their pictures."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.gateway.access import By, Caller, Gateway, Here, Spoken
from services.gateway.api.replies import (
    ERRORS,
    NOT_FOUND,
    PICTURE,
    Lang,
    has,
    picture,
    reply,
    unchanged,
)
from services.gateway.catalog.domain import Item
from services.gateway.catalog.reading import open_catalog
from services.gateway.chat.domain import AVOIDABLE, VALUES, Slots
from services.gateway.domain import Language, etag_of
from services.gateway.outfit_boards import OutfitBoard, outfit_board
from services.gateway.people.book import read_profile
from services.gateway.people.domain import Profile
from services.gateway.problems import RefusedError, not_found
from services.gateway.recommend.outfit_ids import LETTERS, pieces_of
from services.gateway.recommend.recommending import recommend
from services.gateway.recommend.substitutes import substitutes
from services.gateway.recommend.views import (
    RecommendationsView,
    outfit_card,
    why_few_view,
)
from services.gateway.trend_evidence import open_evidence
from shared.contracts.generation import JobState
from shared.errors import UsageError

router = APIRouter(prefix="/v1/recommendations", tags=["recommendations"], responses=ERRORS)

RETRY_SECONDS: Final = 1
"""After so long it makes sense to look for the picture again."""

_MOST_WORDS: Final = 64
Words = Annotated[
    list[str], Query(max_length=_MOST_WORDS, description="one or more, with commas or repeated")
]
OutfitId = Annotated[str, Path(pattern=LETTERS, description="`outfit_id` of a recommendation")]


class BoardView(BaseModel):
    """A picture that is not drawn yet."""

    state: JobState
    retry_after: int = Field(description="seconds")


def _slots(
    *,
    style: Words = [],  # noqa: B006 - FastAPI copies it
    item: Words = [],  # noqa: B006
    color: Words = [],  # noqa: B006
    season: Words = [],  # noqa: B006
    occasion: Words = [],  # noqa: B006
    gender: Words = [],  # noqa: B006
    personal_color: Words = [],  # noqa: B006
    pattern: Words = [],  # noqa: B006
    weather: Words = [],  # noqa: B006
    avoid: Words = [],  # noqa: B006
    budget: Annotated[int | None, Query(ge=0, le=10**9, description="KRW for a look")] = None,
) -> Slots:
    said = {
        "style": style, "item": item, "color": color, "season": season, "occasion": occasion,
        "gender": gender, "personal_color": personal_color, "pattern": pattern,
        "weather": weather, "avoid": avoid,
    }  # fmt: skip
    words = {name: _each(values) for name, values in said.items()}
    for name, values in words.items():
        _check(name, values)
    return Slots(**words, budget=budget)


Wanted = Annotated[Slots, Depends(_slots)]


@router.get("", response_model=RecommendationsView)
def get_recommendations(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    wanted: Wanted,
    limit: Annotated[int, Query(ge=1, le=12, description="outfits")] = 3,
    alike: Annotated[int, Query(ge=0, le=8, description="items like each piece")] = 2,
    seed: Annotated[int, Query(ge=0, le=2**32 - 1, description="another one, other looks")] = 0,
    seen: Annotated[
        list[str], Query(max_length=200, description="`outfit_id`s not to show again")
    ] = [],  # noqa: B006
) -> Response:
    """Recommend outfits: for the caller's tastes and season, from what is in stock.

    What is asked for here holds for once; what is known of the caller (`/v1/me/preferences`)
    holds beside it. Avoided things and the budget are never passed over.
    """
    catalog, profile = open_catalog(gateway), _profile(gateway, caller)
    found = recommend(
        catalog, wanted, profile, open_evidence(gateway, _today()),
        today=_today(), limit=limit, seed=seed, seen=_each(seen),
    )  # fmt: skip
    near = substitutes(catalog, found.outfits, wanted, profile, limit=alike)
    view = RecommendationsView(
        language=language,
        wanted=wanted.wire(),
        outfits=[outfit_card(outfit, language, near) for outfit in found.outfits],
        why_few=why_few_view(found.why_few, language) if found.why_few else None,
    )
    return reply(request, view)


@router.get(
    "/{outfit_id}/board.png",
    response_class=Response,
    responses={
        **NOT_FOUND,
        **PICTURE,
        202: {"model": BoardView, "description": "being drawn; look again after Retry-After"},
    },
)
def get_board(
    request: Request,
    caller: By,
    gateway: Here,
    language: Spoken,
    *,
    outfit_id: OutfitId,
    lang: Lang = None,
) -> Response:
    """Fetch an outfit's picture. The first request has it drawn; then it is kept."""
    spoken: Language = "ko" if (lang or language) == "ko" else "en"
    board = outfit_board(gateway, _pieces(gateway, outfit_id), language=spoken)
    if board is None:
        raise not_found(
            f"picture of outfit {outfit_id}: a photo of it cannot be shown",
            f"코디 {outfit_id}의 그림 (보여 줄 수 없는 사진이 있습니다)",
            reason="no_board",
            hint="GET /v1/recommendations",
        )
    if board.picture_key is None:
        return _not_yet(board)
    etag = etag_of(board.picture_key.encode())
    if has(request, etag):
        return unchanged(etag)
    return picture(gateway.context.storage.get(board.picture_key), etag)


def _pieces(gateway: Gateway, outfit_id: str) -> tuple[Item, ...]:
    pieces = pieces_of(outfit_id, open_catalog(gateway))
    if pieces is None:
        raise not_found(
            f"outfit {outfit_id} any more",
            f"코디 {outfit_id}",
            reason="unknown_outfit",
            hint="GET /v1/recommendations",
        )
    return pieces


def _not_yet(board: OutfitBoard) -> Response:
    if board.state == "failed":
        raise RefusedError(
            503,
            "the picture could not be drawn, several times; is a generation worker running?",
            text_ko="그림을 여러 번 그리지 못했습니다. generation 워커가 켜져 있는지 확인하세요",
            reason="board_failed",
            wait=60,
        )
    view = BoardView(state=board.state, retry_after=RETRY_SECONDS)
    return Response(
        view.model_dump_json(),
        202,
        media_type="application/json",
        headers={"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"},
    )


def _profile(gateway: Gateway, caller: Caller) -> Profile:
    with gateway.database.reading() as session:
        return read_profile(session, caller.key_id, datetime.now(UTC))


def _each(values: list[str]) -> tuple[str, ...]:
    """Return the words of ``a,b`` and of repeated parameters, each once."""
    words = (word.strip() for value in values for word in value.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def _check(name: str, words: tuple[str, ...]) -> None:
    possible: Any = sorted(AVOIDABLE) if name == "avoid" else VALUES[name]
    wrong = [word for word in words if word not in possible]
    if wrong:
        raise UsageError(
            f"{name}: {wrong[0][:40]!r} is none of {', '.join(possible)}",
            text_ko=f"{name}: {wrong[0][:40]!r}은(는) 쓸 수 없습니다. 쓸 수 있는 값: "
            f"{', '.join(possible)}",
            reason=f"unknown_{name}",
        )


def _today() -> date:
    return datetime.now(UTC).date()
