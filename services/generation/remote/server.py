"""Asking a drawing server: one origin of the operator's own, a secret, patience, clear errors.

The origin that the settings name may lie in a private network: the operator put it there. What a
server's answers name may not, unless it is on the same origin; no redirect is followed to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_network
from typing import Any, Final, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from services.generation.backends import Watch
from shared import tracing
from shared.errors import PermanentError, RetryableError
from shared.fetch import FetchRules, fetch, send
from shared.fetch_errors import Answer, FetchRefusedError, FetchUnavailableError
from shared.imaging import Pixels, decode
from shared.photo_checks import MAX_BYTES, PhotoError
from shared.quoting import quotable

Waiting = Callable[[], None]
_MAX_ANSWER: Final = MAX_BYTES * 4 // 3 + 1_000_000
"""Bytes of a JSON answer: a whole picture in base64, and words beside it."""
_TRIES: Final = 3
_LONGEST_WAIT: Final = 60.0
_PAUSE: Final = 0.5
_ANYWHERE: Final = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_NO_CREDIT: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_FORBIDDEN: Final = frozenset({"content_policy_violation", "moderation_blocked", "content_filter"})

Read = TypeVar("Read", bound=BaseModel)


class Said(BaseModel):
    """What a server says; whatever more it says is left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True)
class Server:
    """A drawing server; ``setting`` names the variable of its address in errors."""

    url: str
    setting: str
    key: str | None = field(default=None, repr=False)
    seconds: float = 60.0

    @property
    def host(self) -> str:
        """Host and port, as errors and manifests name it."""
        return httpx.URL(self.url).netloc.decode("ascii")

    def post(self, path: str, body: object, *, waiting: Waiting) -> bytes:
        """POST JSON and return what is answered.

        Raises PermanentError where the request can never be served, and RetryableError where it
        may later. ``waiting`` is called about every half second; what it raises passes through.
        """
        return self._send(httpx.Request("POST", self.url + path, json=body), waiting)

    def post_form(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Mapping[str, tuple[str, bytes]],
        *,
        waiting: Waiting,
    ) -> bytes:
        """POST a multipart form whose files, name and bytes, are PNG; fails like ``post``."""
        parts = {name: (file, data, "image/png") for name, (file, data) in files.items()}
        request = httpx.Request("POST", self.url + path, data=dict(fields), files=parts)
        return self._send(request, waiting)

    def get(self, path: str, *, waiting: Waiting) -> bytes:
        """GET ``path``; fails like ``post``."""
        url, rules = self.url + path, self._rules()
        return self._patiently(
            lambda: (
                fetch(url, rules=rules, accept="*/*", headers=self._headers(), waiting=waiting).data
            ),
            waiting,
        )

    def picture_at(self, url: str, *, waiting: Waiting) -> bytes:
        """Fetch a picture that an answer names: from here, or from the public internet."""
        here = httpx.URL(self.url)
        if url.startswith(f"{here.scheme}://{self.host}/"):
            rules, headers = self._rules(), self._headers()
        else:
            rules, headers = FetchRules(max_bytes=MAX_BYTES, deadline=self.seconds), {}
        return self._patiently(
            lambda: fetch(url, rules=rules, headers=headers, waiting=waiting).data, waiting
        )

    def pixels_of(self, data: bytes) -> Pixels:
        """Return a picture's pixels; PermanentError where it is none that may be decoded."""
        try:
            return decode(data, name=self.host).pixels
        except PhotoError as error:
            raise PermanentError(
                f"the drawing server sent no usable picture: {error.text}",
                text_ko=f"그림 서버가 쓸 수 있는 그림을 보내지 않았습니다: {error.text_ko}",
                reason="bad_picture",
            ) from error

    def read(self, kind: type[Read], data: bytes) -> Read:
        """Return an answer's JSON as ``kind``; PermanentError where it is something else."""
        try:
            return kind.model_validate_json(data)
        except ValidationError as error:
            raise PermanentError(
                f"{self.host} does not answer as a drawing server does; check {self.setting}",
                text_ko=f"{self.host}: 그림 서버의 답이 아닙니다. {self.setting}을 확인하세요",
                reason="bad_answer",
            ) from error

    def _send(self, request: httpx.Request, waiting: Waiting) -> bytes:
        body = request.read()
        kind = {"Content-Type": request.headers["Content-Type"]}
        url, rules = str(request.url), self._rules()
        return self._patiently(
            lambda: send(
                url, body, headers={**kind, **self._headers()}, rules=rules, waiting=waiting
            ),
            waiting,
        )

    def _headers(self) -> dict[str, str]:
        """Return the secret, and what makes the server's work a part of our trace."""
        secret = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return {**secret, **tracing.carried()}

    def _rules(self) -> FetchRules:
        url = httpx.URL(self.url)
        port = url.port or (443 if url.scheme == "https" else 80)
        return FetchRules(
            max_bytes=_MAX_ANSWER,
            deadline=self.seconds,
            max_redirects=0,
            ports=frozenset({port}),
            networks=_ANYWHERE,
        )

    def _patiently(self, ask: Callable[[], bytes], waiting: Waiting) -> bytes:
        """Ask again where the server says that it is busy, after as long as it says."""
        for tries in range(1, _TRIES + 1):
            try:
                with tracing.span("drawing server", kind="client", attributes=self._told()):
                    return ask()
            except FetchRefusedError as error:
                raise self._refused(error) from error
            except FetchUnavailableError as error:
                wait = _retry_after(error.answer) if error.answer else None
                again = wait if wait is not None else float(2**tries)
                if error.answer is not None and _code(error.answer) in _NO_CREDIT:
                    raise self._refused(error) from error
                if error.answer is None or tries == _TRIES or again > _LONGEST_WAIT:
                    raise self._away(error, wait) from error
            _pause(again, waiting)
        raise AssertionError("the last try returns or raises")

    def _told(self) -> dict[str, tracing.Attribute]:
        return {"server.address": httpx.URL(self.url).host}

    def _refused(self, error: FetchRefusedError | FetchUnavailableError) -> PermanentError:
        answer = error.answer
        if answer is None:
            return PermanentError(error.text, text_ko=error.text_ko, reason=error.reason)
        reason, english, korean = _why(answer)
        key = self.setting.replace("_URL", "_KEY")
        words = _words(answer)
        told = f" ({words})" if words else ""
        return PermanentError(
            f"the drawing server {self.host} refused: {english.format(key=key)}{told}",
            text_ko=f"그림 서버 {self.host}가 거절했습니다: {korean.format(key=key)}{told}",
            reason=reason,
        )

    def _away(self, error: FetchUnavailableError, wait: float | None) -> RetryableError:
        again = f" in {wait:.0f} s" if wait is not None else ""
        again_ko = f" {wait:.0f}초 뒤에" if wait is not None else ""
        return RetryableError(
            f"the drawing server is busy or away, try again{again}: {error.text}",
            text_ko=f"그림 서버가 바쁘거나 답하지 않습니다.{again_ko} 다시 시도하세요: "
            f"{error.text_ko}",
            reason="drawer_away",
        )


