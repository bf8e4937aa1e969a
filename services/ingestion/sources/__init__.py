"""Where photos come from: a photo, a folder, a ZIP, a list of URLs, a manifest."""

from services.ingestion.sources.base import Candidate, Entry, Passed, Refused, Source
from services.ingestion.sources.opening import open_source

__all__ = ["Candidate", "Entry", "Passed", "Refused", "Source", "open_source"]
