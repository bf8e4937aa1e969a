"""Drawing on an OpenAI-compatible server, which behaves and misbehaves as such servers do."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from services.generation.remote.openai_images import OpenAIImages, open_backend
from services.generation.remote.settings import RemoteSettings
from shared.errors import PermanentError, RetryableError
from tests.integration.generation.remote.conftest import CancelledError, at, drawing, edit
from tests.servers.drawing.http import Said
from tests.servers.drawing.openai_images import OpenAIServer, linked, picture, refusal
from tests.servers.drawing.people import png
from tests.servers.serving import serving

pytestmark = pytest.mark.integration
NAVY, WHITE, RED = (28, 40, 80), (248, 248, 246), (200, 32, 44)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with serving(OpenAIServer) as server:
        yield server


def backend(server: OpenAIServer, **more: Any) -> OpenAIImages:
    return open_backend(RemoteSettings(openai_url=f"{server.url}/v1/", **more))


def test_a_prompt_becomes_a_picture_of_the_wished_size(server, watch):
    server.key = "secret"
    drawn = backend(server, openai_key="secret").draw([drawing(), drawing(seed=6)], watch=watch)
    assert [one.pixels.shape for one in drawn] == [(768, 512, 3)] * 2
    assert at(drawn[0].pixels, 0.5, 0.57) == NAVY
    assert at(drawn[0].pixels, 0.42, 0.4) == WHITE
    assert watch.told[0] == (0, 2) and watch.told[-1] == (2, 2)
    body = server.asked[0].json()
    assert (body["size"], body["n"], body["quality"]) == ("1024x1536", 1, "high")
    assert body["prompt"].endswith("white jacket, black shirt and navy trousers\nAvoid: hat")


def test_the_manifest_says_what_was_asked_and_what_was_left_out(server, watch):
    (drawn,) = backend(server, openai_key="secret").draw([drawing(strength=0.5)], watch=watch)
    told = drawn.manifest
    assert (told["backend"], told["model"], told["seed"]) == ("openai", "gpt-image-1", 5)
    assert told["left_out"] == ["seed", "strength"] and told["size_asked"] == [1024, 1536]
    assert "secret" not in str(told)


def test_the_same_seed_gives_the_same_picture_where_the_server_has_seeds(server, watch):
    drawer = backend(server, openai_extra={"seed": "%seed%", "negative_prompt": "%negative%"})
    one, two, three = drawer.draw([drawing(), drawing(), drawing(seed=9)], watch=watch)
    assert (one.pixels == two.pixels).all() and (one.pixels != three.pixels).any()
    body = server.asked[0].json()
    assert (body["seed"], body["negative_prompt"]) == (5, "hat")
    assert "Avoid" not in body["prompt"]
    assert one.manifest["left_out"] == []


def test_an_edit_changes_what_the_mask_says_and_no_bit_outside(server, watch):
    drawer = backend(server, openai_extra={"seed": "%seed%"})
    (first,) = drawer.draw([drawing()], watch=watch)
    change = edit(first.pixels, "a woman wearing a red jacket, black shirt and navy trousers")
    (second,) = drawer.draw([change], watch=watch)
    assert server.paths()[-1] == "POST /v1/images/edits"
    assert at(second.pixels, 0.42, 0.4) == RED
    right = np.s_[:, 256:]
    assert (second.pixels[right] == first.pixels[right]).all()


def test_a_whole_look_is_drawn_over_without_a_mask(server, watch):
    (first,) = backend(server).draw([drawing()], watch=watch)
    change = drawing("a woman in a pink dress", start=first.pixels)
    (second,) = backend(server).draw([change], watch=watch)
    assert "mask" not in server.asked[-1].form()
    assert (second.pixels != first.pixels).any()


def test_a_picture_may_come_by_its_address(server, watch):
    server.by_url, server.key = True, "secret"
    (drawn,) = backend(server, openai_key="secret").draw([drawing()], watch=watch)
    assert at(drawn.pixels, 0.5, 0.57) == NAVY
    assert server.paths()[-1] == "GET /pictures/0"


def test_without_an_address_it_says_what_to_set():
    with pytest.raises(PermanentError, match="MAPSI_GENERATION_OPENAI_URL") as refusal:
        open_backend(RemoteSettings()).load()
    assert "정하세요" in refusal.value.text_ko


def big() -> bytes:
    out = BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    return out.getvalue()


HOSTILE = {
    "no json": (Said(b"<html>busy</html>"), "bad_answer"),
    "deep json": (Said(b'{"data":' + b"[" * 200_000), "bad_answer"),
    "no picture": (Said({"data": []}), "no_picture"),
    "neither": (Said({"data": [{}]}), "no_picture"),
    "not base64": (Said({"data": [{"b64_json": "%%%"}]}), "no_picture"),
    "not an image": (picture(b"MZ\x90 not a picture"), "bad_picture"),
    "svg": (picture(b"<svg onload='x'/>"), "bad_picture"),
    "a bomb": (picture(big()), "bad_picture"),
    "cut off": (picture(png(Image.new("RGB", (1024, 1536)))[:500]), "bad_picture"),
    "tiny": (picture(png(Image.new("RGB", (100, 150)))), "wrong_size"),
    "bent": (picture(png(Image.new("RGB", (1536, 1024)))), "wrong_size"),
    "huge": (Said(b"", headers={"Content-Length": "999999999999"}), "too_large"),
    "redirect": (Said(b"", 307, {"Location": "http://169.254.169.254/"}), "too_many_redirects"),
    "metadata": (linked("http://169.254.169.254/latest/meta-data"), "private_address"),
    "loopback": (linked("http://localhost:80/x.png"), "private_address"),
    "a file": (linked("file:///etc/passwd"), "bad_scheme"),
    "odd port": (linked("http://8.8.8.8:6379/x.png"), "port"),
    "no url": (linked("http://[::1"), "bad_url"),
    "wrong key": (refusal(401, "invalid_api_key", "Incorrect API key."), "key_refused"),
    "moderated": (refusal(400, "moderation_blocked", "Rejected."), "content_refused"),
    "no credit": (refusal(429, "insufficient_quota", "Quota."), "no_credit"),
    "bad request": (refusal(400, "invalid_value", "Unknown model \x1b[31m"), "server_refused"),
    "not found": (Said(b"", 404), "server_refused"),
}


@pytest.mark.parametrize(("said", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_bad_answer_is_refused_once_with_its_reason(server, watch, said, reason):
    server.faults.append(said)
    with pytest.raises(PermanentError) as refusal:
        backend(server, openai_key="topsecret").draw([drawing()], watch=watch)
    error = refusal.value
    assert error.reason == reason
    assert len(server.asked) == 1
    for text in (error.text, error.text_ko):
        assert text.isprintable() and "topsecret" not in text
    assert error.text != error.text_ko


def test_a_picture_elsewhere_is_never_asked_for_with_the_key(server, watch):
    with serving(OpenAIServer) as other:
        server.faults.append(linked(f"{other.url}/pictures/0"))
        with pytest.raises(PermanentError):
            backend(server, openai_key="secret").draw([drawing()], watch=watch)
        assert other.asked == []


def test_a_busy_server_is_asked_again_after_the_time_that_it_says(server, watch):
    server.faults += [refusal(429, "rate_limit_exceeded", "Slow down.", retry_after="1")]
    started = time.monotonic()
    backend(server).draw([drawing()], watch=watch)
    assert time.monotonic() - started >= 1
    assert len(server.asked) == 2


def test_a_server_that_stays_busy_is_left_for_later(server, watch):
    busy = Said(b"", 503, {"Retry-After": "0"})
    server.faults += [busy, busy, busy]
    with pytest.raises(RetryableError) as away:
        backend(server).draw([drawing()], watch=watch)
    assert (away.value.reason, len(server.asked)) == ("drawer_away", 3)


def test_a_server_that_wants_an_hour_is_not_waited_for(server, watch):
    server.faults += [refusal(429, "rate_limit_exceeded", "Later.", retry_after="3600")]
    with pytest.raises(RetryableError, match="in 3600 s"):
        backend(server).draw([drawing()], watch=watch)
    assert len(server.asked) == 1


@pytest.mark.parametrize("fault", [lambda asked: None, lambda asked: time.sleep(3)])
def test_a_server_that_hangs_up_or_hangs_is_left_for_later(server, watch, fault):
    server.faults.append(fault)
    with pytest.raises(RetryableError, match="busy or away"):
        backend(server, openai_seconds=1).draw([drawing()], watch=watch)


def test_a_server_that_is_not_there_is_left_for_later(watch):
    settings = RemoteSettings(openai_url="http://127.0.0.1:9/v1", openai_seconds=2)
    with pytest.raises(RetryableError):
        open_backend(settings).draw([drawing()], watch=watch)


def test_a_picture_is_called_off_while_the_server_draws(server, watch):
    server.faults.append(lambda asked: time.sleep(120))
    watch.stop = lambda: bool(server.asked)
    started = time.monotonic()
    with pytest.raises(CancelledError):
        backend(server).draw([drawing()], watch=watch)
    assert time.monotonic() - started < 90


def test_the_sizes_are_checked_when_the_settings_are_read():
    with pytest.raises(ValueError, match="write 1024x1536"):
        RemoteSettings(openai_sizes="large")


def test_base64_of_a_whole_picture_is_within_the_limits(server, watch):
    noise = np.random.default_rng(1).integers(0, 255, (1536, 1024, 3), np.uint8)
    data = png(Image.fromarray(noise))
    assert len(base64.b64encode(data)) > 5_000_000
    server.faults.append(picture(data))
    (drawn,) = backend(server).draw([drawing(width=1024, height=1536)], watch=watch)
    assert (drawn.pixels == noise).all()


def test_doctor_hears_whether_the_endpoint_answers_and_takes_the_key(server):
    server.key = "secret"
    assert backend(server, openai_key="secret").check().endswith(", gpt-image-1")
    with pytest.raises(PermanentError, match="MAPSI_GENERATION_OPENAI_KEY"):
        backend(server, openai_key="wrong").check()
    with pytest.raises(RetryableError):
        open_backend(RemoteSettings(openai_url="http://127.0.0.1:9/v1")).check()
