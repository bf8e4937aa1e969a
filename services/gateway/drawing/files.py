"""Pictures out of the store: which variant, how large, in which form."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final, Literal

from PIL import Image

from services.gateway.looks import KnownLook
from services.gateway.problems import RefusedError, not_found
from shared.contracts.generation import SeenPicture
from shared.imaging import decode, resize_to
from shared.storage import ObjectNotFoundError, ObjectStore
from shared.storage.keys import generation_key

Form = Literal["png", "webp", "jpg"]
MEDIA_TYPES: Final[dict[Form, str]] = {
    "png": "image/png",
    "webp": "image/webp",
    "jpg": "image/jpeg",
}


@dataclass(frozen=True)
class Wanted:
    """Which picture of a job, and how."""

    key: str
    form: Form
    side: int | None
    """Pixels of the longer side at most; None: as it was made."""

    @property
    def name(self) -> str:
        """What tells it from every other picture."""
        return f"{self.key} {self.form} {self.side}"


def wanted(known: KnownLook, *, variant: int, form: Form, side: int | None) -> Wanted:
    """Return which picture is meant; RefusedError with 404 where it is not there (yet)."""
    job = known.job
    if job is None or not known.is_done or job.result_key is None:
        raise _no_picture(known)
    if variant == 1:
        return Wanted(job.result_key, form, side)
    if variant > len(known.pictures):
        raise _no_variant(known, variant)
    return Wanted(generation_key(job.job_id, f"{variant}.png"), form, side)


def picture_bytes(storage: ObjectStore, which: Wanted) -> bytes:
    """Return the picture; as PNG and in its own size it is what was stored, with its story."""
    data = storage.get(which.key)
    if which.form == "png" and which.side is None:
        return data
    pixels = decode(data, name="picture").pixels
    if which.side is not None:
        pixels = resize_to(pixels, max_side=which.side)
    image, out = Image.fromarray(pixels), BytesIO()
    if which.form == "jpg":
        image.save(out, "JPEG", quality=92, subsampling=0)
    elif which.form == "webp":
        image.save(out, "WEBP", quality=90)
    else:
        image.save(out, "PNG")
    return out.getvalue()


def form_for(accept: str | None) -> Form:
    """Return the form that an Accept header asks for; PNG where it names none of ours."""
    named = (accept or "").lower()
    places = {form: at for form, media in MEDIA_TYPES.items() if (at := named.find(media)) >= 0}
    return min(places, key=lambda form: places[form], default="png")


def preview_bytes(storage: ObjectStore, known: KnownLook) -> bytes:
    """Return how the picture looks by now; RefusedError with 404 where nothing is to be seen."""
    try:
        return storage.get(generation_key(known.wish.job_id, "preview.webp"))
    except ObjectNotFoundError as error:
        raise not_found(
            "preview of this picture now",
            "지금은 미리보기가 없습니다",
            reason="no_preview",
            hint=f"/v1/generations/{known.wish.job_id}",
        ) from error


def seen_in(storage: ObjectStore, known: KnownLook, variant: int) -> SeenPicture:
    """Return what our models saw in a variant; RefusedError with 404 where nobody looked."""
    if not known.is_done:
        raise _no_picture(known)
    try:
        data = storage.get(generation_key(known.wish.job_id, f"{variant}.json"))
    except ObjectNotFoundError as error:
        raise _no_variant(known, variant) from error
    return SeenPicture.model_validate_json(data)


def _no_picture(known: KnownLook) -> RefusedError:
    state = known.state
    return not_found(
        f"picture yet: it is {state}",
        f"아직 그림이 없습니다 (상태: {state})",
        reason="no_picture",
        hint=f"/v1/generations/{known.wish.job_id}",
    )


def _no_variant(known: KnownLook, variant: int) -> RefusedError:
    count = len(known.pictures) or 1
    return not_found(
        f"variant {variant} that was drawn and looked at: this picture has {count}",
        f"{variant}번 그림 (모두 {count}장)",
        reason="unknown_variant",
        hint=f"/v1/generations/{known.wish.job_id}",
    )
