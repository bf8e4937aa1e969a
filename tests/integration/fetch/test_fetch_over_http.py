"""Fetching from a real server on loopback, which only these tests' rules allow."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest
import trustme

from shared.fetch import FetchedBody, FetchRules, fetch, send
from shared.fetch_errors import FetchRefusedError, FetchUnavailableError
from tests.hostile.web_server import WebServer, drips, redirects, says, web_server

pytestmark = pytest.mark.integration

PHOTO = b"\xff\xd8\xff photo"
OPEN = FetchRules(networks=(ip_network("127.0.0.1/32"),), deadline=5)
HEAD = b"HTTP/1.1 200 OK\r\n"


def name_server(host: str, port: int) -> list[str]:
    return {"photos.example": ["127.0.0.1"]}.get(host, ["127.0.0.2"])


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def get(server: WebServer, path: str, **rules: object) -> FetchedBody:
    allowed = replace(OPEN, ports=frozenset({80, server.port}), **rules)
    url = f"http://photos.example:{server.port}{path}"
    return fetch(url, rules=allowed, resolver=name_server)


def test_body_arrives_whole_and_the_host_header_keeps_the_name(server: WebServer) -> None:
    server.scripts["/a.jpg?w=1"] = says("200 OK", PHOTO, content_type="text/html")
    body = get(server, "/a.jpg?w=1#fragment")
    assert body.data == PHOTO
    assert f"\r\nHost: photos.example:{server.port}\r\n" in server.requests[0]


def test_loopback_is_refused_without_the_rule(server: WebServer) -> None:
    rules = FetchRules(ports=frozenset({server.port}))
    with pytest.raises(FetchRefusedError) as refusal:
        fetch(f"http://127.0.0.1:{server.port}/", rules=rules)
    assert (refusal.value.reason, server.requests) == ("private_address", [])


def test_proxy_of_the_environment_is_not_used(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.scripts["/a.jpg"] = says("200 OK", PHOTO)
    assert get(server, "/a.jpg").data == PHOTO


def test_three_redirects_are_followed_and_the_last_url_is_told(server: WebServer) -> None:
    server.scripts |= {f"/{i}": redirects(f"/{i + 1}") for i in range(3)}
    server.scripts["/3"] = says("200 OK", PHOTO)
    body = get(server, "/0")
    assert (body.data, body.url) == (PHOTO, f"http://photos.example:{server.port}/3")


def test_a_fourth_redirect_is_not_followed(server: WebServer) -> None:
    server.scripts["/round"] = redirects("/round")
    with pytest.raises(FetchRefusedError) as refusal:
        get(server, "/round")
    assert (refusal.value.reason, len(server.requests)) == ("too_many_redirects", 4)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "private_address"),
        ("http://[::1]/", "private_address"),
        ("http://other.example:{port}/", "private_address"),
        ("//127.0.0.2:{port}/", "private_address"),
        ("http://2130706433:{port}/", "bad_url"),
        ("http://photos.example:6379/", "port"),
        ("http://user@photos.example:{port}/", "userinfo"),
        ("file:///etc/passwd", "bad_scheme"),
        ("http://[::1/", "bad_url"),
    ],
)
def test_redirect_is_judged_like_the_first_url(
    server: WebServer, location: str, reason: str
) -> None:
    server.scripts["/go"] = redirects(location.format(port=server.port))
    with pytest.raises(FetchRefusedError) as refusal:
        get(server, "/go")
    assert (refusal.value.reason, len(server.requests)) == (reason, 1)


def test_name_that_turns_private_between_redirects_is_refused_there(server: WebServer) -> None:
    server.scripts["/go"] = redirects("/again")
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    rules = replace(OPEN, ports=frozenset({server.port}))
    with pytest.raises(FetchRefusedError) as refusal:
        fetch(
            f"http://photos.example:{server.port}/go",
            rules=rules,
            resolver=lambda host, port: next(answers),
        )
    assert (refusal.value.reason, len(server.requests)) == ("private_address", 1)


def test_what_is_sent_arrives_whole_and_its_answer_comes_back(server: WebServer) -> None:
    server.scripts["/hook"] = says("202 Accepted", b"thanks")
    rules = replace(OPEN, ports=frozenset({server.port}))
    url = f"http://photos.example:{server.port}/hook"
    headers = {"Content-Type": "application/json"}
    assert send(url, b'{"a": 1}', headers=headers, rules=rules, resolver=name_server) == b"thanks"
    assert server.requests[0].startswith("POST /hook HTTP/1.1")
    assert server.requests[0].endswith('\r\n\r\n{"a": 1}')


def test_what_is_sent_is_not_carried_elsewhere_by_a_redirect(server: WebServer) -> None:
    server.scripts["/hook"] = redirects("/elsewhere")
    rules = replace(OPEN, ports=frozenset({server.port}))
    url = f"http://photos.example:{server.port}/hook"
    with pytest.raises(FetchRefusedError):
        send(url, b"{}", headers={}, rules=rules, resolver=name_server)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "family"),
    [
        ("404 Not Found", FetchRefusedError),
        ("403 Forbidden", FetchRefusedError),
        ("204 No Content", FetchRefusedError),
        ("206 Partial Content", FetchRefusedError),
        ("429 Too Many Requests", FetchUnavailableError),
        ("503 Service Unavailable", FetchUnavailableError),
    ],
)
def test_status_tells_whether_to_come_back(
    server: WebServer, status: str, family: type[Exception]
) -> None:
    server.scripts["/a.jpg"] = says(status)
    with pytest.raises(family, match=status[:3]):
        get(server, "/a.jpg")


def test_announced_giant_is_refused_before_its_body(server: WebServer) -> None:
    server.scripts["/a.jpg"] = drips(HEAD + b"content-length: 30000000\r\n\r\n", b"")
    with pytest.raises(FetchRefusedError) as refusal:
        get(server, "/a.jpg")
    assert refusal.value.reason == "too_large"


def test_endless_body_is_cut_off_at_the_limit(server: WebServer) -> None:
    chunk = b"10000\r\n" + bytes(65_536) + b"\r\n"
    start = HEAD + b"transfer-encoding: chunked\r\n\r\n"
    server.scripts["/a.jpg"] = drips(start, chunk, every=0, times=10_000)
    with pytest.raises(FetchRefusedError) as refusal:
        get(server, "/a.jpg", max_bytes=1_000_000)
    assert refusal.value.reason == "too_large"


def test_body_of_exactly_the_limit_is_accepted(server: WebServer) -> None:
    server.scripts["/a.jpg"] = says("200 OK", bytes(1000))
    assert len(get(server, "/a.jpg", max_bytes=1000).data) == 1000


def test_compressed_body_is_refused(server: WebServer) -> None:
    server.scripts["/a.jpg"] = says("200 OK", b"\x1f\x8b", content_encoding="gzip")
    with pytest.raises(FetchRefusedError) as refusal:
        get(server, "/a.jpg")
    assert refusal.value.reason == "compressed"


@pytest.mark.parametrize(
    "script",
    [
        drips(b"", b""),
        drips(HEAD, b"x-more: 1\r\n"),
        drips(HEAD + b"content-length: 9999\r\n\r\n", b"."),
    ],
    ids=["silent", "dripping head", "dripping body"],
)
def test_slow_server_is_left_at_the_deadline(server: WebServer, script: object) -> None:
    server.scripts["/a.jpg"] = script
    started = time.monotonic()
    with pytest.raises(FetchUnavailableError) as failure:
        get(server, "/a.jpg", deadline=0.4)
    assert failure.value.reason == "timeout"
    assert time.monotonic() - started < 2


def test_deadline_covers_all_redirects_together(server: WebServer) -> None:
    def slowly(connection: object) -> None:
        time.sleep(0.3)
        redirects("/a")(connection)

    server.scripts["/a"] = slowly
    with pytest.raises(FetchUnavailableError) as failure:
        get(server, "/a", deadline=0.5)
    assert failure.value.reason == "timeout"


def test_slow_name_server_is_left_at_the_deadline() -> None:
    def slow(host: str, port: int) -> list[str]:
        time.sleep(1)
        return ["127.0.0.1"]

    started = time.monotonic()
    with pytest.raises(FetchUnavailableError):
        fetch("http://photos.example/", rules=replace(OPEN, deadline=0.2), resolver=slow)
    assert time.monotonic() - started < 0.8


@pytest.mark.parametrize(
    "script",
    [
        says("200 OK", b"short", content_length="500"),
        drips(b"SSH-2.0-OpenSSH_9.9\r\n", b"", times=0),
        drips(b"", b"", times=0),
        says("200 OK", b"x", content_length="-5"),
    ],
    ids=["cut short", "another protocol", "hangs up", "negative length"],
)
def test_broken_answer_is_tried_again_later(server: WebServer, script: object) -> None:
    server.scripts["/a.jpg"] = script
    with pytest.raises(FetchUnavailableError) as failure:
        get(server, "/a.jpg")
    assert failure.value.reason == "no_answer"


def test_second_address_is_tried_where_the_first_is_dead(server: WebServer) -> None:
    server.scripts["/"] = says("200 OK", PHOTO)
    rules = FetchRules(networks=(ip_network("127.0.0.0/8"),), ports=frozenset({server.port}))
    url = f"http://photos.example:{server.port}/"
    body = fetch(url, rules=rules, resolver=lambda host, port: ["127.0.0.9", "127.0.0.1"])
    assert body.data == PHOTO


def secure(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def get_secure(server: WebServer, trusted: trustme.CA) -> FetchedBody:
    client = ssl.create_default_context()
    trusted.configure_trust(client)
    rules = replace(OPEN, ports=frozenset({server.port}))
    url = f"https://photos.example:{server.port}/a.jpg"
    return fetch(url, rules=rules, resolver=name_server, tls=client)


def test_certificate_is_verified_for_the_name_though_the_address_is_pinned() -> None:
    authority = trustme.CA()
    with web_server(secure(authority, "photos.example")) as server:
        server.scripts["/a.jpg"] = says("200 OK", PHOTO)
        assert get_secure(server, authority).data == PHOTO
        assert server.names == ["photos.example"]


def test_certificate_for_another_name_is_refused() -> None:
    authority = trustme.CA()
    with web_server(secure(authority, "evil.example")) as server:
        with pytest.raises(FetchRefusedError) as refusal:
            get_secure(server, authority)
        assert (refusal.value.reason, server.requests) == ("bad_certificate", [])


def test_certificate_of_an_unknown_authority_is_refused() -> None:
    with web_server(secure(trustme.CA(), "photos.example")) as server:
        with pytest.raises(FetchRefusedError) as refusal:
            get_secure(server, trustme.CA())
        assert refusal.value.reason == "bad_certificate"


def test_what_a_server_says_to_an_error_is_kept_and_cut_off(server: WebServer) -> None:
    server.scripts["/busy"] = says("429 Too Many Requests", b"x" * 100_000, retry_after="7")
    with pytest.raises(FetchUnavailableError) as refusal:
        get(server, "/busy")
    answer = refusal.value.answer
    assert answer is not None and (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert answer.body == b"x" * 64 * 1024


def test_whoever_waits_can_end_a_fetch_that_would_take_long(server: WebServer) -> None:
    server.scripts["/slow"] = drips(HEAD + b"\r\n", b".", every=2, times=30)
    calls = []

    def give_up() -> None:
        calls.append(time.monotonic())
        if len(calls) == 2:
            raise KeyError("cancelled")

    rules = replace(OPEN, ports=frozenset({server.port}), deadline=60)
    url = f"http://127.0.0.1:{server.port}/slow"
    with pytest.raises(KeyError, match="cancelled"):
        fetch(url, rules=rules, headers={"Authorization": "Bearer x"}, waiting=give_up)
    assert len(calls) == 2
    assert "\r\nAuthorization: Bearer x\r\n" in server.requests[0]
