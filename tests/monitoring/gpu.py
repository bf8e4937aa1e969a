"""A process with a GPU, as Prometheus sees it: made up, for no GPU is where these tests run."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, start_http_server

from shared.metrics import GPU_MEMORY_BYTES
from tests.system.installation import free_port

_TOTAL: Final = 24 * 2**30


class MadeUpGpu:
    """Serves the figures of ``shared/metrics.py`` as ``services/worker.py`` sets them."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        registry.register(GPU_MEMORY_BYTES)
        self.port = free_port()
        self.use(0.4)
        self._server, _ = start_http_server(self.port, "127.0.0.1", registry)

    def use(self, share: float) -> None:
        """Take this share of the GPU's memory."""
        for kind, size in {"used": share, "peak": share, "total": 1.0}.items():
            GPU_MEMORY_BYTES.labels("generation.gpu", kind).set(size * _TOTAL)

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
