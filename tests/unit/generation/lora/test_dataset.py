"""A training set is read back as it was written, and what is wrong in it is named."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from services.generation.lora.dataset import (
    METADATA,
    Entry,
    captions_hash,
    read_dataset,
    write_dataset,
)
from shared.errors import UsageError


def fill(folder, count=2):
    entries = []
    for number in range(count):
        name = f"{number}.png"
        Image.new("RGB", (32, 32)).save(folder / name)
        entries.append(Entry(file_name=name, text=f"look {number}", licence="CC0", source="x"))
    write_dataset(folder, entries)
    return entries


def test_a_set_is_read_back(tmp_path):
    entries = fill(tmp_path)
    assert read_dataset(tmp_path) == entries
    line = json.loads((tmp_path / METADATA).read_text().splitlines()[0])
    assert {"file_name", "text", "licence", "source"} <= set(line)


def test_any_imagefolder_will_do(tmp_path):
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    (tmp_path / METADATA).write_text('{"file_name": "a.png", "text": "hat", "likes": 3}\n\n')
    (entry,) = read_dataset(tmp_path)
    assert (entry.text, entry.licence) == ("hat", "unknown")


@pytest.mark.parametrize(
    ("line", "reason", "said"),
    [
        ('{"file_name": "a.png", "text": " "}', "no_captions", "1 pictures have no text"),
        ('{"file_name": "a.png"}', "bad_dataset", ":1: text"),
        ('{"file_name": "b.png", "text": "hat"}', "bad_dataset", "no picture b.png"),
        ('{"file_name": "../a.png", "text": "hat"}', "bad_dataset", "no picture ../a.png"),
        ("[", "bad_dataset", ":1:"),
    ],
)
def test_a_wrong_line_is_named_in_both_languages(tmp_path, line, reason, said):
    folder = tmp_path / "set"
    folder.mkdir()
    for where in (folder, tmp_path):
        Image.new("RGB", (32, 32)).save(where / "a.png")
    (folder / METADATA).write_text(line + "\n")
    with pytest.raises(UsageError, match=said) as caught:
        read_dataset(folder)
    assert caught.value.reason == reason
    assert caught.value.text_ko != caught.value.text


def test_a_folder_that_is_no_set_says_how_to_make_one(tmp_path):
    with pytest.raises(UsageError, match="mapsi data lora"):
        read_dataset(tmp_path)


def test_the_hash_names_the_captions_in_any_order():
    first, second = Entry(file_name="a", text="x"), Entry(file_name="b", text="y")
    assert captions_hash([first, second]) == captions_hash([second, first])
    changed = first.model_copy(update={"text": "z"})
    assert captions_hash([first, second]) != captions_hash([changed, second])
