"""Structured logs: one line an event, with the correlation id of the message at hand."""

from __future__ import annotations

import logging
import sys
from json import JSONEncoder

import structlog

from shared.settings import Settings


def configure(settings: Settings) -> None:
    """Send every log line, ours and the libraries', to stderr in one form."""
    steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    encode = JSONEncoder(ensure_ascii=False, default=repr).encode
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(lambda event, **_: encode(event))
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=steps,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    logging.captureWarnings(True)
    # Neither form tells them; a quarter of what a line costs went into finding them out.
    logging._srcfile = None  # as the logging HOWTO says
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # Celery's own lines about a task stand outside of it and know no correlation id; ours do.
    # Alembic names each of its plugins.
    for quiet in ("celery.worker.strategy", "celery.app.trace", "alembic"):
        logging.getLogger(quiet).setLevel(logging.WARNING)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of one module."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound
