"""The items of an XML feed as a stream: RSS 2.0's ``item``, Atom's ``entry``.

A document type is refused before anything in it is read: no entity is ever expanded, and nothing
is fetched. Only one item at a time is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from services.ingestion.shop.refusals import FeedError

_GOOGLE: Final = "http://base.google.com/ns/1.0"
_ITEMS: Final = ("item", "entry")
_PLAIN: Final = "plain:"
"""Before the name of an attribute that is not Google's."""
_CHUNK: Final = 1 << 16
_MOST: Final = 200_000
"""Characters of one item: no item says more."""

Fields = dict[str, Any]


def xml_items(path: Path, *, name: str) -> Iterator[tuple[int, Fields]]:
    """Yield the line and the attributes of each item; a repeated attribute is a list.

    Raises FeedError where there is a document type, or the XML breaks off.
    """
    parser = make_parser()
    handler = _Items(name, parser)
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                parser.feed(chunk)
                yield from handler.take()
        parser.close()
    except DefusedXmlException as error:
        raise FeedError(name, "entities") from error
    except SAXParseException as error:
        yield from handler.take()
        detail = f"line {error.getLineNumber()}: {error.getMessage()}"
        raise FeedError(name, "bad_xml", detail=detail) from error
    except OSError as error:
        raise FeedError(name, "not_read", detail=error.strerror or str(error)) from error
    yield from handler.take()


class _Items(ContentHandler):
    """Collects the items whose end was seen."""

    def __init__(self, name: str, place: Locator) -> None:
        super().__init__()
        self._name, self._place = name, place
        self._done: list[tuple[int, Fields]] = []
        self._fields: Fields | None = None
        self._line = 0
        self._depth = 0
        self._key = ""
        self._text: list[str] = []
        self._size = 0

    def take(self) -> list[tuple[int, Fields]]:
        """Hand over the items that are whole."""
        done, self._done = self._done, []
        return done

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802
        space, local = name
        if self._fields is None:
            if local in _ITEMS:
                self._fields, self._depth, self._size = {}, 0, 0
                self._line = self._place.getLineNumber() or 0
            return
        self._depth += 1
        if self._depth == 1:
            self._key, self._text = _key(space, local), []
            if local == "link" and (None, "href") in attrs:  # Atom's
                self._add(f"{_PLAIN}link", attrs[None, "href"])

    def characters(self, content: str) -> None:
        if self._fields is None or self._depth != 1:
            return
        self._size += len(content)
        if self._size > _MOST:
            raise FeedError(self._name, "bad_xml", detail=f"an item of {_MOST:,} characters")
        self._text.append(content)

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802
        if self._fields is None:
            return
        if self._depth == 0:
            self._done.append((self._line, _by_name(self._fields)))
            self._fields = None
            return
        if self._depth == 1:
            self._add(self._key, "".join(self._text).strip())
        self._depth -= 1

    def _add(self, key: str, value: str) -> None:
        assert self._fields is not None  # noqa: S101 - inside an item
        if not value:
            return
        known = self._fields.get(key)
        if known is None:
            self._fields[key] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            self._fields[key] = [known, value]


def _key(space: str | None, local: str) -> str:
    return local if space == _GOOGLE else f"{_PLAIN}{local}"


def _by_name(fields: Fields) -> Fields:
    """Let Google's attributes go before RSS's and Atom's own of the same name."""
    plain = {key.removeprefix(_PLAIN): fields[key] for key in fields if key.startswith(_PLAIN)}
    return plain | {key: fields[key] for key in fields if not key.startswith(_PLAIN)}
