"""What can go wrong between us and a platform, each naming the source and the fix."""

from __future__ import annotations

from shared.errors import PermanentError, RetryableError
from shared.quoting import quotable


class TokenError(PermanentError):
    """The platform does not accept who we are: the source rests until a person has mended it."""

    def __init__(self, source: str, detail: str) -> None:
        said = quotable(detail)
        super().__init__(
            f"source {source}: its token is missing, expired or not allowed to ({said}); put a "
            f"good one under {source} in MAPSI_INGESTION_TOKENS, restart, then "
            f"`mapsi sources resume {source}`",
            text_ko=f"출처 {source}: 토큰이 없거나 만료되었거나 권한이 없습니다({said}). "
            f"MAPSI_INGESTION_TOKENS의 {source}에 새 토큰을 넣고 다시 시작한 뒤 "
            f"`mapsi sources resume {source}`를 실행하세요",
            reason="token",
        )


class SlowDownError(RetryableError):
    """The platform asks for a pause of ``wait`` seconds."""

    def __init__(self, source: str, wait: float) -> None:
        super().__init__(
            f"source {source}: the platform's limit is reached; it goes on by itself in "
            f"{wait:.0f} s",
            text_ko=f"출처 {source}: 플랫폼의 호출 한도에 닿았습니다. {wait:.0f}초 뒤에 저절로 "
            "계속합니다",
            reason="slow_down",
        )
        self.wait = wait


class AwayError(RetryableError):
    """The platform does not answer, or stumbles; ``wait`` is what it asks for, if it does."""

    def __init__(self, source: str, detail: str, *, wait: float = 0.0) -> None:
        said = quotable(detail)
        super().__init__(
            f"source {source}: no proper answer ({said}); it is tried again by itself",
            text_ko=f"출처 {source}: 제대로 된 답이 없습니다({said}). 저절로 다시 시도합니다",
            reason="away",
        )
        self.wait = wait


class ChangedError(PermanentError):
    """A whole answer is not as the platform documents it: nothing is marked as read."""

    def __init__(self, source: str, detail: str) -> None:
        said = quotable(detail)
        super().__init__(
            f"source {source}: its answer has changed ({said}); nothing is lost: check its url, "
            "or upgrade Mapsi, and it goes on from there",
            text_ko=f"출처 {source}: 응답 형식이 바뀌었습니다({said}). 잃은 것은 없습니다. url을 "
            "확인하거나 맵시를 업그레이드하면 그 자리에서 계속합니다",
            reason="changed",
        )


class HashtagError(PermanentError):
    """The platform does not serve this one hashtag; the others go on."""

    def __init__(self, source: str, hashtag: str, detail: str) -> None:
        said = quotable(detail)
        super().__init__(
            f"source {source}: #{hashtag} is not served ({said}); take it out of the hashtags",
            text_ko=f"출처 {source}: #{hashtag}은(는) 제공되지 않습니다({said}). 해시태그 "
            "목록에서 빼세요",
            reason="hashtag",
        )


class QuotaSpentError(RetryableError):
    """The account's unique hashtags are used up although our book has some left."""

    def __init__(self, source: str, hashtag: str) -> None:
        super().__init__(
            f"source {source}: no unique hashtag is left for #{hashtag}; another program uses "
            "this account: give Mapsi one of its own, or wait up to 7 days",
            text_ko=f"출처 {source}: #{hashtag}에 쓸 고유 해시태그가 남지 않았습니다. 다른 "
            "프로그램이 이 계정을 쓰고 있습니다. 맵시 전용 계정을 쓰거나 최대 7일 기다리세요",
            reason="quota",
        )
