"""No address that a stranger writes opens a connection into our own network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.addresses import is_allowed, is_public
from shared.fetch import FetchRules, fetch
from shared.fetch_errors import FetchRefusedError, FetchUnavailableError, RefusedReason
from tests.hostile.urls import HOSTILE_URLS, hostile_resolver

Connections = list[object]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connections]:
    """Write down every address that any socket is told to connect to, and connect to none."""
    seen: Connections = []

    def refuse(_socket: socket.socket, address: object) -> None:
        seen.append(address)
        raise ConnectionRefusedError("this test connects to nothing")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket.socket, "sendto", refuse)
    yield seen


@pytest.mark.parametrize(("url", "reason"), HOSTILE_URLS.items(), ids=range(len(HOSTILE_URLS)))
def test_hostile_url_is_refused_without_a_connection(
    url: str, reason: str, connections: Connections
) -> None:
    with pytest.raises(FetchRefusedError) as refusal:
        fetch(url, resolver=hostile_resolver)
    assert (refusal.value.reason, connections) == (reason, [])
    assert refusal.value.text.isprintable() and refusal.value.text_ko.isprintable()


def test_the_list_is_long_enough_to_mean_something() -> None:
    assert len(HOSTILE_URLS) >= 60


def test_public_name_is_connected_to_at_its_checked_address(connections: Connections) -> None:
    with pytest.raises(FetchUnavailableError):
        fetch("http://photos.example/a.jpg", resolver=hostile_resolver)
    assert connections == [("93.184.216.34", 80)]


def test_name_is_asked_once_so_that_a_second_answer_cannot_differ(
    connections: Connections,
) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    with pytest.raises(FetchUnavailableError):
        fetch("https://rebind.example/", resolver=lambda host, port: next(answers))
    assert connections == [("93.184.216.34", 443)]
    assert next(answers) == ["127.0.0.1"]


def test_password_in_a_url_is_not_repeated_in_the_error() -> None:
    with pytest.raises(FetchRefusedError) as refusal:
        fetch("http://user:secret@photos.example/a.jpg?token=hidden", resolver=hostile_resolver)
    assert "secret" not in str(refusal.value) and "hidden" not in str(refusal.value)


@pytest.mark.parametrize("reason", get_args(RefusedReason))
def test_every_refusal_is_told_in_both_languages(reason: RefusedReason) -> None:
    error = FetchRefusedError("http://photos.example/a.jpg", reason, detail="7")
    assert error.text.startswith("http://photos.example/a.jpg: ")
    assert any("가" <= letter <= "힣" for letter in error.text_ko)


def test_silent_name_server_is_tried_again_later() -> None:
    def away(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "away")

    with pytest.raises(FetchUnavailableError):
        fetch("http://photos.example/", resolver=away)


def test_operator_may_open_one_network_and_no_other() -> None:
    own = (ip_network("10.1.0.0/16"),)
    assert is_allowed(ip_address("10.1.2.3"), networks=own)
    assert not is_allowed(ip_address("10.2.2.3"), networks=own)


def test_open_network_does_not_open_a_mixed_answer(connections: Connections) -> None:
    rules = FetchRules(networks=(ip_network("10.0.0.0/8"),))
    with pytest.raises(FetchRefusedError):
        fetch("https://mixed.example/", rules=rules, resolver=hostile_resolver)
    assert connections == []


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_what_python_calls_special_is_never_public(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        assert not is_public(address)


@pytest.mark.parametrize("text", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00::1"])
def test_public_addresses_stay_reachable(text: str) -> None:
    assert is_public(ip_address(text))