def told_of(watch: Watch, number: int, steps: int) -> Waiting:
    """Return what tells ``watch`` that picture ``number`` of ``steps`` is being drawn."""
    return lambda: watch.step(number, steps, None)


def _pause(seconds: float, waiting: Waiting) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        waiting()
        time.sleep(min(_PAUSE, left))


def _why(answer: Answer) -> tuple[str, str, str]:
    """Return the reason of a refusal, and the reason in English and Korean."""
    code = _code(answer)
    if code in _NO_CREDIT:
        return "no_credit", "its account has no credit left", "계정의 잔액이 없습니다"
    if code in _FORBIDDEN:
        return (
            "content_refused",
            "it does not draw that; say it otherwise",
            "그릴 수 없는 내용입니다",
        )
    if answer.status in (401, 403):
        return (
            "key_refused",
            "it takes no such key; set {key}",
            "키가 맞지 않습니다. {key}를 정하세요",
        )
    return "server_refused", f"it answered {answer.status}", f"{answer.status} 응답"


def _retry_after(answer: Answer) -> float | None:
    """Seconds of Retry-After, which says seconds or a date; None where it says neither."""
    said = answer.headers.get("retry-after", "")
    if said.isdecimal():
        return float(said[:9])
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _said(answer: Answer) -> dict[str, Any]:
    try:
        said = from_json(answer.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _error(answer: Answer) -> dict[str, Any]:
    """Return the error object that OpenAI's and ComfyUI's answers hold, or none."""
    error = _said(answer).get("error")
    return error if isinstance(error, dict) else {}


def _code(answer: Answer) -> str:
    return str(_error(answer).get("code"))


def _words(answer: Answer) -> str:
    """Return what a server says for people, cut short: it is shown as a quotation."""
    told = _error(answer).get("message") or ""
    nodes = _said(answer).get("node_errors")
    for node in nodes.values() if isinstance(nodes, dict) else ():
        for error in node.get("errors", ()) if isinstance(node, dict) else ():
            told = f"{told} {error.get('details', '')}" if isinstance(error, dict) else told
    return quotable(str(told)[:200], limit=200)
