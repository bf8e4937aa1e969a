"""Taking wishes down: who draws them, what of, and how many may be open."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.gateway.access import Caller, Gateway
from services.gateway.answers import Asked, hash_of, once, recall
from services.gateway.domain import FINAL_JOB_STATES, Language
from services.gateway.drawing.editing import Change, Source, edited_by, target
from services.gateway.drawing.files import seen_in
from services.gateway.drawing.showing import view_of
from services.gateway.drawing.stand_ins import stand_ins
from services.gateway.job_requests import EditIn, GenerationIn, PieceIn
from services.gateway.looks import KnownLook, new_wish
from services.gateway.outbox import announce_wish
from services.gateway.photo_records import analysis_of, find_photo
from services.gateway.problems import RefusedError
from shared.contracts.garments import Analysis, Garment
from shared.contracts.generation import Backend, LookPiece, LookWish, WornGarment
from shared.contracts.vocabulary import FAMILY_OF
from shared.records.gateway import Wish
from shared.records.generation import Job

_TOLD: Final = {"title", "words", "negative", "variants", "preset", "priority"}


def wish_for(
    gateway: Gateway,
    caller: Caller,
    asked_for: GenerationIn,
    *,
    language: Language,
    idempotency_key: str | None,
) -> dict[str, Any]:
    """Take a wish down, announce it, and return the body of the answer."""
    asked = _asked(caller, idempotency_key, "", asked_for.model_dump_json())
    kept = recall(gateway.database, asked)
    if kept is not None:
        return kept
    look = _look(gateway, caller, asked_for, language)
    return _taken_down(gateway, caller, look, asked, language)


def edit_of(
    gateway: Gateway,
    caller: Caller,
    known: KnownLook,
    asked_for: EditIn,
    *,
    language: Language,
    idempotency_key: str | None,
) -> dict[str, Any]:
    """Take the change of a picture down, announce it, and return the body of the answer."""
    asked = _asked(caller, idempotency_key, known.wish.job_id, asked_for.model_dump_json())
    kept = recall(gateway.database, asked)
    if kept is not None:
        return kept
    look = changed_look(gateway, caller, known, (asked_for.change(),), variant=asked_for.variant)
    return _taken_down(gateway, caller, look, asked, language)


def changed_look(
    gateway: Gateway,
    caller: Caller,
    known: KnownLook,
    changes: Sequence[Change],
    *,
    variant: int = 1,
) -> LookWish:
    """Return the wish for a picture that differs from one that is done.

    Raises RefusedError: 409 where it is not done, 404 where the variant is not there, 422 where
    the garment is not seen in it.
    """
    if not known.is_done:
        raise _not_done(known)
    look = known.look
    if look.backend == "lookbook":
        look = look.model_copy(update={"wear": look.wear or _worn_in(gateway, look)})
        return _board(gateway, caller, edited_by(Source(known.wish.job_id, 1, look), changes))
    seen = seen_in(gateway.context.storage, known, variant).garments
    for change in changes:
        _check_garment(change, seen)
    return edited_by(Source(known.wish.job_id, variant, look, seen), changes)


def served(gateway: Gateway, caller: Caller, look: LookWish) -> LookWish:
    """Return a wish to draw as it is served here: drawn, or else as a board of what is closest.

    Raises RefusedError with 422 where the shops have nothing of it either.
    """
    if look.backend != "lookbook" or look.pieces:
        return look
    return _board(gateway, caller, look)


def check_room(gateway: Gateway, caller: Caller, look: LookWish) -> None:
    """Raise RefusedError with 429 where too many drawings of a person wait already."""
    if look.backend == "lookbook":
        return
    most = gateway.settings.open_pictures
    with gateway.database.reading() as session:
        waiting = session.scalar(
            select(func.count())
            .select_from(Wish)
            .outerjoin(Job, Job.job_id == Wish.job_id)
            .where(
                Wish.key_id == caller.key_id,
                Wish.cancelled_at.is_(None),
                Wish.deadline > datetime.now(UTC),
                Job.job_id.is_(None) | Job.state.not_in(FINAL_JOB_STATES),
                Wish.wish["backend"].as_string() != "lookbook",
            )
        )
    if waiting is not None and waiting >= most:
        raise RefusedError(
            429,
            f"{most} pictures of yours are not done yet; wait for one or cancel it",
            text_ko=f"아직 끝나지 않은 그림이 {most}장 있습니다. 기다리거나 취소하세요",
            reason="too_many_open_pictures",
            wait=5.0,
        )


def drawer_of(gateway: Gateway) -> Backend:
    """Return who draws here; ``lookbook``: nobody."""
    drawer: Backend = gateway.context.settings.drawer  # type: ignore[assignment]
    return drawer


def new_seed() -> int:
    """Return a seed that nobody chose."""
    return secrets.randbelow(2**32)


def _asked(caller: Caller, idempotency_key: str | None, *parts: str) -> Asked:
    return Asked(
        caller.key_id, idempotency_key, hash_of(*(part.encode() for part in parts if part))
    )


def _taken_down(
    gateway: Gateway, caller: Caller, look: LookWish, asked: Asked, language: Language
) -> dict[str, Any]:
    check_room(gateway, caller, look)
    wish = new_wish(gateway, caller, look)

    def write(session: Session) -> dict[str, Any]:
        session.add(wish)
        return view_of(KnownLook(wish, None), language).model_dump(mode="json")

    body, happened = once(gateway.database, asked, write, status=202)
    if happened:
        announce_wish(gateway, wish)
    return body


def _look(
    gateway: Gateway, caller: Caller, asked_for: GenerationIn, language: Language
) -> LookWish:
    drawer = drawer_of(gateway)
    backend = asked_for.backend or drawer
    if backend not in ("lookbook", drawer) and drawer != "lookbook":
        raise _no_such_drawer(backend, drawer)
    found = [_piece(gateway, caller, piece) for piece in asked_for.pieces]
    told = asked_for.model_dump(include=_TOLD)
    width, height = asked_for.shape
    look = LookWish.model_construct(
        **told,
        backend=backend if backend == drawer else "lookbook",
        language=asked_for.language or language,
        pieces=tuple(piece for piece, _ in found),
        wear=tuple(asked_for.wear) or tuple(worn for _, worn in found),
        scene=asked_for.scene,
        width=width,
        height=height,
        seed=new_seed() if asked_for.seed is None else asked_for.seed,
    )
    if backend == "lookbook" and found:  # a board is what was wished for
        look = look.model_copy(update={"wear": (), "words": ""})
    return LookWish.model_validate(served(gateway, caller, look).model_dump())


def _board(gateway: Gateway, caller: Caller, look: LookWish) -> LookWish:
    """Return the wish as a board: the pieces that it has, and the closest ones for the others."""
    there = {FAMILY_OF[piece.category] for piece in look.pieces if piece.category}
    missing = [worn for worn in look.wear if FAMILY_OF[worn.category] not in there]
    pieces = look.pieces
    if missing or not pieces:
        pieces = (*pieces, *stand_ins(gateway, caller, missing, look.scene))[:6]
    if not pieces:
        raise RefusedError(
            422,
            "nobody draws pictures here, and no shop item comes close to this; name other wear, "
            "add a shop feed (POST /v1/feeds), or set MAPSI_DRAWER",
            text_ko="여기에는 그림을 그리는 모델이 없고 비슷한 상품도 없습니다. "
            "다른 옷을 말씀하시거나 상품 피드(POST /v1/feeds)를 더하거나 MAPSI_DRAWER를 정하세요",
            reason="nothing_to_show",
        )
    return look.model_copy(update={"pieces": pieces, "variants": 1})


def _check_garment(change: Change, seen: tuple[Garment, ...]) -> None:
    at = target(seen, change)
    if (change.drop and at is None) or (at is not None and at >= len(seen)):
        raise RefusedError(
            422,
            "this garment is not seen in the picture; see …/garments for what is",
            text_ko="그림에서 그 옷을 찾지 못했습니다. …/garments에서 보이는 옷을 확인하세요",
            reason="unknown_garment",
        )


def _piece(gateway: Gateway, caller: Caller, piece: PieceIn) -> tuple[LookPiece, WornGarment]:
    """Return where a piece lies and what it is; RefusedError where it is not there."""
    with gateway.database.reading() as session:
        known = find_photo(session, piece.photo_id, caller)
    if known is None or known.photo is None or known.state != "analyzed":
        state = known.state if known else "unknown"
        raise RefusedError(
            422,
            f"photo {piece.photo_id} is {state}; a piece needs an analysed photo of yours",
            text_ko=f"사진 {piece.photo_id}의 상태: {state}. 분석이 끝난 내 사진이어야 합니다",
            reason="photo_not_analyzed",
        )
    garments = analysis_of(gateway.context.storage, known).garments
    if piece.garment >= len(garments):
        raise RefusedError(
            422,
            f"photo {piece.photo_id} has {len(garments)} garments, counted from 0; "
            f"there is no garment {piece.garment}",
            text_ko=f"사진 {piece.photo_id}의 옷은 {len(garments)}벌이고 0부터 셉니다. "
            f"{piece.garment}번은 없습니다",
            reason="unknown_garment",
        )
    assert known.settlement is not None and known.settlement.analysis_key  # noqa: S101
    lying = LookPiece(
        photo_id=piece.photo_id,
        analysis_key=known.settlement.analysis_key,
        photo_key=known.photo.key,
        garment=piece.garment,
        category=garments[piece.garment].category,
        caption=piece.caption,
    )
    return lying, _worn(garments[piece.garment])


def _worn_in(gateway: Gateway, look: LookWish) -> tuple[WornGarment, ...]:
    """Return what a board shows, as its photos' analyses tell."""
    found = []
    for piece in look.pieces:
        data = gateway.context.storage.get(piece.analysis_key)
        garments = Analysis.model_validate_json(data).garments
        seen = _worn(garments[piece.garment])
        found.append(seen.model_copy(update={"category": piece.category or seen.category}))
    return tuple(found)


def _worn(garment: Garment) -> WornGarment:
    color = garment.colors[0] if garment.colors else None
    return WornGarment(
        category=garment.category,
        color=color.basic if color else None,
        hex=color.hex if color else None,
        pattern=garment.pattern,
    )


def _not_done(known: KnownLook) -> RefusedError:
    return RefusedError(
        409,
        f"this picture is {known.state}; only one that is done can be changed",
        text_ko=f"그림의 상태: {known.state}. 완성된 그림만 바꿀 수 있습니다",
        reason="picture_not_done",
    )


def _no_such_drawer(backend: str, drawer: str) -> RefusedError:
    return RefusedError(
        422,
        f"{backend} does not draw here; {drawer} and lookbook do",
        text_ko=f"여기서는 {backend}(으)로 그리지 않습니다. {drawer}, lookbook 중에서 고르세요",
        reason="no_drawer",
    )
