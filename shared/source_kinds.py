"""The kinds of sources that are read on a schedule: what each needs, and what its owner allows.

The notes are for the person who sets a source up; they are no legal advice.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.errors import UsageError

HASHTAG_LIMIT: Final = 30
"""Unique hashtags that Instagram lets an account ask for in ``HASHTAG_WINDOW``."""
HASHTAG_WINDOW: Final = timedelta(days=7)
HASHTAG_SAFETY: Final = timedelta(minutes=10)
"""Added to each window: the platform's clock counts, not ours."""

KindName = Literal["instagram", "mastodon", "pixelfed", "bluesky", "tumblr", "feed"]


@dataclass(frozen=True)
class Kind:
    """One kind of source."""

    name: KindName
    url: str | None
    """Where its API is; None: every source of this kind names its own."""
    token: Literal["needed", "optional", "unused"]
    every_minutes: int
    """How often it is looked at unless the source says otherwise."""
    licence: str
    """Kept with every post that names no licence of its own."""
    limits: str
    """How often it may be asked, as the platform documents it."""
    limits_ko: str
    terms: str
    terms_ko: str


_AUTHORS_OWN: Final = "author's own; see permalink"

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            name="instagram",
            url="https://graph.facebook.com/v24.0",
            token="needed",  # noqa: S106
            every_minutes=360,
            licence=f"{_AUTHORS_OWN}; Meta Platform Terms",
            limits="30 unique hashtags in 7 days; calls by business use case",
            limits_ko="7일에 서로 다른 해시태그 30개, 호출 수는 비즈니스 사용 사례 한도",
            terms="Meta Platform Terms: needs App Review for Instagram Public Content Access; "
            "use only what the review allowed, delete on request, no profiles of people.",
            terms_ko="Meta 플랫폼 약관: Instagram Public Content Access 앱 검수가 필요합니다. "
            "검수받은 용도로만 쓰고, 요청이 오면 지우고, 사람의 프로필을 만들지 마세요.",
        ),
        Kind(
            name="mastodon",
            url=None,
            token="optional",  # noqa: S106
            every_minutes=15,
            licence=_AUTHORS_OWN,
            limits="300 calls in 5 minutes, unless the instance has its own limit",
            limits_ko="5분에 300번, 인스턴스가 따로 정하지 않으면",
            terms="The instance's own rules (its /about page). Public posts only; sensitive ones "
            "and authors who opted out of indexing (noindex) are passed over.",
            terms_ko="인스턴스의 규칙(/about 페이지)을 따릅니다. 공개 게시물만 읽고, 민감한 "
            "게시물과 색인을 거부한(noindex) 작성자는 건너뜁니다.",
        ),
        Kind(
            name="pixelfed",
            url=None,
            token="needed",  # noqa: S106
            every_minutes=15,
            licence=_AUTHORS_OWN,
            limits="the instance's own, which its answers tell",
            limits_ko="인스턴스가 정하고 응답으로 알려 줌",
            terms="The instance's own rules (its /site/terms page). Public posts only; sensitive "
            "ones are passed over. A post may name a Creative Commons licence: it is kept.",
            terms_ko="인스턴스의 규칙(/site/terms 페이지)을 따릅니다. 공개 게시물만 읽고 민감한 "
            "게시물은 건너뜁니다. 게시물이 밝힌 CC 라이선스는 함께 저장합니다.",
        ),
        Kind(
            name="bluesky",
            url="https://api.bsky.app",
            token="optional",  # noqa: S106
            every_minutes=15,
            licence=_AUTHORS_OWN,
            limits="3,000 calls in 5 minutes",
            limits_ko="5분에 3,000번",
            terms="Bluesky's Terms and Developer Guidelines. Authors who ask not to be shown to "
            "people who are not signed in, and posts labelled adult, are passed over.",
            terms_ko="Bluesky 약관과 개발자 지침을 따릅니다. 로그인하지 않은 사람에게 보이기를 "
            "거부한 작성자와 성인물로 표시된 게시물은 건너뜁니다.",
        ),
        Kind(
            name="tumblr",
            url="https://api.tumblr.com",
            token="needed",  # noqa: S106
            every_minutes=30,
            licence=f"{_AUTHORS_OWN}; Tumblr API agreement",
            limits="1,000 calls an hour and 5,000 a day",
            limits_ko="1시간에 1,000번, 하루 5,000번",
            terms="Tumblr's Application Developer and API License Agreement: credit the blog and "
            "link the post where it is shown, delete what was deleted.",
            terms_ko="Tumblr API 라이선스 계약: 보여 줄 때 블로그를 밝히고 게시물로 연결하며, "
            "삭제된 것은 지워야 합니다.",
        ),
        Kind(
            name="feed",
            url=None,
            token="unused",  # noqa: S106
            every_minutes=60,
            licence=_AUTHORS_OWN,
            limits="no quota; Retry-After is obeyed",
            limits_ko="할당량 없음, Retry-After는 지킴",
            terms="Whatever the site allows: a feed is no licence. robots.txt is obeyed for every "
            "photo; the feed's rights line is kept with each post.",
            terms_ko="사이트가 허락한 범위에서만 씁니다. 피드 공개가 사용 허락은 아닙니다. "
            "사진마다 robots.txt를 지키고, 피드의 권리 표시를 게시물과 함께 저장합니다.",
        ),
    )
}


def plain_hashtag(text: str) -> str:
    """Return a hashtag without # and in one form: NFC, lower case. ValueError where it is none."""
    tag = unicodedata.normalize("NFC", text).strip().lstrip("#").casefold()
    if not re.fullmatch(r"\w{1,100}", tag):
        raise ValueError(f"{text!r} is no hashtag: letters, digits and _ only")
    return tag


def _base_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s@\\]+", text):
        raise ValueError("write the address as https://host or https://host/path")
    return text.rstrip("/")


class SourceSpec(BaseModel):
    """What a person says of a source that is to be read on a schedule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$",
        description="what its posts are said to come from; lower case, and its token's name",
    )
    kind: KindName
    url: Annotated[str, AfterValidator(_base_url), Field(max_length=500)] | None = Field(
        default=None,
        description="mastodon, pixelfed: the instance; feed: the feed; else only for a mirror",
    )
    user_id: str | None = Field(
        default=None, pattern=r"^\d{1,30}$", description="instagram: the business account's id"
    )
    hashtags: tuple[Annotated[str, AfterValidator(plain_hashtag)], ...] | None = Field(
        default=None, max_length=500, description="unset: those of the hashtags file"
    )
    every_minutes: int | None = Field(
        default=None, ge=1, le=10_080, description="how often to look; unset: as its kind is"
    )

    @model_validator(mode="after")
    def _check_kind(self) -> SourceSpec:
        if KINDS[self.kind].url is None and self.url is None:
            raise ValueError(f"a {self.kind} source needs its url")
        if (self.kind == "instagram") != (self.user_id is not None):
            raise ValueError("user_id is needed for instagram, and only there")
        if self.hashtags == ():
            raise ValueError("name at least one hashtag, or leave hashtags out")
        return self


def kind_of(name: str) -> Kind:
    """Return a kind by its name; UsageError where there is none."""
    if name not in KINDS:
        known = ", ".join(KINDS)
        raise UsageError(
            f"there is no kind of source {name}; choose from: {known}",
            text_ko=f"{name}: 그런 종류의 출처는 없습니다. 다음 중에서 고르세요: {known}",
            reason="unknown_kind",
        )
    return KINDS[name]
