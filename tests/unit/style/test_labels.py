"""Labels from feeds and hashtags: what counts, and what is refused with the row's number."""

from __future__ import annotations

import json

import pytest

from services.style.feed import read_feed, target_of
from services.style.lexicon import SHIPPED, read_lexicon
from shared.contracts.vocabulary import STYLES
from shared.errors import UsageError

LEXICON = read_lexicon(SHIPPED)


@pytest.mark.parametrize(
    ("tags", "styles"),
    [
        (["#미니멀룩"], ("minimal",)),
        (["미니멀", "minimal"], ("minimal",)),
        (["StreetWear", "ootd"], ("street",)),
        (["빈티지코디", "페미닌룩"], ("vintage", "feminine")),
        (["street style"], ("street",)),
        (["ｖｉｎｔａｇｅ"], ("vintage",)),
        (["미니멀", "빈티지", "스트릿"], ()),
        (["오늘의코디", "ootd"], ()),
        ([], ()),
    ],
)
def test_hashtags_say_styles(tags, styles):
    assert LEXICON.styles(tags) == styles


def test_every_style_has_words_in_both_languages():
    for style in STYLES:
        words = [word for word, said in LEXICON.style_of.items() if said == style]
        assert any(word.isascii() for word in words)
        assert any(not word.isascii() for word in words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[styles]\nboho = ["boho"]', "boho is none of"),
        ('[styles]\nstreet = ["hip"]\ncasual = ["HIP"]', "hip is said to be"),
        ("[styles", "no lexicon"),
        ("[words]", "no lexicon"),
    ],
)
def test_a_wrong_lexicon_is_refused(tmp_path, text, said):
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=said):
        read_lexicon(path)


def feed(tmp_path, text: str, name: str = "feed.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read_feed(path, photos=tmp_path, lexicon=LEXICON)


def test_a_csv_names_one_or_two_styles_in_either_language(tmp_path):
    rows = feed(tmp_path, "path,style,author\na.jpg,casual|street,kim\nb.jpg,빈티지,\n")
    assert [(row.path.name, row.styles, row.group) for row in rows] == [
        ("a.jpg", ("casual", "street"), "kim"),
        ("b.jpg", ("vintage",), "b"),
    ]
    assert rows[0].path == tmp_path / "a.jpg"


def test_a_tsv_and_json_lines_are_read_too(tmp_path):
    (row,) = feed(tmp_path, "path\thashtags\na.jpg\t#미니멀룩 #ootd\n", "feed.tsv")
    assert row.styles == ("minimal",)
    line = json.dumps({"path": "a.jpg", "hashtags": ["retro"], "author": "lee"})
    (row,) = feed(tmp_path, line + "\n\n", "feed.jsonl")
    assert (row.styles, row.group) == (("vintage",), "lee")


def test_rows_without_a_style_are_passed_over(tmp_path):
    rows = feed(tmp_path, "path,style,hashtags\na.jpg,,#ootd\nb.jpg,,#힙\n")
    assert [row.path.name for row in rows] == ["b.jpg"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,style\na.jpg,preppy\n", "row 1: 'preppy' is not"),
        ("path,style\na.jpg,casual\nb.jpg,casual|street|modern\n", "row 2: 'casual"),
        ("path,style\n,casual\n", "row 1: it has no path"),
        ("path,likes\na.jpg,3\n", "no row says a style"),
        ("", "no row says a style"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, text, said):
    with pytest.raises(UsageError, match=said) as caught:
        feed(tmp_path, text)
    assert caught.value.text_ko != caught.value.text


def test_what_is_no_json_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        feed(tmp_path, "[1]\n", "feed.jsonl")


def test_a_second_style_has_the_smaller_share():
    assert target_of(("street",)) == [0, 0, 0, 0, 1, 0]
    assert target_of(("street", "casual")) == pytest.approx([0.3, 0, 0, 0, 0.7, 0])
