"""The uvicorn server around the app."""

from __future__ import annotations

import asyncio
import socket
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from services.gateway.access import Gateway
from services.gateway.leaving import Leaving
from services.gateway.settings import GatewaySettings
from shared.logging import logger

log = logger(__name__)
_LAST_WORDS: Final = 2
"""Seconds for the answers to those who waited in vain."""


class Server(uvicorn.Server):
    """It goes without cutting off what is in hand (``services/gateway/leaving.py``)."""

    def __init__(
        self, config: uvicorn.Config, *, leaving: Leaving, settings: GatewaySettings
    ) -> None:
        super().__init__(config)
        self._leaving = leaving
        self._settings = settings

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._leaving.begin()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leaving.begin()
        clock = asyncio.get_running_loop()
        until = clock.time() + self._settings.linger_seconds
        while clock.time() < until and not self.force_exit:
            await asyncio.sleep(0.1)
        end = clock.call_later(self._settings.drain_seconds, self._cut_short)
        try:
            await super().shutdown(sockets)
        finally:
            end.cancel()

    def _cut_short(self) -> None:
        count = self._leaving.cut_short()
        if count:
            log.warning("requests were sent away", count=count)


def server_for(app: FastAPI, *, host: str, port: int) -> Server:
    """Return the server; ``run()`` it until SIGTERM or Ctrl-C. Port 0 takes a free one."""
    gateway: Gateway = app.state.gateway
    drain = gateway.settings.drain_seconds
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,  # ours is configured
        access_log=False,  # the edge writes its own line
        server_header=False,
        timeout_graceful_shutdown=int(drain) + _LAST_WORDS,
    )
    return Server(config, leaving=gateway.leaving, settings=gateway.settings)
