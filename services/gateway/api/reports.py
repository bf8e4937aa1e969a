"""The weekly reports that trends has written into the object store."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.gateway.access import By, Here, Spoken
from services.gateway.api.replies import (
    CACHE,
    ERRORS,
    NOT_FOUND,
    Lang,
    has,
    reply,
    unchanged,
)
from services.gateway.domain import etag_of
from services.gateway.problems import RefusedError
from services.gateway.views import example
from shared.storage import ObjectNotFoundError
from shared.storage.keys import REPORTS, report_key

router = APIRouter(prefix="/v1/reports", tags=["trends"], responses=ERRORS)

_MEDIA_TYPES: Final = {"html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8"}
_PAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            "text/html": {"example": "(a page)"},
            "text/markdown": {"example": "(Markdown)"},
        },
        "description": "the report",
    },
    304: {"description": "unchanged since If-None-Match"},
}
_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class ReportLine(BaseModel):
    """One week's report."""

    week: date = Field(description="Monday of its last week")
    links: dict[str, str] = Field(description="the page and the Markdown, by language")


class ReportsView(BaseModel):
    """The reports there are."""

    reports: list[ReportLine] = Field(description="latest first")

    model_config = example(
        {
            "reports": [
                {
                    "week": "2026-02-16",
                    "links": {
                        "html_ko": "/v1/reports/2026-02-16?lang=ko",
                        "html_en": "/v1/reports/2026-02-16?lang=en",
                        "md_ko": "/v1/reports/2026-02-16?lang=ko&format=md",
                        "md_en": "/v1/reports/2026-02-16?lang=en&format=md",
                    },
                }
            ]
        }
    )


@router.get("", response_model=ReportsView)
def list_reports(request: Request, caller: By, gateway: Here) -> Response:
    """List the weekly reports, latest first."""
    folders = gateway.context.storage.folders(REPORTS)
    weeks = sorted((date.fromisoformat(name) for name in folders), reverse=True)
    return reply(request, ReportsView(reports=[_line(week) for week in weeks]))


@router.get("/{week}", response_class=Response, responses={**NOT_FOUND, **_PAGE})
def get_report(
    request: Request,
    caller: By,
    gateway: Here,
    spoken: Spoken,
    *,
    week: date,
    form: Annotated[Literal["html", "md"], Query(alias="format")] = "html",
    lang: Lang = None,
) -> Response:
    """Show one week's report, by the Monday of its last week."""
    try:
        body = gateway.context.storage.get(report_key(week, lang or spoken, form))
    except ObjectNotFoundError as error:
        raise RefusedError(
            404,
            f"there is no report of {week}; /v1/reports lists those there are",
            text_ko=f"{week} 보고서가 없습니다. /v1/reports에 목록이 있습니다",
            reason="no_report",
        ) from error
    etag = etag_of(body)
    if has(request, etag):
        return unchanged(etag)
    headers = {"ETag": etag, "Cache-Control": CACHE, "Content-Security-Policy": _CSP}
    return Response(body, media_type=_MEDIA_TYPES[form], headers=headers)


def _line(week: date) -> ReportLine:
    links = {
        f"{form}_{language}": f"/v1/reports/{week}?lang={language}{ending}"
        for form, ending in (("html", ""), ("md", "&format=md"))
        for language in ("ko", "en")
    }
    return ReportLine(week=week, links=links)
