"""Running a test's HTTP server in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import TypeVar

Some = TypeVar("Some", bound=ThreadingHTTPServer)


@contextmanager
def serving(kind: type[Some]) -> Iterator[Some]:
    """Run a server until the block ends; ``kind`` finds a port by itself."""
    with kind() as server:  # type: ignore[call-arg]  # its own class knows its port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
