"""Deletions by post, author or source: counted first, then carried out. For admins."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from services.gateway.access import ByAdmin, Gateway, Here
from services.gateway.answers import Asked, IdempotencyKey, hash_of, once
from services.gateway.api.replies import ERRORS, NOT_FOUND, problem, reply
from services.gateway.deletion_views import DeletionIn, DeletionLinks, DeletionView
from services.gateway.problems import RefusedError, not_found
from shared.bus import publish
from shared.contracts.deletions import DeletionRequested
from shared.errors import RetryableError
from shared.logging import logger
from shared.records.deletion import Deletion

log = logger(__name__)
router = APIRouter(
    prefix="/v1/deletions",
    tags=["deletions"],
    responses={**ERRORS, 403: problem("not an admin key")},
)
DeletionId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
_STATES: dict[str, Literal["asked", "counted", "running", "done"]] = {
    "asked": "asked",
    "ordered": "asked",
    "counted": "counted",
    "running": "running",
    "done": "done",
}


@router.post("", status_code=202, response_model=DeletionView)
def ask_for_deletion(
    request: Request,
    asked_for: DeletionIn,
    caller: ByAdmin,
    gateway: Here,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Count what would be deleted; nothing is deleted before `start`.

    Deleted photos and posts are not taken in again, and cannot be brought back.
    """
    now = datetime.now(UTC)
    order = Deletion(
        deletion_id=secrets.token_hex(16),
        kind=asked_for.kind,
        target=asked_for.target,
        state="ordered" if asked_for.start else "asked",
        requested_by=caller.key_id,
        created_at=now,
        touched_at=now,
        posts_found=0,
        photos_found=0,
        posts=0,
        photos=0,
    )

    def write(session: Session) -> dict[str, Any]:
        session.add(order)
        return _view(order).model_dump(mode="json")

    # The answer is kept without what was asked for: a target may be a person's name.
    request_hash = hash_of(asked_for.model_dump_json().encode())
    asked = Asked(caller.key_id, idempotency_key, request_hash)
    body, happened = once(gateway.database, asked, write, status=202)
    if happened:
        _announce(gateway, order.deletion_id)
    return reply(request, DeletionView.model_validate(body), status=202)


@router.get("/{deletion_id}", response_model=DeletionView, responses=NOT_FOUND)
def get_deletion(
    request: Request, deletion_id: DeletionId, caller: ByAdmin, gateway: Here
) -> Response:
    """Tell what was found, and how much of it is deleted."""
    with gateway.database.reading() as session:
        return reply(request, _view(_found(session, deletion_id)))


@router.post(
    "/{deletion_id}/start", status_code=202, response_model=DeletionView,
    responses={**NOT_FOUND, 409: problem("not counted yet")},
)  # fmt: skip
def start_deletion(
    request: Request, deletion_id: DeletionId, caller: ByAdmin, gateway: Here
) -> Response:
    """Begin to delete what was counted. Where it has begun already, nothing changes."""
    with gateway.database.transaction() as session:
        order = _found(session, deletion_id)
        if order.state in ("asked", "ordered"):
            raise RefusedError(
                409,
                "this deletion is not counted yet; look at it again in a moment",
                text_ko="아직 세지 않은 삭제 요청입니다. 잠시 후 다시 확인하세요",
                reason="deletion_not_counted",
            )
        if order.state == "counted":
            order.state, order.touched_at = "running", datetime.now(UTC)
        view = _view(order)
    _announce(gateway, deletion_id)
    return reply(request, view, status=202)


def _found(session: Session, deletion_id: str) -> Deletion:
    order = session.get(Deletion, deletion_id)
    if order is None:
        raise not_found(
            f"deletion {deletion_id}",
            f"삭제 요청 {deletion_id}",
            reason="unknown_deletion",
            hint="POST /v1/deletions",
        )
    return order


def _announce(gateway: Gateway, deletion_id: str) -> None:
    try:
        publish(DeletionRequested(deletion_id=deletion_id), gateway.context)
    except RetryableError as error:  # ingestion's clock finds the row
        log.warning("deletion not announced yet", error=str(error))


def _view(order: Deletion) -> DeletionView:
    path, counted = f"/v1/deletions/{order.deletion_id}", order.state not in ("asked", "ordered")
    return DeletionView(
        id=order.deletion_id,
        kind=order.kind,  # type: ignore[arg-type]
        state=_STATES[order.state],
        posts_found=order.posts_found if counted else None,
        photos_found=order.photos_found if counted else None,
        posts=order.posts,
        photos=order.photos,
        created_at=order.created_at,
        done_at=order.done_at,
        links=DeletionLinks(self=path, start=f"{path}/start" if order.state == "counted" else None),
    )
