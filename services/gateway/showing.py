"""What of a photo is shown to whom, and under which credit.

Its uploader sees it as it is. To everybody else faces are hidden, unless the operator says
otherwise (``MAPSI_GATEWAY_BLUR_FACES``); where they cannot be looked for, nothing is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.gateway.access import Caller, Gateway
from services.gateway.domain import Language
from services.gateway.photo_records import KnownPhoto, analysis_of
from services.gateway.views import PostView
from shared.faces import faces_of, hide_faces, open_finder
from shared.fonts import font
from shared.imaging import Pixels, decode
from shared.quoting import quotable
from shared.records.gateway import Upload
from shared.records.ingestion import Post

_SHOWN_POSTS = 10
_INK, _PAPER = (90, 90, 100), (250, 250, 252)


@dataclass(frozen=True)
class Look:
    """How one caller may look at one photo."""

    hides_faces: bool

    @property
    def tag(self) -> str:
        """What of it changes the picture, for its entity tag."""
        return open_finder().version if self.hides_faces else "plain"


def look_of(gateway: Gateway, caller: Caller, photo_id: str) -> Look:
    """Return how ``caller`` may look at a photo."""
    if not gateway.settings.blur_faces:
        return Look(hides_faces=False)
    with gateway.database.reading() as session:
        own = session.get(Upload, (photo_id, caller.key_id)) is not None
    return Look(hides_faces=not own)


def pixels_for(gateway: Gateway, known: KnownPhoto, look: Look) -> Pixels:
    """Return the stored photo, (height, width, 3) RGB, as ``look`` allows."""
    assert known.photo is not None  # noqa: S101 - the route looked
    storage = gateway.context.storage
    pixels = decode(storage.get(known.photo.key), name=known.photo_id).pixels
    if not look.hides_faces:
        return pixels
    faces = faces_of(storage, known.photo_id, pixels, finder=open_finder())
    garments = analysis_of(storage, known).garments if known.state == "analyzed" else ()
    return hide_faces(pixels, faces, garments)


def posts_of(session: Session, photo_ids: Sequence[str]) -> dict[str, list[PostView]]:
    """Return the posts of each photo that has any, the first one first."""
    rows = session.scalars(
        select(Post).where(Post.photo_id.in_(photo_ids)).order_by(Post.posted_at, Post.post_id)
    )
    posts: defaultdict[str, list[PostView]] = defaultdict(list)
    for post in rows:
        if len(posts[post.photo_id]) < _SHOWN_POSTS:
            posts[post.photo_id].append(_view(post))
    return posts


def credit_line(posts: Sequence[PostView], language: Language) -> str:
    """Return what stands beside a photo: who made it where the licence asks, where, by what right.

    Of several posts the first one speaks.
    """
    if not posts:
        return ""
    first = posts[0]
    unknown = "라이선스 미상" if language == "ko" else "licence unknown"
    host = urlsplit(first.url).netloc if first.url else None
    parts = (first.credit, first.source, host, first.licence or unknown)
    return " · ".join(quotable(part, limit=80) for part in parts if part)


def with_credit(picture: Image.Image, line: str) -> Image.Image:
    """Return ``picture`` with ``line`` below it."""
    if not line:
        return picture
    height = max(18, round(picture.width / 45))
    face = font(round(height * 0.6))
    page = Image.new("RGB", (picture.width, picture.height + height), _PAPER)
    page.paste(picture, (0, 0))
    while line and face.getlength(line) > picture.width - 12:
        line = line[:-2].rstrip() + "…" if len(line) > 2 else ""
    ImageDraw.Draw(page).text((6, picture.height + height * 0.15), line, _INK, face)
    return page


def _view(post: Post) -> PostView:
    return PostView(
        source=post.source,
        url=post.url if post.url and urlsplit(post.url).scheme in ("http", "https") else None,
        posted_at=post.posted_at,
        licence=post.licence,
        credit=post.credit,
    )
