"""Faces are found, and made unrecognisable, before a photo is shown to anyone but its uploader."""

from shared.faces.finding import Box, Face, FaceFinder, Finder, Point, open_finder
from shared.faces.hiding import faces_of, hide_faces, veil

__all__ = [
    "Box",
    "Face",
    "FaceFinder",
    "Finder",
    "Point",
    "faces_of",
    "hide_faces",
    "open_finder",
    "veil",
]
