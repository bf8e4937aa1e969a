"""A feed is read in every form that shops give it, and hostile ones do no harm."""

from __future__ import annotations

import pytest

from services.ingestion.shop.lines import feed_lines
from services.ingestion.shop.refusals import FeedError

HEADER = "id\ttitle\tlink\timage_link\tprice\tavailability"
ROW = "A1\t블레이저\thttps://s.example/1\thttps://s.example/1.jpg\t39000 KRW\tin_stock"
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item><g:id>A1</g:id><title>plain title</title><g:title>블레이저 &amp; 코트</g:title>
<link>https://s.example/1</link><g:image_link>https://s.example/1.jpg</g:image_link>
<g:price>39000 KRW</g:price><g:availability>in_stock</g:availability>
<g:shipping><g:price>3000 KRW</g:price></g:shipping></item>
<item><g:id>A2</g:id><title>둘째</title></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry><id>tag:1</id><g:id>A1</g:id><title>블레이저</title><link href="https://s.example/1"/>
<updated>2026-03-02T09:00:00Z</updated></entry></feed>"""
BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<rss><channel><item><id>&b;</id></item></channel></rss>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE rss SYSTEM "file:///etc/passwd">
<rss><channel><item><id>A1</id></item></channel></rss>"""


@pytest.fixture
def lines(tmp_path):
    def read(text, *, form=None, encoding="utf-8"):
        path = tmp_path / "feed"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return list(feed_lines(path, name="feed", form=form))

    return read


def test_tsv_is_read_with_its_line_numbers(lines):
    (one,) = lines(f"{HEADER}\n{ROW}\n")
    assert one.number == 2
    assert one.fields["title"] == "블레이저"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_encodings_of_spreadsheets_are_read(lines, encoding):
    (one,) = lines(f"{HEADER}\r\n{ROW}\r\n", encoding=encoding)
    assert one.fields["title"] == "블레이저"


def test_columns_may_be_written_as_people_do(lines):
    (one,) = lines(HEADER.replace("image_link", "Image Link") + "\n" + ROW + "\n")
    assert one.fields["image_link"].endswith("1.jpg")


def test_a_quoted_cell_may_hold_lines_and_the_next_is_counted_on(lines):
    quoted = ROW.replace("블레이저", '"two\nlines"')
    two = lines(f"{HEADER}\n{quoted}\n{ROW}\n")
    assert [one.number for one in two] == [2, 4]


def test_a_line_with_too_many_columns_fails_alone(lines):
    wrong, good = lines(f"{HEADER}\n{ROW}\textra\tmore\n{ROW}\n")
    assert isinstance(wrong.fields, FeedError)
    assert "line 2" in wrong.fields.text
    assert good.fields["id"] == "A1"


def test_a_missing_column_is_named(lines):
    with pytest.raises(FeedError, match="no column price"):
        lines(HEADER.replace("\tprice", "") + "\n")


def test_rss_is_read_and_googles_own_attributes_go_first(lines):
    one, two = lines(RSS)
    assert one.fields["title"] == "블레이저 & 코트"
    assert one.fields["price"] == "39000 KRW"
    assert (one.number, two.number) == (3, 7)
    assert two.fields["title"] == "둘째"


def test_atom_is_read(lines):
    (one,) = lines(ATOM)
    assert (one.fields["id"], one.fields["link"]) == ("A1", "https://s.example/1")
    assert one.fields["updated"].startswith("2026")


@pytest.mark.parametrize("text", [BOMB, OUTSIDE], ids=["bomb", "outside"])
def test_document_types_and_entities_are_refused(lines, text):
    with pytest.raises(FeedError, match="entities"):
        lines(text)


def test_xml_that_breaks_off_gives_what_was_whole_and_says_the_line(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_text(RSS[: RSS.index("<title>둘째")])
    read = []
    with pytest.raises(FeedError, match="breaks off"):
        read.extend(feed_lines(path, name="feed", form=None))
    iterator = feed_lines(path, name="feed", form=None)
    assert next(iterator).fields["id"] == "A1"


def test_an_item_without_end_is_cut_off(lines):
    with pytest.raises(FeedError, match="200,000 characters"):
        lines(f"<rss><channel><item><title>{'x' * 300_000}</title></item></channel></rss>")


def test_json_lines_are_read_in_both_spellings(lines):
    one, two = lines('{"id": "A1", "imageLink": "x"}\n\n{"id": "A2", "image_link": "y"}\n')
    assert (one.fields["image_link"], two.fields["image_link"]) == ("x", "y")
    assert (one.number, two.number) == (1, 3)


@pytest.mark.parametrize("text", ['{"id": 1', "[1, 2]", "{" * 5000])
def test_a_broken_json_line_fails_alone(lines, text):
    wrong, good = lines(f'{{"id": "A0"}}\n{text}\n', form="jsonl")[1], lines('{"id": "A1"}\n')[0]
    assert isinstance(wrong.fields, FeedError)
    assert good.fields["id"] == "A1"


@pytest.mark.parametrize("text", ["", "hello", "a,b,c\n1,2,3\n", b"\x00\x01", b"\xff\xd8"])
def test_what_is_no_feed_is_told(lines, text):
    with pytest.raises(FeedError, match="no product feed"):
        lines(text)
