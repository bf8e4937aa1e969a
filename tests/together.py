"""Things that happen at the same time."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread


def run_together(*works: Callable[[], object]) -> None:
    """Start each work in a thread of its own at one moment, and wait for all.

    The first exception is raised when all have ended.
    """
    raised: list[BaseException] = []
    start = Barrier(len(works))

    def guarded(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:
            raised.append(error)

    threads = [Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
