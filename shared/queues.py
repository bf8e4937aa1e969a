"""The queues as an operator sees them: how many messages wait in each, and for how long."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.broker import SENT_AT, Broker


@dataclass(frozen=True)
class Queue:
    """One queue."""

    name: str
    waiting: int
    oldest_at: datetime | None
    """When the message that is served next was put there; None: none waits, or it does not say."""

    def oldest_seconds(self, now: datetime) -> float:
        """Return how long the next message has waited; 0 where none does."""
        if self.oldest_at is None:
            return 0.0
        return max(0.0, (now - self.oldest_at).total_seconds())


@dataclass(frozen=True)
class Queues:
    """All queues at one moment."""

    queues: tuple[Queue, ...]
    in_hand: int
    """Messages that workers hold: at work on them, or waiting to try again."""


def read_queues(broker: Broker) -> Queues:
    """Return all queues by name; RetryableError where the broker does not answer."""
    lengths = broker.queue_lengths()
    in_hand = lengths.pop("unacked")
    following = broker.next_messages(tuple(lengths))
    return Queues(
        tuple(Queue(name, waiting, sent_at(following[name])) for name, waiting in lengths.items()),
        in_hand,
    )


def sent_at(message: bytes | None) -> datetime | None:
    """Return when a message was published, as the broker keeps it; None where it does not say."""
    if message is None:
        return None
    try:
        moment = float(json.loads(message)["headers"][SENT_AT])
        return datetime.fromtimestamp(moment, UTC)
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return None
