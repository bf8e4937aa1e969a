"""What is wrong with a feed or one of its lines: one line for a person, in both languages."""

from __future__ import annotations

from typing import Final

from shared.errors import PermanentError
from shared.quoting import quotable

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "missing": ("{field} is missing; fill it in", "{field} 값이 없습니다. 채워 주세요"),
    "bad_price": (
        "{field} {detail} is no amount with its currency; write 39000 KRW",
        "{field} {detail}: 금액과 통화가 아닙니다. 39000 KRW처럼 쓰세요",
    ),
    "other_currency": (
        "{field} {detail} is not in KRW; give this shop's prices in KRW",
        "{field} {detail}: 원화(KRW)가 아닙니다. KRW 가격으로 적으세요",
    ),
    "sale_not_lower": (
        "{field} {detail} is not below price; correct it or leave it empty",
        "{field} {detail}: 정가보다 낮지 않습니다. 고치거나 비우세요",
    ),
    "bad_word": (
        "{field} {detail}; use one of these",
        "{field} {detail}. 이 가운데 하나를 쓰세요",
    ),
    "bad_date": (
        "{field} {detail} is no date; write 2026-03-01T09:00+09:00",
        "{field} {detail}: 날짜가 아닙니다. 2026-03-01T09:00+09:00처럼 쓰세요",
    ),
    "bad_period": (
        "{field} {detail} is no period; write 2026-03-01T00:00+09:00/2026-03-31T23:59+09:00",
        "{field} {detail}: 기간이 아닙니다. "
        "2026-03-01T00:00+09:00/2026-03-31T23:59+09:00처럼 쓰세요",
    ),
    "bad_link": (
        "{field} {detail} is no https address; correct it",
        "{field} {detail}: https 주소가 아닙니다. 고치세요",
    ),
    "outside": (
        "{field} {detail} leads out of the feed's folder; put the photo beside the feed",
        "{field} {detail}: 피드 폴더를 벗어납니다. 사진을 피드 옆에 두세요",
    ),
    "no_photo": (
        "{field}: there is no file {detail}; correct the path",
        "{field}: 파일이 없습니다({detail}). 경로를 고치세요",
    ),
    "not_fetched": (
        "{field}: no photo came in {detail} tries; see that the address answers",
        "{field}: {detail}번 시도해도 사진이 오지 않습니다. 주소를 확인하세요",
    ),
    "too_long": (
        "{field} has more than {detail} characters; shorten it",
        "{field} 값이 {detail}자를 넘습니다. 줄이세요",
    ),
    "unreadable": (
        "{field} holds {detail} and not text; write it as text",
        "{field} 값이 텍스트가 아닙니다({detail}). 텍스트로 쓰세요",
    ),
    "repeated": (
        "id {detail} was given by an earlier line; each item needs its own",
        "id {detail}: 앞줄에서 이미 쓰였습니다. 항목마다 다른 id를 쓰세요",
    ),
    "bad_columns": (
        "the line has {detail} columns more than the header; remove tabs inside texts",
        "헤더보다 열이 {detail}개 많습니다. 텍스트 안의 탭을 지우세요",
    ),
    "bad_line": ("{detail}; correct the line", "{detail}. 줄을 고치세요"),
    "missing_column": (
        "the feed has no column {detail}; add it",
        "피드에 {detail} 열이 없습니다. 추가하세요",
    ),
    "bad_xml": (
        "the XML breaks off or is malformed ({detail}); items before it were read",
        "XML이 끊겼거나 올바르지 않습니다({detail}). 그 앞의 항목은 읽었습니다",
    ),
    "entities": (
        "the XML declares a document type or entities, which are never read; remove <!DOCTYPE …>",
        "XML에 문서 형식이나 엔티티 선언이 있어 읽지 않습니다. <!DOCTYPE …>을 지우세요",
    ),
    "no_feed": (
        "it is no product feed in TSV, XML (RSS, Atom) or JSON lines; give one of these",
        "TSV, XML(RSS, Atom), JSON Lines 상품 피드가 아닙니다. 이 가운데 하나를 주세요",
    ),
    "no_feed_file": (
        "the folder holds no single feed ({detail}); name the feed's file",
        "폴더에서 피드 하나를 정할 수 없습니다({detail}). 피드 파일을 지정하세요",
    ),
    "not_read": ("it cannot be read ({detail})", "읽을 수 없습니다({detail})"),
    "mostly_gone": (
        "the feed lists {detail} items of before no more: it may be cut short, so they stay as "
        "they are; if they are really gone: `mapsi ingest … --shop … --all`",
        "이전 항목 {detail}개가 피드에 없습니다. 피드가 잘렸을 수 있어 그대로 둡니다. "
        "정말 없어졌다면 `mapsi ingest … --shop … --all`을 실행하세요",
    ),
}


class FeedError(PermanentError):
    """A feed or a line of it that is not taken; ``where`` names the feed and the line."""

    def __init__(self, where: str, reason: str, *, field: str = "", detail: str = "") -> None:
        values = {"field": field, "detail": quotable(detail, limit=120)}
        english, korean = (text.format(**values) for text in _TEXTS[reason])
        shown = quotable(where)
        super().__init__(f"{shown}: {english}", text_ko=f"{shown}: {korean}", reason=reason)
