"""Why something that was offered is not taken in: one line for a person, in both languages."""

from __future__ import annotations

from typing import Final

from shared.errors import PermanentError
from shared.quoting import quotable

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "not_found": (
        "there is no such file; check the path",
        "그런 파일이 없습니다. 경로를 확인하세요",
    ),
    "unreadable": (
        "it cannot be read ({detail}); check its permissions",
        "읽을 수 없습니다({detail}). 권한을 확인하세요",
    ),
    "not_a_file": (
        "it is a device, pipe or socket; give a file or a folder",
        "장치나 파이프, 소켓입니다. 파일이나 폴더를 주세요",
    ),
    "linked_folder": (
        "it is a link to a folder and is not followed; give that folder as a SOURCE of its own",
        "폴더를 가리키는 링크라서 따라가지 않습니다. 그 폴더를 따로 SOURCE로 주세요",
    ),
    "unknown_source": (
        "it is no photo, folder, ZIP, list of URLs or manifest; give one of these",
        "사진, 폴더, ZIP, URL 목록, 매니페스트가 아닙니다. 이 가운데 하나를 주세요",
    ),
    "bad_encoding": (
        "it is not text in UTF-8; save it as UTF-8",
        "UTF-8 텍스트가 아닙니다. UTF-8로 저장하세요",
    ),
    "missing_column": (
        "it has neither a column url nor a column path, but: {detail}; add one of them",
        "url 열도 path 열도 없습니다(있는 열: {detail}). 하나를 추가하세요",
    ),
    "misspelt_column": (
        "column {detail}; rename it",
        "열 이름 {detail}. 열 이름을 고치세요",
    ),
    "bad_row": (
        "{detail}; correct the row",
        "형식이 올바르지 않습니다({detail}). 행을 고치세요",
    ),
    "no_photo_named": (
        "neither url nor path is filled in; name the photo",
        "url과 path가 모두 비어 있습니다. 사진을 적으세요",
    ),
    "bad_date": (
        "posted_at {detail} is no date since 1990; write 2026-03-01 or 2026-03-01T09:30+09:00",
        "posted_at {detail}: 1990년 이후의 날짜가 아닙니다. "
        "2026-03-01이나 2026-03-01T09:30+09:00처럼 쓰세요",
    ),
    "future_date": (
        "posted_at {detail} is in the future; correct the date",
        "posted_at {detail}: 미래의 날짜입니다. 날짜를 고치세요",
    ),
    "bad_likes": (
        "likes {detail} is no whole number from 0; correct it or leave it empty",
        "likes {detail}: 0 이상의 정수가 아닙니다. 고치거나 비우세요",
    ),
    "too_long": (
        "{detail} characters at most; shorten it",
        "{detail}자를 넘을 수 없습니다. 줄이세요",
    ),
    "duplicate_row": (
        "it repeats row {detail}; delete one of them",
        "{detail}행과 같습니다. 하나를 지우세요",
    ),
    "outside": (
        "path {detail} leaves the manifest's folder; put the photo inside and name it from there",
        "path {detail}: 매니페스트 폴더를 벗어납니다. 사진을 안에 두고 상대 경로로 쓰세요",
    ),
    "no_such_photo": (
        "there is no photo at path {detail}; correct the path",
        "path {detail}: 사진이 없습니다. 경로를 고치세요",
    ),
    "bad_line": (
        "{detail} is no http or https address; write one address a line",
        "{detail}: http나 https 주소가 아닙니다. 한 줄에 주소 하나씩 쓰세요",
    ),
    "not_fetched": (
        "no photo came in {detail} tries; run the command again later",
        "{detail}번 시도해도 사진이 오지 않습니다. 나중에 다시 실행하세요",
    ),
    "bad_archive": (
        "the ZIP is damaged ({detail}); make or download it again",
        "ZIP이 손상되었습니다({detail}). 다시 만들거나 내려받으세요",
    ),
    "zip_bomb": (
        "it unpacks to {detail} times its size, as photos never do; give the photos themselves",
        "풀면 {detail}배로 커집니다. 사진은 그렇지 않습니다. 사진을 직접 주세요",
    ),
    "unsafe_name": (
        "its name leads out of the archive; rename it",
        "이름이 압축 파일 밖을 가리킵니다. 이름을 바꾸세요",
    ),
    "encrypted": (
        "it is encrypted; unpack the ZIP and give the folder",
        "암호화되어 있습니다. ZIP을 풀어 폴더를 주세요",
    ),
    "unknown_compression": (
        "its way of compression is not read; make the ZIP with the usual deflate",
        "읽을 수 없는 압축 방식입니다. 일반 deflate로 다시 만드세요",
    ),
    "bad_post": (
        "the post is not as the platform documents it ({detail}); it is left out",
        "게시물이 플랫폼 문서와 다릅니다({detail}). 이 게시물은 뺍니다",
    ),
    "robots": (
        "the site's robots.txt asks not to fetch it; it is left out",
        "사이트의 robots.txt가 가져가지 말라고 합니다. 뺍니다",
    ),
    "deleted": (
        "it was deleted on request and does not come back; leave it out",
        "요청에 따라 삭제되어 다시 넣을 수 없습니다. 빼 주세요",
    ),
    "upload_changed": (
        "its bytes are not those that were announced; upload it again",
        "알려진 것과 내용이 다릅니다. 다시 올리세요",
    ),
}
REASONS: Final = frozenset(_TEXTS)


class RefusedError(PermanentError):
    """One thing that was offered is not taken in; ``where`` names the file and the row."""

    def __init__(self, where: str, reason: str, *, detail: str = "") -> None:
        english, korean = (text.format(detail=quotable(detail)) for text in _TEXTS[reason])
        shown = quotable(where)
        super().__init__(f"{shown}: {english}", text_ko=f"{shown}: {korean}", reason=reason)
