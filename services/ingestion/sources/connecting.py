"""Opening the connector of a scheduled source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from pydantic import SecretStr

from services.ingestion.sources.bluesky import BlueskyConnector
from services.ingestion.sources.feed import FeedConnector
from services.ingestion.sources.found import Connector
from services.ingestion.sources.instagram import InstagramConnector
from services.ingestion.sources.mastodon import MastodonConnector
from services.ingestion.sources.tumblr import TumblrConnector
from shared.source_kinds import KINDS, SourceSpec


@contextmanager
def open_connector(spec: SourceSpec, tokens: Mapping[str, SecretStr]) -> Iterator[Connector]:
    """Yield the connector; TokenError where it needs a token that ``tokens`` lacks.

    A token is kept under the source's name, or under its kind for all sources of that kind.
    """
    secret = tokens.get(spec.name) or tokens.get(spec.kind)
    connector = _connector(spec, secret.get_secret_value() if secret else None)
    with closing(connector.api):
        yield connector


def _connector(
    spec: SourceSpec, token: str | None
) -> InstagramConnector | MastodonConnector | BlueskyConnector | TumblrConnector | FeedConnector:
    kind = KINDS[spec.kind]
    name, licence, url = spec.name, kind.licence, spec.url or kind.url or ""
    if kind.name == "instagram":
        account = spec.user_id or ""
        return InstagramConnector(name, url, token=token, account=account, licence=licence)
    if kind.name == "bluesky":
        return BlueskyConnector(name, url, token=token, licence=licence)
    if kind.name == "tumblr":
        return TumblrConnector(name, url, token=token, licence=licence)
    if kind.name == "feed":
        return FeedConnector(name, url, licence=licence)
    needs = kind.token == "needed"  # noqa: S105
    return MastodonConnector(name, url, token=token, licence=licence, needs_token=needs)
