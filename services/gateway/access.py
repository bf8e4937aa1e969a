"""Who asks, and what they may do. The routes get what they need from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import urlsplit

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from services.gateway.catalog.reading import CatalogReader
from services.gateway.domain import Language
from services.gateway.gallery.wardrobe import Wardrobe
from services.gateway.keys import Holder, KeyRing
from services.gateway.leaving import Leaving
from services.gateway.limits import RateLimiter
from services.gateway.operations.kept import Operated
from services.gateway.people.shelf import ProfileShelf
from services.gateway.problems import RefusedError
from services.gateway.settings import GatewaySettings
from services.gateway.trend_evidence import EvidenceReader
from services.gateway.web.sessions import find_session
from shared.bus import Context
from shared.records import Database
from shared.records.trend_reader import TrendReader

SESSION_COOKIE: Final = "mapsi_session"
PAGE_HEADER: Final = "X-Mapsi-Page"
"""No page of another site can send it: browsers ask first, and the gateway never agrees."""


@dataclass(frozen=True)
class Gateway:
    """What the routes work with."""

    settings: GatewaySettings
    context: Context
    database: Database
    pace: RateLimiter
    decoding: CapacityLimiter
    """Holds up whoever would decode or draw one picture too many at once."""
    newcomers: RateLimiter
    """Holds up an address that would make one guest too many."""
    keys: KeyRing = field(default_factory=KeyRing)
    sessions: KeyRing = field(default_factory=lambda: KeyRing(find_session))
    profiles: ProfileShelf = field(default_factory=ProfileShelf)
    trends: TrendReader = field(default_factory=TrendReader)
    evidence: EvidenceReader = field(default_factory=EvidenceReader)
    catalog: CatalogReader = field(default_factory=CatalogReader)
    operated: Operated = field(default_factory=Operated)
    wardrobe: Wardrobe = field(default_factory=Wardrobe)
    leaving: Leaving = field(default_factory=Leaving)


@dataclass(frozen=True)
class Caller:
    """The API key that a request came with."""

    key_id: str
    name: str
    role: str

    @property
    def is_admin(self) -> bool:
        """An admin sees everybody's photos and pictures."""
        return self.role == "admin"


async def gateway_of(request: Request) -> Gateway:
    """Return what ``create_app`` was given."""
    gateway: Gateway = request.app.state.gateway
    return gateway


async def language_of(request: Request) -> Language:
    """Return the language that the client asked for by Accept-Language."""
    language: Language = request.state.language
    return language


Here = Annotated[Gateway, Depends(gateway_of)]
Spoken = Annotated[Language, Depends(language_of)]

_bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer mapsi_…`")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key, bare.")


def guest(request: Request, gateway: Here) -> None:
    """Hold the pace of an address that needs no key."""
    _hold_pace(gateway, f"address:{request.client.host if request.client else ''}")


def visitor(request: Request, gateway: Here) -> Caller | None:
    """Return who has signed in on the page, or None. Only for pages that change nothing."""
    token = request.cookies.get(SESSION_COOKIE)
    return _known(request, gateway, gateway.sessions, token) if token else None


def only_from_here(request: Request) -> None:
    """Refuse with 403 what another site's page sent, as far as the browser tells."""
    if not _from_here(request, unless_told=True):
        raise _foreign()


async def caller(
    request: Request,
    gateway: Here,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    header: Annotated[str | None, Depends(_header)],
) -> Caller:
    """Return who asks; RefusedError with 401 without a valid key, with 429 when too often."""
    return await _sign_in(request, gateway, bearer.credentials if bearer else header)


async def caller_of(request: Request, gateway: Gateway) -> Caller:
    """Return who asks, as ``caller`` does, for a route that FastAPI solves no dependencies for."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    key = bearer.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key")
    return await _sign_in(request, gateway, key or None)


async def _sign_in(request: Request, gateway: Gateway, key: str | None) -> Caller:
    if key:
        found = await _found(request, gateway, gateway.keys, key)
    else:
        found = await _of_browser(request, gateway)
    if found is None:
        await to_thread.run_sync(guest, request, gateway)
        raise RefusedError(
            401,
            "this needs a valid API key: send `Authorization: Bearer mapsi_…`",
            text_ko="유효한 API 키가 필요합니다: `Authorization: Bearer mapsi_…`를 보내세요",
            reason="key_needed",
        )
    client = f"key:{found.key_id}"
    if not gateway.pace.take_fetched(client):
        await to_thread.run_sync(_hold_pace, gateway, client)
    return found


async def _of_browser(request: Request, gateway: Gateway) -> Caller | None:
    """Return who is signed in on the page; what changes something must come from the page."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        return None
    if request.method not in ("GET", "HEAD"):
        told = request.headers.get(PAGE_HEADER) == "1"
        if not (told and _from_here(request, unless_told=False)):
            raise _foreign()
    return await _found(request, gateway, gateway.sessions, token)


def _from_here(request: Request, *, unless_told: bool) -> bool:
    """Tell whether a page of ours sent it; ``unless_told``: what to think where nothing says so.

    ``Sec-Fetch-Site`` cannot be forged by a page, but comes over https and loopback only.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return False
    return unless_told or origin is not None or site is not None


def _foreign() -> RefusedError:
    return RefusedError(
        403,
        "this can only be sent from Mapsi's own page; elsewhere send an API key",
        text_ko="맵시 페이지에서만 보낼 수 있습니다. 다른 곳에서는 API 키를 보내세요",
        reason="foreign_origin",
    )


async def _found(request: Request, gateway: Gateway, ring: KeyRing, secret: str) -> Caller | None:
    """Return whose secret it is: from memory, or else in a thread that may wait."""
    known = ring.recall(secret)
    if known is not None:
        return _caller_of(request, known)
    return await to_thread.run_sync(_known, request, gateway, ring, secret)


def _known(request: Request, gateway: Gateway, ring: KeyRing, secret: str) -> Caller | None:
    found = ring.find(gateway.database, secret)
    return None if found is None else _caller_of(request, found)


def _caller_of(request: Request, key: Holder) -> Caller:
    request.state.key_id = key.key_id
    return Caller(key_id=key.key_id, name=key.name, role=key.role)


def _hold_pace(gateway: Gateway, client: str) -> None:
    wait = gateway.pace.take(client)
    if wait > 0:
        raise RefusedError(
            429,
            f"more than {gateway.settings.requests_per_minute} requests a minute; "
            f"wait {wait:.0f} s",
            text_ko=f"분당 {gateway.settings.requests_per_minute}회를 넘었습니다. "
            f"{wait:.0f}초 기다리세요",
            reason="too_many_requests",
            wait=wait,
        )


By = Annotated[Caller, Depends(caller)]


async def admin(caller: By) -> Caller:
    """Return who asks; RefusedError with 403 where it is no admin key."""
    if not caller.is_admin:
        raise RefusedError(
            403,
            "this needs an admin key; make one: `mapsi gateway keys create NAME --role admin`",
            text_ko="관리자 키가 필요합니다. `mapsi gateway keys create 이름 --role admin`으로 "
            "만드세요",
            reason="admin_needed",
        )
    return caller


ByAdmin = Annotated[Caller, Depends(admin)]
