"""The classifier's engines: what a photo must look like, which weights are refused."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest

from services.classification.domain import EMBEDDING_SIZE, without_bars
from services.classification.metadata import read_metadata
from services.classification.model import FakeClassifier, OnnxClassifier, open_classifier, prepare
from services.classification.settings import SHIPPED, ClassificationSettings
from shared.errors import PermanentError


@pytest.fixture(scope="module")
def shipped():
    classifier = open_classifier(ClassificationSettings())
    classifier.load()
    return classifier


@pytest.fixture
def weights(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "weights")


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_photos_of_any_size_get_a_verdict_each(shipped):
    photos = [noise(33, 700), noise(900, 40), np.zeros((1, 1, 3), np.uint8)] * 4
    verdicts = shipped.predict(photos)
    assert len(verdicts) == len(photos)
    for verdict in verdicts:
        assert 0 <= verdict.fashion <= 1
        assert verdict.embedding.shape == (EMBEDDING_SIZE,)
        assert verdict.embedding.dtype == np.float32
        assert np.linalg.norm(verdict.embedding) == pytest.approx(1, abs=1e-3)


def test_no_photo_gives_no_verdict(shipped):
    assert shipped.predict([]) == []


def test_a_verdict_does_not_depend_on_the_other_photos(shipped):
    alone = shipped.predict([noise(300, 200, 1)])[0]
    among = shipped.predict([noise(64, 64, 2), noise(300, 200, 1), noise(50, 90, 3)])[1]
    assert among.fashion == pytest.approx(alone.fashion, abs=1e-3)
    assert float(among.embedding @ alone.embedding) > 0.999


def test_many_threads_load_the_weights_once(monkeypatch):
    opened = []
    monkeypatch.setattr(
        "services.classification.model._open_session",
        lambda weights, *, threads: opened.append(threads) or object(),
    )
    classifier = OnnxClassifier(read_metadata(SHIPPED), ClassificationSettings(threads=3))
    threads = [threading.Thread(target=classifier.load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [3]


def test_results_name_the_weights_that_were_read(shipped):
    assert shipped.reference == read_metadata(SHIPPED).reference


def test_other_weights_than_described_are_refused_in_one_clear_line(weights):
    with (weights / "classifier.onnx").open("ab") as file:
        file.write(b"0")
    classifier = open_classifier(ClassificationSettings(weights=weights))
    with pytest.raises(PermanentError, match=r"classifier.onnx: is not the file that") as caught:
        classifier.load()
    assert "\n" not in str(caught.value)
    assert "다릅니다" in caught.value.in_language("ko")


@pytest.mark.parametrize("name", ["classifier.onnx", "classifier.toml"])
def test_missing_weights_are_named(weights, name):
    (weights / name).unlink()
    with pytest.raises(PermanentError, match=name):
        open_classifier(ClassificationSettings(weights=weights)).load()


def test_a_description_without_a_threshold_is_refused(weights):
    description = weights / "classifier.toml"
    lines = description.read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("threshold")]
    description.write_text("\n".join(kept), "utf-8")
    with pytest.raises(PermanentError, match=r"cannot be used \(threshold: Field required\)"):
        open_classifier(ClassificationSettings(weights=weights))


def test_shipped_weights_are_small_enough_for_a_clone():
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) <= 22_000_000


def test_a_setting_replaces_the_models_threshold():
    assert open_classifier(ClassificationSettings(threshold=0.9)).threshold == 0.9
    shipped = read_metadata(SHIPPED).threshold
    assert open_classifier(ClassificationSettings()).threshold == shipped


def test_a_pure_red_photo_reaches_the_network_red_first():
    red = np.zeros((50, 80, 3), np.uint8)
    red[..., 0] = 255
    batch = prepare([red], side=16)
    assert batch.shape == (1, 16, 16, 3)
    assert (batch == (255, 0, 0)).all()


def test_the_whole_photo_reaches_the_network():
    photo = np.zeros((400, 100, 3), np.uint8)
    photo[:40], photo[-40:] = 255, 128
    batch = prepare([photo], side=20)[0]
    assert (batch[0] > 250).all()
    assert (abs(batch[-1].astype(int) - 128) < 5).all()


@pytest.mark.parametrize("color", [0, 128, 255])
def test_a_photo_on_a_bar_page_is_seen_as_the_photo(color):
    photo = noise(300, 200)
    page = np.full((400, 500, 3), color, np.uint8)
    page[50:350, 150:350] = photo
    assert (prepare([page], side=32) == prepare([photo], side=32)).all()


def test_bars_made_uneven_by_compression_are_cut_off():
    bars = np.full((400, 300, 3), 250, np.uint8) - (noise(400, 300, 4) % 9)
    bars[100:300] = noise(200, 300)
    assert without_bars(bars).shape == (200, 300, 3)


def test_a_thin_thing_on_a_plain_page_is_not_cut_out():
    page = np.full((300, 300, 3), 255, np.uint8)
    page[140:150, 20:280] = noise(10, 260)
    assert without_bars(page).shape == page.shape


def test_colours_in_another_order_are_another_photo(shipped):
    photo = np.zeros((120, 80, 3), np.uint8)
    photo[20:100, 20:60] = (200, 40, 20)
    turned = np.ascontiguousarray(photo[..., ::-1])
    one, other = shipped.predict([photo, turned])
    assert float(one.embedding @ other.embedding) < 0.9999


def test_the_fake_is_deterministic_and_knows_a_flat_picture():
    fake = FakeClassifier()
    flat, busy = np.full((9, 9, 3), 7, np.uint8), noise(9, 9)
    first, second = fake.predict([flat, busy]), fake.predict([flat, busy])
    assert [verdict.fashion for verdict in first] == [verdict.fashion for verdict in second]
    assert first[0].fashion < fake.threshold <= first[1].fashion
    assert open_classifier(ClassificationSettings(engine="fake")).reference == fake.reference
