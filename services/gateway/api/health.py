"""Health: for orchestrators and Prometheus; no key needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
from anyio import to_thread
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text

from services.gateway.access import Gateway, Here
from services.gateway.api.replies import problem
from services.gateway.leaving import leaving
from services.gateway.problems import RefusedError, respond
from services.gateway.views import Checks, Health, Readiness, Word
from shared import metrics
from shared.errors import MapsiError
from shared.logging import logger

log = logger(__name__)
router = APIRouter(tags=["health"])
_PATIENCE_SECONDS = 5.0


@router.get("/healthz", response_model=Health)
async def get_health() -> Health:
    """The process lives and answers."""
    return Health()


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: problem("`checks` says what is away; or the gateway is being stopped")},
)
async def get_readiness(request: Request, gateway: Here) -> Any:
    """Whether database, broker and store answer, each in a word."""
    if gateway.leaving.begun:
        return respond(request, leaving())
    found: dict[str, Word] = {}

    async def look(name: str, check: Callable[[], object]) -> None:
        found[name] = "away"
        with anyio.move_on_after(_PATIENCE_SECONDS):
            found[name] = await to_thread.run_sync(_word, name, check, abandon_on_cancel=True)

    async with anyio.create_task_group() as group:
        group.start_soon(look, "database", lambda: _ask_database(gateway))
        group.start_soon(look, "broker", gateway.context.broker.ping)
        group.start_soon(look, "storage", gateway.context.storage.check)
    checks = Checks(**found)
    if set(found.values()) == {"ok"}:
        return Readiness(checks=checks)
    return _not_ready(request, checks)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus's text format",
            "content": {"text/plain": {"example": "mapsi_http_requests_total{…} 3.0\n"}},
        }
    },
)
def get_metrics() -> Response:
    """Counters of this process, or of all processes of one supervisor."""
    return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


def _ask_database(gateway: Gateway) -> None:
    with gateway.database.reading() as session:
        session.execute(text("SELECT 1 FROM api_keys LIMIT 1"))


def _word(name: str, check: Callable[[], object]) -> Word:
    try:
        check()
    except MapsiError as error:
        log.warning("not ready", check=name, error=str(error))
        return "away"
    return "ok"


def _not_ready(request: Request, checks: Checks) -> Response:
    away = ", ".join(name for name, word in checks.model_dump().items() if word == "away")
    refused = RefusedError(
        503,
        f"away: {away}; `mapsi doctor` says how to bring it back",
        text_ko=f"연결되지 않음: {away}. `mapsi doctor`로 확인하세요",
        reason="not_ready",
    )
    return respond(request, refused, extra={"checks": checks.model_dump()})
