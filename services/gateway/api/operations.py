"""Operations: how all is, queues, photos, jobs and models. For admins."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, cast

import anyio
from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response

from services.gateway.access import ByAdmin, Gateway, Here, Spoken
from services.gateway.answers import Asked, IdempotencyKey, hash_of
from services.gateway.api.replies import ERRORS, NOT_FOUND, Cursor, PageSize, problem, reply
from services.gateway.domain import Language, from_cursor, to_cursor
from services.gateway.looks import call_off
from services.gateway.operations import jobs, models, photos, status
from services.gateway.operations.photo_views import (
    PhotosOverview,
    RetryIn,
    RetryView,
    Troubled,
    TroubledPage,
)
from services.gateway.operations.views import (
    JobPage,
    ModelsView,
    OperatedJob,
    PartView,
    QueuesView,
    QueueView,
    StatusView,
)
from shared.errors import MapsiError

router = APIRouter(
    prefix="/v1/operations",
    tags=["operations"],
    responses={**ERRORS, 403: problem("not an admin key")},
)
_PATIENCE_SECONDS = 5.0
JobId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.get("/status", response_model=StatusView)
async def get_status(
    request: Request, caller: ByAdmin, gateway: Here, language: Spoken
) -> Response:
    """Tell whether all is well, part by part, with the fix where it is not."""
    parts = await _basis(gateway, language)
    look = partial(_rest, gateway, language, parts)
    told = [*parts.values(), *await to_thread.run_sync(look)]
    links = {"metrics": "/metrics"}
    if gateway.settings.grafana_url:
        links["grafana"] = gateway.settings.grafana_url
    view = StatusView(well=all(part.state == "ok" for part in told), parts=told, links=links)
    return reply(request, view)


@router.get("/queues", response_model=QueuesView)
def get_queues(request: Request, caller: ByAdmin, gateway: Here) -> Response:
    """Tell how many messages wait in each queue, since when, and who takes them."""
    aside, needed = status.look_aside(gateway), status.workers_of(gateway)
    queues = [
        QueueView(
            name=queue.name,
            waiting=queue.waiting,
            oldest_at=queue.oldest_at,
            consumers=len(aside.of(queue.name)),
            needed=queue.name in needed,
        )
        for queue in aside.queues.queues
    ]
    return reply(request, QueuesView(queues=queues, in_hand=aside.queues.in_hand))


@router.get("/photos", response_model=PhotosOverview)
def get_photos(request: Request, caller: ByAdmin, gateway: Here) -> Response:
    """Count the photos by state, and those that did not get on by reason."""
    return reply(request, gateway.operated.photos.get(partial(_overview, gateway)))


@router.get("/photos/troubled", response_model=TroubledPage)
def list_troubled(
    request: Request,
    caller: ByAdmin,
    gateway: Here,
    *,
    state: Annotated[Troubled, Query(description="buried, or failed")] = "buried",
    stage: Annotated[str | None, Query(max_length=64, description="of failed ones")] = None,
    reason: Annotated[str | None, Query(max_length=4000, description="exactly as told")] = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """List photos that failed or were buried, the latest first."""
    choice = photos.Choice(state, stage, reason)
    with gateway.database.reading() as session:
        found = photos.list_troubled(session, choice, before=_place(cursor), limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    page = TroubledPage(
        photos=list(found[:limit]), next=to_cursor(last.at, last.id) if last else None
    )
    return reply(request, page)


@router.post("/photos/retry", status_code=202, response_model=RetryView, responses=NOT_FOUND)
def retry_photos(
    request: Request,
    wanted: RetryIn,
    caller: ByAdmin,
    gateway: Here,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Put photos that failed or were buried back on their way, as `mapsi retry` does.

    A thousand at most: `left` says how many another request would take. Photos that ended well
    meanwhile are left alone. No worker need live: what is announced waits in its queue.
    """
    asked = Asked(caller.key_id, idempotency_key, hash_of(wanted.model_dump_json().encode()))
    view = photos.retry(gateway, asked, wanted)
    gateway.operated.photos.drop()
    return reply(request, view, status=202)


@router.get("/jobs", response_model=JobPage)
def list_jobs(
    request: Request,
    caller: ByAdmin,
    gateway: Here,
    *,
    state: Annotated[jobs.Which, Query(description="open, or ended")] = "open",
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Response:
    """List everybody's drawing jobs, without what they show, the latest first."""
    with gateway.database.reading() as session:
        found = jobs.list_jobs(session, state, before=_place(cursor), limit=limit + 1)
        waiting = jobs.count_open(session)
    page = JobPage(
        jobs=[jobs.job_view(known) for known in found[:limit]],
        open=waiting,
        next=found[limit - 1].cursor if len(found) > limit else None,
    )
    return reply(request, page)


@router.delete("/jobs/{job_id}", status_code=202, response_model=OperatedJob, responses=NOT_FOUND)
def cancel_job(request: Request, job_id: JobId, caller: ByAdmin, gateway: Here) -> Response:
    """Call a job off, whoever wished for it: it stops at its next step. What has ended stays."""
    call_off(gateway, jobs.find_job(gateway, job_id))
    return reply(request, jobs.job_view(jobs.find_job(gateway, job_id)), status=202)


@router.get("/models", response_model=ModelsView)
def get_models(request: Request, caller: ByAdmin, gateway: Here, language: Spoken) -> Response:
    """Tell which models the gateway's settings choose, and what the ledger has of others."""
    census = gateway.operated.models.get(partial(_census, gateway))
    return reply(request, models.models_view(census, gateway.context.settings, language))


async def _basis(gateway: Gateway, language: Language) -> dict[str, PartView]:
    """Ask broker, database and store at once; who does not answer in time is away."""
    troubles: dict[str, str | None] = {}

    async def look(name: status.Basis) -> None:
        troubles[name] = status.no_answer(language)
        with anyio.move_on_after(_PATIENCE_SECONDS):
            troubles[name] = await to_thread.run_sync(
                _trouble, gateway, name, language, abandon_on_cancel=True
            )

    async with anyio.create_task_group() as group:
        for name in status.PARTS:
            group.start_soon(look, name)
    return {name: status.basis(gateway, name, language, troubles[name]) for name in status.PARTS}


def _trouble(gateway: Gateway, name: status.Basis, language: Language) -> str | None:
    try:
        status.check(gateway, name)
    except MapsiError as error:
        return error.in_language(language)
    return None


def _rest(gateway: Gateway, language: Language, parts: dict[str, PartView]) -> list[PartView]:
    aside = None if parts["broker"].state == "away" else status.look_aside(gateway)
    told = status.workers(gateway, aside, language)
    if parts["database"].state == "away":
        return [*told, *status.contents_unknown(language)]
    with gateway.database.reading() as session:
        return [*told, *status.contents(session, language)]


def _overview(gateway: Gateway) -> PhotosOverview:
    with gateway.database.reading() as session:
        return photos.overview(session)


def _census(gateway: Gateway) -> models.Census:
    with gateway.database.reading() as session:
        return models.take_census(session, gateway.context.settings)


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, key = from_cursor(cursor, datetime, str)
    return cast("datetime", at), str(key)
