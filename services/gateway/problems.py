"""Every error as problem+json (RFC 9457), in the reader's language."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from services.gateway.domain import Language
from shared.errors import MapsiError, RetryableError
from shared.logging import logger
from shared.photo_checks import PhotoError
from shared.storage import ObjectNotFoundError

log = logger(__name__)

_TITLES_KO: Final = {
    400: "잘못된 요청",
    401: "인증이 필요합니다",
    403: "권한이 없습니다",
    404: "없습니다",
    405: "허용되지 않는 메서드",
    408: "요청 시간이 초과되었습니다",
    409: "지금 상태와 맞지 않습니다",
    410: "삭제되었습니다",
    413: "너무 큽니다",
    415: "지원하지 않는 형식",
    422: "처리할 수 없는 값",
    429: "요청이 너무 많습니다",
    500: "서버 오류",
    503: "잠시 사용할 수 없습니다",
    504: "시간이 초과되었습니다",
}
_PHOTO_STATUS: Final = {
    "too_large": 413,
    "too_many_pixels": 413,
    "not_an_image": 415,
    "unsupported_format": 415,
}
_FIELD_TEXTS_KO: Final = {
    "missing": "값이 필요합니다",
    "extra_forbidden": "모르는 이름입니다",
    "json_invalid": "JSON이 아닙니다",
    "string_too_long": "너무 깁니다. {max_length}자까지입니다",
    "string_too_short": "너무 짧습니다",
    "too_long": "너무 많습니다",
    "too_short": "너무 적습니다",
    "greater_than_equal": "너무 작습니다",
    "less_than_equal": "너무 큽니다",
    "int_parsing": "정수가 아닙니다",
    "int_type": "정수가 아닙니다",
    "string_type": "문자열이 아닙니다",
    "string_pattern_mismatch": "형식이 맞지 않습니다",
    "literal_error": "허용된 값이 아닙니다",
    "timezone_aware": "시간대가 필요합니다",
}


class FieldProblem(BaseModel):
    """One value that is wrong."""

    where: str = Field(description="path to the value, by dots")
    text: str


class Problem(BaseModel):
    """RFC 9457. ``reason`` is stable and for programs, ``detail`` for people."""

    type: str = Field(description="urn:mapsi:problem:<reason>")
    title: str
    status: int
    detail: str
    instance: str = Field(description="path of the request")
    reason: str
    request_id: str
    errors: list[FieldProblem] = []

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:mapsi:problem:unknown_photo",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "there is no photo 3f…; see GET /v1/photos",
                    "instance": "/v1/photos/3f…",
                    "reason": "unknown_photo",
                    "request_id": "5b1f0c9a7d3e2468",
                    "errors": [],
                }
            ]
        }
    )


class RefusedError(MapsiError):
    """A request that is answered with ``status``."""

    def __init__(
        self, status: int, text: str, *, text_ko: str, reason: str, wait: float | None = None
    ) -> None:
        super().__init__(text, text_ko=text_ko, reason=reason)
        self.status = status
        self.wait = wait
        """Seconds after which another try makes sense."""


class RefusedBodyError(HTTPException):
    """A refusal found while a body is read: FastAPI lets no other class of error through there."""

    def __init__(self, refused: RefusedError) -> None:
        super().__init__(refused.status, refused.text)
        self.refused = refused


def not_found(what: str, what_ko: str, *, reason: str, hint: str) -> RefusedError:
    """Return the 404 of a thing that is not there, or not this key's."""
    return RefusedError(
        404,
        f"there is no {what}; see {hint}",
        text_ko=f"없습니다: {what_ko}. {hint}를 보세요",
        reason=reason,
    )


def respond(
    request: Request, error: MapsiError, *, extra: dict[str, Any] | None = None
) -> JSONResponse:
    """Return the answer to a request that ended with ``error``."""
    status = _status(error)
    language: Language = request.state.language
    headers = {}
    wait = getattr(error, "wait", None) or (5 if status == 503 else None)
    if wait:
        headers["Retry-After"] = str(math.ceil(wait))
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="mapsi"'
    problem = Problem(
        type=f"urn:mapsi:problem:{error.reason}",
        title=_title(status, language),
        status=status,
        detail=error.in_language(language),
        instance=request.url.path,
        reason=error.reason,
        request_id=request.state.request_id,
    )
    return JSONResponse(
        problem.model_dump() | (extra or {}),
        status,
        headers=headers,
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` with a problem; what is unforeseen is for the middleware."""
    app.add_exception_handler(MapsiError, _on_error)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)


def answer_to(request: Request, error: Exception) -> JSONResponse:
    """Return the answer to an error that ``install`` is about."""
    if isinstance(error, RequestValidationError):
        return _on_invalid(request, error)
    return _on_error(request, error) if isinstance(error, MapsiError) else _on_http(request, error)


def unforeseen(request: Request) -> JSONResponse:
    """Return the answer to a bug: nothing of it is told, the log has it under the request id."""
    error = RefusedError(
        500,
        "something went wrong on our side; the log has more under this request_id",
        text_ko="서버에 문제가 생겼습니다. 이 request_id로 로그를 확인하세요",
        reason="internal_error",
    )
    return respond(request, error)


def _status(error: MapsiError) -> int:
    if isinstance(error, RefusedError):
        return error.status
    if isinstance(error, RetryableError):
        return 503
    if isinstance(error, ObjectNotFoundError):
        return 404
    if isinstance(error, PhotoError):
        return _PHOTO_STATUS.get(error.reason, 422)
    return 422


def _title(status: int, language: Language) -> str:
    english = HTTPStatus(status).phrase
    return _TITLES_KO.get(status, english) if language == "ko" else english


def _on_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MapsiError)  # noqa: S101 - installed for it
    if isinstance(error, RetryableError):
        log.warning("request cannot be served now", error=str(error))
    return respond(request, error)


def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - installed for it
    if isinstance(error, RefusedBodyError):
        return respond(request, error.refused)
    detail = str(error.detail)
    reason = HTTPStatus(error.status_code).name.lower()
    refused = RefusedError(
        error.status_code,
        f"{request.method} {request.url.path}: {detail}; see /docs",
        text_ko=f"{request.method} {request.url.path}: "
        f"{_title(error.status_code, 'ko')}. /docs를 보세요",
        reason=reason,
    )
    response = respond(request, refused)
    response.headers.update(error.headers or {})
    return response


def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - installed for it
    korean = request.state.language == "ko"
    fields = []
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"])
        known = _FIELD_TEXTS_KO.get(item["type"], "값이 올바르지 않습니다")
        known = known.format_map(item.get("ctx", {}))
        fields.append(FieldProblem(where=where, text=known if korean else item["msg"]))
    first = fields[0]
    refused = RefusedError(
        422,
        f"{first.where}: {first.text}",
        text_ko=f"{first.where}: {first.text}",
        reason="invalid_request",
    )
    return respond(request, refused, extra={"errors": [field.model_dump() for field in fields]})
