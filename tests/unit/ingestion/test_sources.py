"""Folders, ZIPs, lists and manifests: what is wrong with one entry harms no other."""

from __future__ import annotations

import json
import os
import socket
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.ingestion.refusals import REASONS, RefusedError
from services.ingestion.sources import Candidate, Passed, Refused, open_source
from services.ingestion.sources import url_list as url_lists
from shared.fetch import FetchRules, fetch
from shared.fetch_errors import FetchRefusedError, FetchUnavailableError
from shared.photo_checks import PhotoError
from tests.hostile.sources import (
    BAD_ROWS,
    GOOD,
    BadRow,
    bzip2_zip,
    csv_text,
    encrypted_zip,
    flipped_zip,
    korean_windows_zip,
    lying_zip,
    overlapping_zip,
    photo_bytes,
    write_zip,
)
from tests.hostile.urls import hostile_resolver

PHOTO = photo_bytes()


def guarded_fetch(url: str) -> bytes:
    return fetch(url, rules=FetchRules(deadline=1), resolver=hostile_resolver).data


def no_fetch(url: str) -> bytes:
    raise AssertionError(f"{url} must not be fetched")


def entries(place: object, fetch=no_fetch) -> list[Candidate | Refused | Passed]:
    """Return all entries of a source; a candidate that cannot be read becomes a refusal."""
    with open_source(str(place), fetch=fetch) as source:
        found = [_tried(entry) for entry in source.entries()]
        assert source.count() == len(found)
        assert 1 <= len(source.name) <= 64
        return found


def _tried(entry: Candidate | Refused | Passed) -> Candidate | Refused | Passed:
    if isinstance(entry, Candidate):
        try:
            entry.read()
        except (RefusedError, PhotoError, FetchRefusedError) as error:
            return Refused(entry.name, error)
    return entry


def reasons(found: list[Candidate | Refused | Passed]) -> dict[str, str]:
    return {entry.name: entry.error.reason for entry in found if isinstance(entry, Refused)}


