"""The FastAPI app, made from its settings and stores; nothing happens at import."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI

from services.gateway import problems
from services.gateway.access import Gateway
from services.gateway.api import (
    alerts,
    archives,
    assets,
    chat,
    deletions,
    docs,
    export,
    feeds,
    forecast,
    generations,
    health,
    items,
    looks,
    me,
    operations,
    pages,
    personal_color,
    photos,
    recommendations,
    reports,
    saved_views,
    session,
    sources,
    trends,
)
from services.gateway.api.session import GUESTS_A_MINUTE, GUESTS_AT_ONCE
from services.gateway.chat.conversation import Chat
from services.gateway.chat.opening import open_chat
from services.gateway.domain import Language
from services.gateway.edge import Edge
from services.gateway.express import Express
from services.gateway.limits import RateLimiter
from services.gateway.outbox import sweep
from services.gateway.settings import ChatSettings, GatewaySettings
from services.gateway.web import error_pages
from shared.bus import Context
from shared.records import Database
from shared.settings import read


def create_app(
    settings: GatewaySettings,
    context: Context,
    database: Database,
    *,
    chat_settings: ChatSettings | None = None,
) -> FastAPI:
    """Return the gateway's app; its schema must be there (``shared.records.upgrade``).

    The chat's settings are read from the environment where they are not given.
    """
    app = FastAPI(
        title="Mapsi",
        version=version("mapsi"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    gateway = Gateway(
        settings=settings,
        context=context,
        database=database,
        pace=RateLimiter(
            context.settings, per_minute=settings.requests_per_minute, burst=settings.burst
        ),
        newcomers=RateLimiter(context.settings, per_minute=GUESTS_A_MINUTE, burst=GUESTS_AT_ONCE),
        decoding=CapacityLimiter(settings.decodes),
    )
    app.state.gateway = gateway
    app.state.chat = open_chat(gateway, chat_settings or read(ChatSettings))
    language: Language = "ko" if context.settings.language == "ko" else "en"
    app.add_middleware(Express, route=chat.messages_route(), answer=chat.send_message)
    app.add_middleware(
        Edge, seconds=settings.request_seconds, language=language, leaving=gateway.leaving
    )
    problems.install(app)
    error_pages.install(app)
    for topic in (
        chat,  # the busiest: routes are tried in this order
        photos,
        trends,
        forecast,
        export,
        reports,
        archives,  # before the pictures: archive.zip is no job
        generations,
        looks,
        alerts,
        saved_views,
        sources,
        feeds,
        items,
        deletions,
        me,
        recommendations,
        personal_color,
        operations,
        health,
        session,
        pages,
    ):
        app.include_router(topic.router)
    assets.install(app)
    docs.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Announce what was left unannounced, as long as the gateway lives."""
    gateway: Gateway = app.state.gateway
    stop = threading.Event()
    sweeper = threading.Thread(target=sweep, args=(gateway, stop), name="outbox", daemon=True)
    sweeper.start()
    chat: Chat = app.state.chat
    warming = asyncio.create_task(chat.warm())
    yield
    warming.cancel()
    await chat.close()
    stop.set()
    await to_thread.run_sync(sweeper.join, 5.0)
    gateway.pace.close()
    gateway.newcomers.close()
