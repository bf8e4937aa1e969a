"""Where everything lies in the store: the only place that names keys.

Two hex digits of a photo's id spread the keys over folders and over an S3 server's shards.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from shared.storage.base import InvalidKeyError

REPORTS: Final = "reports/"
"""Where the weekly reports lie, a folder a week."""

WRITTEN_ONCE: Final = ("photos/", "results/", "masks/", "overlays/", "faces/")
"""Where a key says the content: what lies there is never written anew with another one."""

_PHOTO_ID: Final = re.compile("[0-9a-f]{64}")
_PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def photo_key(photo_id: str) -> str:
    """Name the stored upright photo: ``photos/ab/cd/<sha256>.jpg``."""
    digits = _photo(photo_id)
    return f"photos/{digits[:2]}/{digits[2:4]}/{digits}.jpg"


def upload_key(photo_id: str) -> str:
    """Name a client's bytes as they came, until ingestion has taken them over."""
    digits = _photo(photo_id)
    return f"uploads/{digits[:2]}/{digits}"


def result_key(stage: str, model_version: str, photo_id: str) -> str:
    """Name one stage's result: ``results/<stage>/<model version>/ab/<sha256>.json``."""
    return _of_model("results", stage, model_version, photo_id=photo_id, ending="json")


def mask_key(model_version: str, photo_id: str) -> str:
    """Name the garment masks as one PNG of labels."""
    return _of_model("masks", model_version, photo_id=photo_id, ending="png")


def overlay_key(model_version: str, photo_id: str) -> str:
    """Name the photo with its garments drawn on it."""
    return _of_model("overlays", model_version, photo_id=photo_id, ending="png")


def faces_key(detector: str, photo_id: str) -> str:
    """Name where a photo's faces are: ``faces/<detector's version>/ab/<sha256>.json``."""
    return _of_model("faces", detector, photo_id=photo_id, ending="json")


def facts_key(week: date) -> str:
    """Name the facts of a week as Parquet: ``facts/week=<Monday>/facts.parquet``."""
    return f"facts/week={week.isoformat()}/facts.parquet"


def generation_key(job_id: str, name: str) -> str:
    """Name one file of a generation job: ``generations/ab/<job id>/<name>``."""
    return f"generations/{_part(job_id)[:2]}/{job_id}/{_part(name)}"


def report_key(week: date, language: str, form: str) -> str:
    """Name a weekly report: ``reports/<its last week's Monday>/<ko or en>.<html or md>``."""
    return f"{REPORTS}{week.isoformat()}/{_part(language)}.{_part(form)}"


def foretold_key(week: date) -> str:
    """Name the forecast that was made after a week: ``forecasts/<its Monday>.json``."""
    return f"forecasts/{week.isoformat()}.json"


def _of_model(root: str, *parts: str, photo_id: str, ending: str) -> str:
    digits = _photo(photo_id)
    return "/".join((root, *map(_part, parts), digits[:2], f"{digits}.{ending}"))


def _photo(photo_id: str) -> str:
    if not _PHOTO_ID.fullmatch(photo_id):
        raise InvalidKeyError(photo_id)
    return photo_id


def _part(text: str) -> str:
    if not _PART.fullmatch(text):
        raise InvalidKeyError(text)
    return text
