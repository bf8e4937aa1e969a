"""Run a program that dies with its parent: ``leash.py PARENT_PID COMMAND ...``.

The supervisor starts every child through this file, so that nothing is left running when the
supervisor itself is killed. Standard library only: it starts in a few milliseconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1


def bind(parent: int) -> None:
    """Ask Linux to kill this process, and what it becomes by exec, when ``parent`` ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it ended before the line above
        raise SystemExit(1)


def watch(parent: int, command: list[str], *, every: float = 0.5) -> int:
    """Where the system cannot do that: run ``command`` beside, and kill it when ``parent`` ends.

    Returns the exit code of the command, 128 + n when signal n ended it.
    """
    with subprocess.Popen(command) as child:  # noqa: S603 - the supervisor's own command
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        while child.poll() is None:
            if os.getppid() != parent:
                child.kill()
            time.sleep(every)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def main() -> None:
    """Become the command, on a leash."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform != "linux":
        sys.exit(watch(parent, command))
    bind(parent)
    os.execvp(command[0], command)  # noqa: S606 - the supervisor's own command


if __name__ == "__main__":
    main()
