"""Every message is an agreement: it has an example, a docstring and a handler."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.registry import WORKERS
from shared import bus, flow
from shared.contracts.message import Message

EXAMPLES = Path(bus.__file__).with_name("contracts") / "examples"
MESSAGES = sorted(flow.SCHEMAS.values(), key=lambda message: message.schema_id)
ROUTED = sorted({task for tasks in flow.ROUTE.values() for task in tasks} | set(flow.SCHEDULE))

each_message = pytest.mark.parametrize("message", MESSAGES, ids=lambda m: m.schema_id)


def example(message: type[Message]) -> Path:
    return EXAMPLES / f"{message.schema_id.replace('/', '.v')}.json"


@each_message
def test_the_example_decodes_and_is_the_whole_form_on_the_wire(message):
    body = json.loads(example(message).read_text(encoding="utf-8"))
    decoded = bus.decode({"schema": message.schema_id, "body": body})
    assert type(decoded) is message
    assert decoded.body() == body


@each_message
def test_a_field_that_nobody_agreed_on_is_refused(message):
    body = json.loads(example(message).read_text(encoding="utf-8"))
    with pytest.raises(ValidationError, match="surprise"):
        message.model_validate({**body, "surprise": 1})


@each_message
def test_the_docstring_names_who_sends_and_who_handles_it(message):
    doc = message.__doc__ or ""
    assert re.match(r"From .+ to .+", doc.replace("\n", " "))
    for task in flow.ROUTE.get(message, ()):
        assert flow.queue_of(task) in doc


@each_message
def test_the_schema_is_named_by_topic_event_and_version(message):
    assert re.fullmatch(r"[a-z]+\.[a-z]+/[1-9]\d*", message.schema_id)


def test_no_example_is_left_of_a_message_that_is_gone():
    assert {path.name for path in EXAMPLES.iterdir()} == {example(m).name for m in MESSAGES}


@pytest.mark.parametrize("task", ROUTED)
def test_every_task_of_the_route_is_registered_by_its_worker(task):
    importlib.import_module(WORKERS[flow.queue_of(task)])
    assert task in bus.HANDLERS


def test_every_worker_has_a_message_to_wait_for():
    assert {flow.queue_of(task) for task in ROUTED} == set(WORKERS)
