"""The documentation page: Swagger UI out of a package, without a request to anyone else."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from jinja2 import Template

from services.gateway.problems import Problem
from services.gateway.web.bundle import WEB, bundle

_CSP: Final = (
    # Swagger UI sets style attributes.
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_DESCRIPTION: Final = """\
Street photos in, measured fashion trends out. 거리 사진에서 패션 트렌드까지.

Every `/v1` request needs an API key: `Authorization: Bearer mapsi_…` or `X-API-Key`. A user key
sees its own photos and pictures; an admin key sees all. Errors are `application/problem+json`
(RFC 9457) in Korean or English, by `Accept-Language`. Lists give a `next` cursor. A `POST` with
an `Idempotency-Key` has one effect however often it is sent.
"""


def install(app: FastAPI) -> None:
    """Serve ``/docs`` and ``/openapi.json``."""

    @app.get("/docs", include_in_schema=False)
    async def get_docs() -> HTMLResponse:
        template = Template((WEB / "templates" / "docs.html").read_text(), autoescape=True)
        html = template.render(asset=bundle().path)
        return HTMLResponse(html, headers={"Content-Security-Policy": _CSP})

    app.openapi = lambda: _schema(app)  # type: ignore[method-assign]


def _schema(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes
        )
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts = schema.setdefault("components", {}).setdefault("schemas", {})
        parts.update(problem.pop("$defs", {}))
        parts["Problem"] = problem
        app.openapi_schema = schema
    return app.openapi_schema
