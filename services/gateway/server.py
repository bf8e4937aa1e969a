"""The uvicorn server around the app."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI


def server_for(app: FastAPI, *, host: str, port: int) -> uvicorn.Server:
    """Return the server; ``run()`` it until SIGTERM or Ctrl-C. Port 0 takes a free one."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,  # ours is configured
        access_log=False,  # the edge writes its own line
        server_header=False,
        timeout_graceful_shutdown=5,  # event streams would keep it up
    )
    return uvicorn.Server(config)
