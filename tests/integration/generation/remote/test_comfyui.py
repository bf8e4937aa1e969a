"""Drawing on a ComfyUI server: queue, history, cancel, the operator's own workflows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.generation.remote.comfyui import ComfyUI, open_backend
from services.generation.remote.settings import RemoteSettings
from shared.errors import PermanentError, RetryableError
from tests.integration.generation.remote.conftest import CancelledError, at, drawing, edit
from tests.patience import until
from tests.servers.drawing.comfyui import ComfyServer
from tests.servers.drawing.http import Said
from tests.servers.serving import serving

pytestmark = pytest.mark.integration
NAVY, WHITE, RED = (28, 40, 80), (248, 248, 246), (200, 32, 44)
SHIPPED = Path("services/generation/remote/workflows")


@pytest.fixture
def server() -> Iterator[ComfyServer]:
    with serving(ComfyServer) as server:
        yield server


def backend(server: ComfyServer, **more: Any) -> ComfyUI:
    return open_backend(RemoteSettings(comfyui_url=server.url, **more))


def test_a_prompt_becomes_a_picture(server, watch):
    server.key = "secret"
    (drawn,) = backend(server, comfyui_key="secret").draw([drawing()], watch=watch)
    assert drawn.pixels.shape == (768, 512, 3)
    assert at(drawn.pixels, 0.5, 0.57) == NAVY and at(drawn.pixels, 0.42, 0.4) == WHITE
    assert watch.told[0] == (0, 1) and watch.told[-1] == (1, 1)
    told = drawn.manifest
    assert (told["workflow"], told["steps"], told["guidance"]) == ("text_to_image", 30, 7.0)
    assert told["left_out"] == [] and len(told["workflow_sha256"]) == 64


def test_the_fast_preset_takes_fewer_steps(server, watch):
    (drawn,) = backend(server, comfyui_fast_steps=4).draw([drawing(preset="fast")], watch=watch)
    assert drawn.manifest["steps"] == 4
    graph = next(asked.json()["prompt"] for asked in server.asked if asked.path == "/prompt")
    sampler = next(n["inputs"] for n in graph.values() if n["class_type"] == "KSampler")
    assert (sampler["steps"], sampler["seed"]) == (4, 5)


def test_the_same_seed_gives_the_same_picture(server, watch):
    one, two, three = backend(server).draw([drawing(), drawing(), drawing(seed=6)], watch=watch)
    assert (one.pixels == two.pixels).all() and (one.pixels != three.pixels).any()


def test_an_edit_uploads_picture_and_mask_and_changes_no_bit_outside(server, watch):
    (first,) = backend(server).draw([drawing()], watch=watch)
    change = edit(first.pixels, "a woman wearing a red jacket, black shirt and navy trousers")
    (second,) = backend(server).draw([change], watch=watch)
    assert second.manifest["workflow"] == "inpaint"
    assert at(second.pixels, 0.42, 0.4) == RED
    right = np.s_[:, 256:]
    assert (second.pixels[right] == first.pixels[right]).all()
    assert server.paths().count("POST /upload/image") == 2


def test_a_whole_look_is_drawn_over_as_much_as_asked(server, watch):
    (first,) = backend(server).draw([drawing()], watch=watch)
    change = drawing("a woman in a pink dress", start=first.pixels, strength=0.25)
    (second,) = backend(server).draw([change], watch=watch)
    assert (second.manifest["workflow"], second.manifest["strength"]) == ("image_to_image", 0.25)
    mean = np.abs(second.pixels.astype(int) - first.pixels).mean()
    assert 0 < mean < 30


@pytest.mark.parametrize("waits_behind", [False, True])
def test_a_picture_that_is_called_off_leaves_the_server_idle(server, watch, waits_behind):
    server.seconds = 60
    if waits_behind:
        other = json.loads((SHIPPED / "text_to_image.json").read_text().replace(
            "%model%", "sd_xl_base_1.0.safetensors"))  # fmt: skip
        backend(server)._server.post("/prompt", {"prompt": other}, waiting=lambda: None)
        until(lambda: server.running is not None)
    watch.stop = lambda: bool(server.pending if waits_behind else server.running)
    with pytest.raises(CancelledError):
        backend(server).draw([drawing()], watch=watch)
    if waits_behind:
        assert server.running is not None and server.pending == []
        assert "POST /interrupt" not in server.paths()
    else:
        until(lambda: server.running is None)
        assert "POST /interrupt" in server.paths()


def test_a_slow_server_is_stopped_and_left_for_later(server, watch):
    server.seconds = 60
    with pytest.raises(RetryableError, match="had not drawn it after 1 s"):
        backend(server, comfyui_seconds=1).draw([drawing()], watch=watch)
    until(lambda: server.running is None)


def test_a_restart_of_the_server_is_noticed(server, watch, monkeypatch):
    monkeypatch.setattr("services.generation.remote.comfyui._LOST", 2)
    server.faults.append(Said({"prompt_id": "gone", "number": 1, "node_errors": {}}))
    with pytest.raises(RetryableError, match="restarted"):
        backend(server).draw([drawing()], watch=watch)


def test_what_the_server_says_against_a_workflow_is_told(server, watch):
    with pytest.raises(PermanentError, match=r"'mine\.safetensors' not in") as refusal:
        backend(server, comfyui_model="mine.safetensors").draw([drawing()], watch=watch)
    assert "거절" in refusal.value.text_ko


def test_a_node_that_fails_is_told(server, watch):
    server.fails = "Allocation on device failed"
    with pytest.raises(PermanentError, match="Allocation on device"):
        backend(server).draw([drawing()], watch=watch)


def test_a_picture_that_somebody_else_stopped_may_be_drawn_later(server, watch):
    said = {"status_str": "error", "messages": [["execution_interrupted", {}]]}
    server.faults += [
        Said({"prompt_id": "x", "number": 1}),
        Said({"x": {"outputs": {}, "status": said}}),
    ]
    with pytest.raises(RetryableError, match="stopped"):
        backend(server).draw([drawing()], watch=watch)


HOSTILE = {
    "an id that is a path": [Said({"prompt_id": "../../queue"})],
    "html": [Said(b"<html>")],
    "a history of another form": [Said({"prompt_id": "x"}), Said([1])],
    "no picture": [Said({"prompt_id": "x"}), Said({"x": {"outputs": {}}})],
    "a huge name": [
        Said({"prompt_id": "x"}),
        Said({"x": {"outputs": {"9": {"images": [{"filename": "a" * 10_000}]}}}}),
    ],
    "no image": [
        Said({"prompt_id": "x"}),
        Said({"x": {"outputs": {"9": {"images": [{"filename": "a.png"}]}}}}),
        Said(b"#!/bin/sh"),
    ],
    "a redirect": [Said(b"", 302, {"Location": "http://10.0.0.1/"})],
}


@pytest.mark.parametrize("faults", HOSTILE.values(), ids=HOSTILE)
def test_a_bad_answer_is_refused(server, watch, faults):
    server.faults += faults
    with pytest.raises(PermanentError) as refusal:
        backend(server).draw([drawing()], watch=watch)
    assert refusal.value.text.isprintable() and refusal.value.text_ko.isprintable()


def test_the_operators_own_workflow_is_used(server, watch, tmp_path):
    for file in SHIPPED.glob("*.json"):
        mine = file.read_text().replace('"%steps%"', "3").replace('"%negative%"', '"ugly"')
        (tmp_path / file.name).write_text(mine)
    (drawn,) = backend(server, comfyui_workflows=tmp_path).draw([drawing()], watch=watch)
    assert drawn.manifest["left_out"] == ["negative"] and "steps" not in drawn.manifest


BAD = {
    "missing": (None, "cannot be read"),
    "no json": ("{", "cannot be read"),
    "the other format": ('{"nodes": [], "links": []}', "API format"),
    "no prompt": ('{"1": {"class_type": "SaveImage", "inputs": {}}}', "%prompt%"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_a_workflow_that_cannot_work_is_told_before_anything_is_drawn(text, said, tmp_path):
    if text is not None:
        (tmp_path / "text_to_image.json").write_text(text)
    settings = RemoteSettings(comfyui_url="http://127.0.0.1:9", comfyui_workflows=tmp_path)
    with pytest.raises(PermanentError, match=said):
        open_backend(settings).load()


def test_without_an_address_it_says_what_to_set():
    with pytest.raises(PermanentError, match="MAPSI_GENERATION_COMFYUI_URL"):
        open_backend(RemoteSettings()).load()


def test_a_server_that_is_not_there_is_left_for_later(watch):
    started = time.monotonic()
    with pytest.raises(RetryableError):
        open_backend(RemoteSettings(comfyui_url="http://127.0.0.1:9")).draw(
            [drawing()], watch=watch
        )
    assert time.monotonic() - started < 60


def test_doctor_hears_whether_the_server_answers(server):
    assert backend(server).check().endswith(", ComfyUI 0.3.43")
    with pytest.raises(RetryableError):
        open_backend(RemoteSettings(comfyui_url="http://127.0.0.1:9")).check()
