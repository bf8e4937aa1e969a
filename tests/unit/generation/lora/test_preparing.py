"""From photos to a training set, with models that see what the tests say."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from services.generation.lora import data_command
from services.generation.lora.candidates import Found, in_folder, in_store
from services.generation.lora.choosing import Rules
from services.generation.lora.dataset import METADATA, REPORT, SHEET, read_dataset
from services.generation.lora.preparing import Making, Studio, names_of, prepare
from shared.contracts.garments import Analysis, Color, Garment, Rle
from shared.contracts.message import ModelRef
from shared.errors import UsageError
from shared.imaging import decode, strip_and_encode
from shared.records import open_database, upgrade
from shared.records.ingestion import Photo, Post
from shared.records.trends import Settlement
from shared.storage import open_url

RED = Color(name="red", name_ko="빨강", basic="red", hex="#e50000", share=1.0)
SIZE = (300, 400)


def draw(path: Path, *, seed: int, size: tuple[int, int] = SIZE) -> Path:
    """Draw a photo with fine detail; another seed is another photo."""
    random = np.random.default_rng(seed)
    rough = Image.fromarray(random.integers(0, 255, (6, 5, 3), np.uint8))
    page = np.asarray(rough.resize(size, Image.Resampling.BICUBIC)).astype(np.int16)
    page = page + random.integers(-60, 60, page.shape)
    Image.fromarray(np.clip(page, 0, 255).astype(np.uint8)).save(path)
    return path


def dress(box=(100.0, 120.0, 200.0, 380.0)) -> Garment:
    return Garment(
        category="vest_dress", score=0.9, box=box, mask=Rle(size=(1, 1), counts="0"),
        area=20_000, pattern="solid", colors=(RED,),
    )  # fmt: skip


DRESSED = Found(0.9, {"casual": 0.2, "street": 0.8}, (dress(),))


class FakeFinder:
    version = "fake"

    def __init__(self, *faces):
        self.faces = faces

    def find(self, pixels):
        return self.faces


RULES = Rules(smallest_side=200, faces="keep", blur=1.0)


def run(candidates, out, *, found=DRESSED, finder=None, rules=RULES, **making):
    seen = found if callable(found) else lambda pixels, name: found
    return prepare(
        candidates, out, Making(rules, **{"resolution": 128, **making}), Studio(seen, finder)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    for number in range(4):
        draw(place / f"{number}.jpg", seed=number)
    return place


def test_a_photo_becomes_a_picture_with_its_caption_and_rights(folder, tmp_path):
    (folder / "manifest.csv").write_text(
        "path,licence,author,posted_at,url\n0.jpg,CC BY 4.0,Kim,2025-07-02,https://example.org/0\n"
    )
    made = run(in_folder(folder, licence="own"), tmp_path / "set")
    first = made.entries[0]
    assert (
        first.text == "a korean person wearing a red sleeveless dress, streetwear style, in summer"
    )
    assert (first.licence, first.source, first.credit) == (
        "CC BY 4.0", "https://example.org/0", "Kim",
    )  # fmt: skip
    assert first.group and "Kim" not in first.group
    assert (made.entries[1].licence, made.entries[1].credit) == ("own", None)
    with Image.open(tmp_path / "set" / first.file_name) as picture:
        assert picture.size in {(96, 160), (128, 128)}
    assert first.original_size == (400, 300)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Found(0.2, {}, (dress(),)), "not_fashion"),
        (Found(0.9, {}, ()), "no_garment"),
        (Found(0.9, {}, (dress(), dress((220.0, 120.0, 295.0, 380.0)))), "people"),
    ],
)
def test_what_the_models_see_decides(folder, tmp_path, found, reason):
    made = run(in_folder(folder, licence="own"), tmp_path / "set", found=found)
    assert set(made.left_out) == {reason}
    assert not made.entries


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"styles": ("vintage",)}, "style"),
        ({"seasons": ("winter",)}, "season"),
        ({"sources": ("insta*",)}, "source"),
        ({"smallest_side": 301}, "small"),
        ({"blur": 0.01}, "blurred"),
        ({"licences": ("cc0",)}, "licence"),
    ],
)
def test_what_is_asked_for_decides(folder, tmp_path, rules, reason):
    asked = Rules(**{"smallest_side": 200, "faces": "keep", "blur": 1.0, **rules})
    made = run(in_folder(folder, licence="own"), tmp_path / "set", rules=asked)
    assert set(made.left_out) == {reason}


def test_a_bad_photo_and_a_copy_are_left_out_alone(folder, tmp_path):
    (folder / "1.jpg").write_bytes(b"no photo")
    with Image.open(folder / "0.jpg") as photo:
        photo.resize((270, 360)).save(folder / "5.png")
    made = run(in_folder(folder, licence="own"), tmp_path / "set")
    assert made.left_out == {"unreadable": ["1.jpg"], "near": ["5.png"]}
    assert [entry.source for entry in made.entries] == [
        f"photos/{number}.jpg" for number in (0, 2, 3)
    ]
    assert names_of(made.left_out, "ko")[0].startswith("사진으로 읽을 수 없음: 1 (1.jpg)")


def test_a_photo_that_is_left_out_takes_no_copys_place(folder, tmp_path):
    with Image.open(folder / "0.jpg") as photo:
        photo.resize((270, 360)).save(folder / "5.png")
    unsure = lambda pixels, name: DRESSED if name != "0.jpg" else Found(0.1, {}, ())  # noqa: E731
    made = run(in_folder(folder, licence="own"), tmp_path / "set", found=unsure)
    assert made.left_out == {"not_fashion": ["0.jpg"]}


def detail(pixels) -> float:
    return float(np.abs(np.diff(pixels, 2, axis=1)).mean())


def test_faces_are_hidden_and_marked(folder, tmp_path):
    rules, face = Rules(smallest_side=200, blur=1.0), (130.0, 60.0, 170.0, 110.0)
    made = run(in_folder(folder, licence="own"), tmp_path / "set", rules=rules,
               finder=FakeFinder(face))  # fmt: skip
    plain = run(in_folder(folder, licence="own"), tmp_path / "plain", finder=FakeFinder(face))
    entry = made.entries[0]
    (box,) = entry.veiled
    assert not plain.entries[0].veiled
    hidden, shown = (
        np.asarray(Image.open(tmp_path / where / entry.file_name)).astype(float)
        for where in ("set", "plain")
    )
    x0, y0, x1, y1 = (round(value) for value in box)
    inner = np.s_[y0 + (y1 - y0) // 3 : y1 - (y1 - y0) // 3, x0 + (x1 - x0) // 3 : x1]
    assert detail(hidden[inner]) < 0.5 * detail(shown[inner])
    outside = np.ones(hidden.shape[:2], bool)
    outside[max(0, y0 - 4) : y1 + 4, max(0, x0 - 4) : x1 + 4] = False
    assert np.abs(hidden - shown)[outside].mean() < 2


def test_where_no_face_was_found_the_place_of_the_head_is_hidden(folder, tmp_path):
    rules = Rules(smallest_side=200, blur=1.0)
    made = run(in_folder(folder, licence="own"), tmp_path / "set", rules=rules,
               finder=FakeFinder())  # fmt: skip
    assert len(made.entries[0].veiled) == 1


def test_photos_with_faces_are_left_out_where_that_is_asked(folder, tmp_path):
    rules = Rules(smallest_side=200, blur=1.0, faces="drop")
    finder = FakeFinder((130.0, 60.0, 170.0, 110.0))
    made = run(in_folder(folder, licence="own"), tmp_path / "set", rules=rules, finder=finder)
    assert set(made.left_out) == {"face"}


def test_no_more_are_made_than_asked_for(folder, tmp_path):
    assert len(run(in_folder(folder, licence="own"), tmp_path / "set", limit=2).entries) == 2


def test_a_folder_without_photos_is_told(tmp_path):
    with pytest.raises(UsageError, match="no photo"):
        in_folder(tmp_path, licence=None)


WHEN = datetime(2025, 7, 1, tzinfo=UTC)


def store(url: str, storage, number: int, *, licence: str | None, outcome="analyzed", **photo):
    """Put an analysed photo into an installation."""
    photo_id = f"{number:064x}"
    path = Path(url.removeprefix("sqlite:///")).with_name(f"{number}.png")
    pixels = decode(draw(path, seed=number).read_bytes(), name="photo")
    storage.put(f"photos/{photo_id}", strip_and_encode(pixels), content_type="image/jpeg")
    analysis = Analysis(
        photo_id=photo_id, look_id=photo_id, posted_at=WHEN, source="feed", author="a1",
        width=300, height=400, fashion=0.9, styles={"street": 0.9}, garments=(dress(),),
        models=(ModelRef(name="m", version="1", sha256="0" * 64),),
    )  # fmt: skip
    storage.put(f"results/{photo_id}", analysis.model_dump_json().encode(),
                content_type="application/json")  # fmt: skip
    row = {
        "photo_id": photo_id, "key": f"photos/{photo_id}", "width": 300, "height": 400,
        "perceptual_hash": number, "fine_hash": bytes(32), "look_id": photo_id,
        "posted_at": WHEN, "source": "feed", "author": "a1", "received_at": WHEN.replace(
            minute=number), **photo,
    }  # fmt: skip
    with closing(open_database(url)) as database, database.transaction() as session:
        session.add(Photo(**row))
        session.flush()
        session.add(Settlement(photo_id=photo_id, outcome=outcome, stage="color", models={},
                               analysis_key=f"results/{photo_id}", settled_at=WHEN))  # fmt: skip
        session.add(Post(post_id=f"p{number}", photo_id=photo_id, source="feed", author="a1",
                         url=f"https://example.org/{number}", posted_at=WHEN, hashtags=[],
                         licence=licence))  # fmt: skip


def test_an_installations_own_looks_are_not_seen_again(tmp_path):
    url, storage = f"sqlite:///{tmp_path}/mapsi.db", open_url((tmp_path / "objects").as_uri())
    upgrade(url)
    store(url, storage, 1, licence="CC0")
    store(url, storage, 2, licence="author's own")
    store(url, storage, 3, licence="CC0", outcome="not_fashion")
    store(url, storage, 4, licence="CC0", look_id="0" * 64)
    store(url, storage, 5, licence="CC0", catalogued=True)
    store(url, storage, 6, licence=None)
    store(url, storage, 7, licence="CC0")
    storage.delete(f"photos/{7:064x}")

    def blind(pixels, name):
        raise AssertionError("looked at again")

    with closing(open_database(url)) as database:
        candidates = in_store(database, storage)
    made = run(candidates, tmp_path / "set", found=blind)
    (entry,) = made.entries
    assert (entry.photo_id, entry.source) == (f"{1:064x}", "https://example.org/1")
    assert entry.text.endswith("streetwear style, in summer")
    assert {reason: len(names) for reason, names in made.left_out.items()} == {
        "licence": 1, "no_licence": 1, "gone": 1,
    }  # fmt: skip


class FakeEyes:
    def see(self, pixels, *, path):
        return DRESSED


@pytest.fixture
def command(monkeypatch):
    monkeypatch.setattr(data_command, "open_eyes", lambda settings: FakeEyes())
    monkeypatch.setattr(data_command, "models_in_use", lambda settings: {"analyzed": frozenset()})

    def invoke(*arguments: object):
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(data_command.lora, words, catch_exceptions=True)

    return invoke


def test_the_command_writes_set_report_and_sheet(command, folder, tmp_path):
    out = tmp_path / "set"
    done = command(folder, "--out", out, "--licence", "own", "--smallest-side", 200, "--blur", 1,
                   "--faces", "keep", "--resolution", 130, "--lang", "ko")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "4장 가운데 4장" in done.output
    assert len(read_dataset(out)) == 4
    report = json.loads((out / REPORT).read_text())
    assert (report["kept"], report["licences"]) == (4, {"own": 4})
    with Image.open(out / SHEET) as sheet:
        assert sheet.width > 1000


def test_the_command_says_why_nothing_was_left(command, folder, tmp_path):
    out = tmp_path / "set"
    done = command(folder, "--out", out, "--smallest-side", 200, "--lang", "en")
    assert isinstance(done.exception, UsageError)
    assert "left out: licence not known: 4" in done.output
    assert json.loads((out / REPORT).read_text())["left_out"]["no_licence"]["photos"] == 4
    assert not (out / METADATA).exists()
    again = command(folder, "--out", out, "--smallest-side", 200, "--licence", "own", "--blur", 1,
                    "--faces", "keep", "--resolution", 128)  # fmt: skip
    assert again.exit_code == 0, again.output


def test_the_command_takes_an_installations_looks(command, tmp_path, monkeypatch):
    monkeypatch.setenv("MAPSI_DATA_DIR", str(tmp_path))
    url = f"sqlite:///{tmp_path}/mapsi.db"
    upgrade(url)
    store(url, open_url((tmp_path / "objects").as_uri()), 1, licence="CC0")
    out = tmp_path / "set"
    done = command("--ingested", "--out", out, "--smallest-side", 200, "--blur", 1, "--faces",
                   "keep", "--style", "street", "--season", "summer", "--source", "fe*",
                   "--resolution", 128)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert [entry.photo_id for entry in read_dataset(out)] == [f"{1:064x}"]


def test_the_command_overwrites_nothing(command, folder, tmp_path):
    done = command(folder, "--out", folder)
    assert isinstance(done.exception, UsageError)
    assert "not empty" in str(done.exception)


def test_the_command_wants_one_place(command, folder, tmp_path):
    for words in ((folder, "--ingested"), ()):
        done = command(*words, "--out", tmp_path / "set")
        assert isinstance(done.exception, UsageError)