def taken(found: list[Candidate | Refused | Passed]) -> list[str]:
    return [entry.name for entry in found if isinstance(entry, Candidate)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good photo."""
    path = tmp_path / "looks"
    path.mkdir()
    (path / GOOD).write_bytes(PHOTO)
    return path


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be a user whom file permissions bind: root may read everything."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


class TestFolder:
    def test_files_come_in_the_order_of_their_names_from_all_folders(self, folder):
        for name in ("b/2.jpg", "b/10.jpg", "a.jpg", "한글 폴더/사진 한 장.jpg"):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(PHOTO)
        assert taken(entries(folder)) == [
            "looks/a.jpg", "looks/b/10.jpg", "looks/b/2.jpg", "looks/good.jpg",
            "looks/한글 폴더/사진 한 장.jpg",
        ]  # fmt: skip

    def test_hidden_files_and_litter_are_passed_over_but_named(self, folder):
        for name in (".DS_Store", "Thumbs.db", "desktop.ini"):
            (folder / name).write_bytes(b"x")
        (folder / ".git").mkdir()
        (folder / ".git" / "a.jpg").write_bytes(PHOTO)
        found = entries(folder)
        passed = {entry.name for entry in found if isinstance(entry, Passed)}
        assert passed == {f"looks/{n}" for n in (".DS_Store", ".git", "Thumbs.db", "desktop.ini")}
        assert taken(found) == ["looks/good.jpg"]

    def test_a_pipe_is_refused_and_never_waited_for(self, folder):
        os.mkfifo(folder / "pipe.jpg")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(os.path.relpath(folder / "socket.jpg"))
            found = entries(folder)
        refused = {"looks/pipe.jpg": "not_a_file", "looks/socket.jpg": "not_a_file"}
        assert reasons(found) == refused
        assert taken(found) == ["looks/good.jpg"]

    def test_a_link_back_up_is_not_followed_for_ever(self, folder):
        (folder / "again").symlink_to(folder)
        (folder / "gone.jpg").symlink_to(folder / "nothing")
        (folder / "same.jpg").symlink_to(folder / GOOD)
        found = entries(folder)
        assert reasons(found) == {"looks/again": "linked_folder", "looks/gone.jpg": "not_found"}
        assert taken(found) == ["looks/good.jpg", "looks/same.jpg"]

    def test_a_huge_file_is_not_read_whole(self, folder):
        with (folder / "film.mp4").open("wb") as film:
            film.truncate(50_000_000_000)
        assert reasons(entries(folder)) == {"looks/film.mp4": "too_large"}

    def test_what_may_not_be_read_is_refused_with_the_systems_words(self, folder):
        closed = folder / "closed"
        closed.mkdir()
        (folder / "mine.jpg").write_bytes(PHOTO)
        for path in (folder.parent, folder.parent.parent, folder.parent.parent.parent):
            path.chmod(0o755)
        (folder / "mine.jpg").chmod(0)
        closed.chmod(0)
        with as_nobody():
            found = entries(folder)
        assert reasons(found) == {"looks/closed": "unreadable", "looks/mine.jpg": "unreadable"}
        assert "Permission denied" in str(found[0].error)
        assert taken(found) == ["looks/good.jpg"]

    def test_a_name_that_is_no_unicode_is_taken_in_and_can_be_shown(self, folder):
        Path(os.fsdecode(os.fsencode(folder) + b"/\xb0\xa1.txt")).write_bytes(b"text")
        found = entries(folder)
        assert len(found) == 2

    def test_an_empty_folder_has_no_entries(self, tmp_path):
        (tmp_path / "empty").mkdir()
        assert entries(tmp_path / "empty") == []


class TestKinds:
    def test_a_photo_by_itself_is_a_source_whatever_its_name(self, folder):
        (folder / GOOD).rename(folder / "photo.csv")
        assert taken(entries(folder / "photo.csv")) == ["photo.csv"]

    def test_a_list_a_manifest_and_a_zip_are_told_by_their_content(self, tmp_path):
        (tmp_path / GOOD).write_bytes(PHOTO)
        (tmp_path / "a").write_text("# my list\n\nhttp://photos.example/1.jpg\n")
        (tmp_path / "b").write_text(f"author;path\nkim;{GOOD}\n")
        (tmp_path / "c").write_text(json.dumps({"path": GOOD}) + "\n")
        write_zip(tmp_path / "d", {GOOD: PHOTO})
        fetched = entries(tmp_path / "a", fetch=lambda url: PHOTO)
        assert taken(fetched) == ["a row 3"]
        assert taken(entries(tmp_path / "b")) == ["b row 2"]
        assert taken(entries(tmp_path / "c")) == ["c row 1"]
        assert taken(entries(tmp_path / "d")) == ["d/good.jpg"]

    @pytest.mark.parametrize(
        ("name", "data", "reason"),
        [
            ("gone", None, "not_found"),
            ("empty.csv", b"", "empty"),
            ("letter.doc", b"\xd0\xcf\x11\xe0" + bytes(100), "unknown_source"),
            ("notes.md", "# 메모\n안녕".encode(), "unknown_source"),
            ("looks.gif", b"GIF89a" + bytes(50), "unsupported_format"),
            ("cut.zip", b"PK\x03\x04" + bytes(50), "bad_archive"),
        ],
    )
    def test_what_is_no_source_is_refused_with_its_reason(self, tmp_path, name, data, reason):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises((RefusedError, PhotoError)) as refused:
            entries(tmp_path / name)
        assert refused.value.reason == reason
        assert name in str(refused.value)


class TestUrls:
    def test_each_line_is_fetched_and_wrong_ones_are_refused_alone(self, tmp_path):
        path = tmp_path / "urls.txt"
        path.write_text(
            "\ufeffhttp://photos.example/1.jpg\r\nhttp://127.0.0.1/a.jpg\r\nmy photo\r\n"
            "http://photos.example/1.jpg\r\nHTTPS://photos.example/2.jpg\r\n",
            encoding="utf-8",
        )

        def public_only(url: str) -> bytes:
            return PHOTO if "photos.example" in url else guarded_fetch(url)

        found = entries(path, fetch=public_only)
        assert taken(found) == ["urls.txt row 1", "urls.txt row 5"]
        assert reasons(found) == {
            "urls.txt row 2": "private_address",
            "urls.txt row 3": "bad_line",
            "urls.txt row 4": "duplicate_row",
        }

    def test_a_url_by_itself_is_a_source(self):
        asked: list[str] = []

        def fetch(url: str) -> bytes:
            asked.append(url)
            return PHOTO

        (found,) = entries("https://photos.example/1.jpg", fetch=fetch)
        assert isinstance(found, Candidate) and found.facts.url == asked[0]

    def test_a_server_that_stumbles_is_asked_again_and_then_given_up(self, monkeypatch):
        monkeypatch.setattr(url_lists, "_PAUSES", (0.0, 0.0))
        answers: list[str] = []

        def stumbles(url: str) -> bytes:
            answers.append(url)
            if url.endswith("2") and len(answers) == 2:
                return PHOTO
            raise FetchUnavailableError(url, "timeout")

        assert taken(entries("http://photos.example/2", fetch=stumbles))
        (found,) = entries("http://photos.example/3", fetch=stumbles)
        assert isinstance(found, Refused) and found.error.reason == "not_fetched"
        assert "in 3 tries; run the command again later" in str(found.error)


class TestArchive:
    def test_a_zip_is_read_like_a_folder(self, tmp_path):
        names = ("looks/b.jpg", "a.jpg", "looks/.DS_Store", "__MACOSX/a.jpg", "text.txt")
        path = write_zip(tmp_path / "photos.zip", dict.fromkeys(names, PHOTO))
        found = entries(path)
        assert taken(found) == ["photos.zip/a.jpg", "photos.zip/looks/b.jpg", "photos.zip/text.txt"]
        assert len(found) == 5
        candidate = next(entry for entry in found if isinstance(entry, Candidate))
        assert str(candidate.modified_at) == "2025-05-06 07:08:10+00:00"

    @pytest.mark.parametrize("name", ["../up.jpg", "/etc/cron.jpg", "a/../../b.jpg", "C:\\x.jpg"])
    def test_a_name_that_leads_out_is_refused_and_nothing_is_written(self, tmp_path, name):
        path = write_zip(tmp_path / "photos.zip", {GOOD: PHOTO, name: PHOTO})
        found = entries(path)
        assert list(reasons(found).values()) == ["unsafe_name"]
        assert taken(found) == ["photos.zip/good.jpg"]
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize(
        ("make", "reason"),
        [
            (encrypted_zip, "encrypted"),
            (lying_zip, "bad_archive"),
            (bzip2_zip, "unknown_compression"),
            (flipped_zip, "bad_archive"),
        ],
    )
    def test_a_bad_entry_is_refused(self, tmp_path, make, reason):
        assert list(reasons(entries(make(tmp_path / "bad.zip"))).values()) == [reason]

    def test_one_bomb_among_photos_is_refused_alone_without_being_unpacked(self, tmp_path):
        path = write_zip(tmp_path / "mixed.zip", {GOOD: PHOTO, "bomb.jpg": bytes(60_000_000)})
        found = entries(path)
        assert reasons(found) == {"mixed.zip/bomb.jpg": "too_large"}
        assert taken(found) == ["mixed.zip/good.jpg"]

    def test_an_archive_of_overlapping_bombs_is_refused_whole(self, tmp_path):
        path = overlapping_zip(tmp_path / "bomb.zip")
        assert path.stat().st_size < 100_000
        with pytest.raises(RefusedError) as refused:
            entries(path)
        assert refused.value.reason == "zip_bomb"

    def test_hangul_names_from_korean_windows_are_read(self, tmp_path):
        path = korean_windows_zip(tmp_path / "옷.zip", "사진 1.jpg", PHOTO)
        assert taken(entries(path)) == ["옷.zip/사진 1.jpg"]


class TestManifest:
    @pytest.mark.parametrize("bad", BAD_ROWS, ids=lambda bad: bad.name)
    @pytest.mark.parametrize("kind", ["csv", "jsonl"])
    def test_a_bad_row_is_refused_by_file_and_row_with_the_fix(self, folder, kind, bad: BadRow):
        (folder.parent / "secret.jpg").write_bytes(PHOTO)
        (folder / "link.jpg").symlink_to(folder.parent / "secret.jpg")
        rows = [{"path": GOOD, "author": "first"}, bad.fields, {"path": GOOD, "author": "last"}]
        manifest = folder / f"looks.{kind}"
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        manifest.write_text(csv_text(rows) if kind == "csv" else lines)
        found = entries(manifest, fetch=guarded_fetch)
        header = kind == "csv"
        assert reasons(found) == {f"looks.{kind} row {2 + header}": bad.reason}
        refused = next(entry for entry in found if isinstance(entry, Refused))
        assert bad.fix in str(refused.error)
        assert str(refused.error).startswith(f"looks.{kind} row") or "url" in bad.fields
        assert refused.error.text_ko != refused.error.text
        assert len(taken(found)) == 2

    def test_a_row_that_repeats_another_is_refused_and_the_first_stays(self, folder):
        rows = [{"path": GOOD, "author": "kim"}, {"path": GOOD, "author": "lee"}]
        (folder / "looks.csv").write_text(csv_text([*rows, rows[0]]))
        found = entries(folder / "looks.csv")
        assert reasons(found) == {"looks.csv row 4": "duplicate_row"}
        assert "repeats row 2; delete one" in str(found[2].error)
        assert len(taken(found)) == 2

    def test_without_a_column_for_the_photo_the_file_is_refused_once(self, folder):
        (folder / "looks.csv").write_text("image,author\na.jpg,kim\nb.jpg,lee\n")
        with pytest.raises(RefusedError, match=r"looks\.csv: .*image, author; add one"):
            entries(folder / "looks.csv")

    @pytest.mark.parametrize(
        "row", [b'{"path": "good.jpg"', b"[1, 2]", b"null", b"[" * 100_000, b"NaN"]
    )
    def test_a_line_that_is_no_json_object_is_refused_alone(self, folder, row):
        good = b'{"path": "good.jpg"}'
        (folder / "looks.jsonl").write_bytes(good + b"\n" + row + b"\n\n")
        found = entries(folder / "looks.jsonl")
        assert reasons(found) == {"looks.jsonl row 2": "bad_row"}
        assert taken(found) == ["looks.jsonl row 1"]

    def test_a_broken_quote_is_refused_and_the_rows_before_it_stay(self, folder):
        (folder / "looks.csv").write_text('path,author\ngood.jpg,kim\ngood.jpg,"a"b\ngood.jpg,c\n')
        found = entries(folder / "looks.csv")
        assert reasons(found) == {"looks.csv row 3": "bad_row"}
        assert taken(found) == ["looks.csv row 2", "looks.csv row 4"]

    def test_a_csv_of_korean_excel_is_read(self, folder):
        (folder / "사진.jpg").write_bytes(PHOTO)
        (folder / "looks.csv").write_bytes("path,author\r\n사진.jpg,김민아\r\n".encode("cp949"))
        (found,) = entries(folder / "looks.csv")
        assert isinstance(found, Candidate) and found.facts.author == "김민아"

    def test_a_file_from_a_mac_is_found_by_its_composed_name(self, folder):
        (folder / unicodedata.normalize("NFD", "한글.jpg")).write_bytes(PHOTO)
        (folder / "looks.csv").write_text("path\n한글.jpg\n")
        assert taken(entries(folder / "looks.csv")) == ["looks.csv row 2"]

    def test_utf_16_is_refused_with_the_fix(self, folder):
        (folder / "looks.csv").write_bytes("path\ngood.jpg\n".encode("utf-16"))
        with pytest.raises(RefusedError) as refused:
            entries(folder / "looks.csv")
        assert refused.value.reason in ("unknown_source", "bad_encoding")

    def test_a_value_without_a_column_is_refused(self, folder):
        (folder / "looks.csv").write_text("path,likes\ngood.jpg,1,000\n")
        assert reasons(entries(folder / "looks.csv")) == {"looks.csv row 2": "bad_row"}

    def test_a_row_with_path_and_url_keeps_the_url_as_its_post(self, folder):
        (folder / "looks.csv").write_text("path,url\ngood.jpg,https://example.com/p/1\n")
        (found,) = entries(folder / "looks.csv")
        assert isinstance(found, Candidate) and found.facts.url == "https://example.com/p/1"


def test_every_reason_is_said_in_both_languages():
    for reason in REASONS:
        error = RefusedError("a.jpg", reason, detail="x")
        assert error.text.startswith("a.jpg: ") and error.text_ko.startswith("a.jpg: ")
        assert error.text != error.text_ko and error.reason == reason
