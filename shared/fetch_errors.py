"""Why a URL was not fetched: for good, or for now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from shared.errors import PermanentError, RetryableError
from shared.quoting import quotable

RefusedReason = Literal[
    "bad_url",
    "bad_scheme",
    "userinfo",
    "port",
    "private_address",
    "unknown_host",
    "bad_certificate",
    "too_many_redirects",
    "http_status",
    "compressed",
    "too_large",
]
UnavailableReason = Literal["timeout", "no_answer", "http_status"]

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "bad_url": (
        "this is not a plain web address; write it as https://host/path",
        "올바른 웹 주소가 아닙니다. https://호스트/경로 꼴로 쓰세요",
    ),
    "bad_scheme": (
        "only http and https are fetched; give such an address",
        "http와 https만 받습니다. 그런 주소를 주세요",
    ),
    "userinfo": (
        "the address carries a user name or password; remove it",
        "주소에 사용자 이름이나 비밀번호가 있습니다. 빼고 쓰세요",
    ),
    "port": (
        "only the ports {detail} are asked; use a public web server",
        "{detail} 포트만 씁니다. 공개 웹 서버 주소를 쓰세요",
    ),
    "private_address": (
        "the address leads into a private network; give a public one",
        "사설망으로 가는 주소입니다. 공개 주소를 쓰세요",
    ),
    "unknown_host": (
        "there is no such host; check the spelling",
        "없는 호스트입니다. 철자를 확인하세요",
    ),
    "bad_certificate": (
        "the server's certificate is not valid for this name; use another address",
        "서버 인증서가 이 이름과 맞지 않습니다. 다른 주소를 쓰세요",
    ),
    "too_many_redirects": (
        "redirected more than {detail} times; give the final address",
        "{detail}번 넘게 다른 주소로 넘어갑니다. 마지막 주소를 쓰세요",
    ),
    "http_status": (
        "the server answered {detail}; check the address in a browser",
        "서버가 {detail}(으)로 답했습니다. 브라우저에서 주소를 확인하세요",
    ),
    "compressed": (
        "the server sent a compressed body that was not asked for; use another address",
        "서버가 요청하지 않은 압축 본문을 보냈습니다. 다른 주소를 쓰세요",
    ),
    "too_large": (
        "the body is larger than {detail} MB; give a smaller photo",
        "본문이 {detail}MB보다 큽니다. 더 작은 사진을 주세요",
    ),
    "timeout": (
        "the server was too slow; it will be tried again",
        "서버가 너무 느립니다. 다시 시도합니다",
    ),
    "no_answer": (
        "the server gave no proper answer; it will be tried again",
        "서버가 제대로 답하지 않습니다. 다시 시도합니다",
    ),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was no success: a stranger's words, cut off after 64 KB."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes


class FetchRefusedError(PermanentError):
    """The URL is never fetched; ``reason`` is one of ``RefusedReason``."""

    def __init__(
        self, url: str, reason: RefusedReason, *, detail: str = "", answer: Answer | None = None
    ) -> None:
        english, korean = _texts(url, reason, detail)
        super().__init__(english, text_ko=korean, reason=reason)
        self.answer = answer
        """What the server said, where it said anything."""


class FetchUnavailableError(RetryableError):
    """The URL may be fetched later; ``reason`` is one of ``UnavailableReason``."""

    def __init__(
        self, url: str, reason: UnavailableReason, *, detail: str = "", answer: Answer | None = None
    ) -> None:
        english, korean = _texts(url, reason, detail)
        super().__init__(english, text_ko=korean, reason=reason)
        self.answer = answer


def _texts(url: str, reason: str, detail: str) -> tuple[str, str]:
    """Return both texts; the URL is shown without its password and its query's secrets."""
    shown = quotable(re.sub(r"//[^/]*@", "//", url).partition("?")[0])
    english, korean = (text.format(detail=detail) for text in _TEXTS[reason])
    return f"{shown}: {english}", f"{shown}: {korean}"
