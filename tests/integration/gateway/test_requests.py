"""What every request can rely on: keys, limits, ids, errors, headers, one effect a POST."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from services.gateway.keys import create_key, list_keys, revoke_key
from shared.records.gateway import Wish
from tests.patience import until
from tests.samples.wardrobe import photo_bytes

pytestmark = pytest.mark.integration


def test_a_key_works_in_either_header_until_it_is_revoked(house):
    key = create_key(house.database, "app", "user")
    client = house.stranger()
    bearer, bare = {"Authorization": f"Bearer {key}"}, {"X-API-Key": key}
    assert client.get("/v1/photos", headers=bearer).status_code == 200
    assert client.get("/v1/photos", headers=bare).status_code == 200
    revoke_key(house.database, list_keys(house.database)[0].key_id)
    until(lambda: client.get("/v1/photos", headers=bearer).status_code == 401)


@pytest.mark.parametrize("path", ["/v1/photos", "/v1/trends", "/v1/trends/series"])
def test_without_a_key_there_is_no_data(house, path):
    response = house.stranger(**{"X-API-Key": "mapsi_guessed"}).get(path)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_stranger_cannot_make_the_gateway_read_a_photo(house):
    response = house.stranger().post("/v1/photos", files={"file": photo_bytes()})
    assert response.status_code == 401


def test_the_key_itself_is_kept_nowhere(house):
    key = create_key(house.database, "app", "user")
    stored = (house.context.settings.data_dir / "mapsi.db").read_bytes()
    assert key.encode() not in stored


def test_who_asks_too_fast_is_told_how_long_to_wait(open_house):
    house = open_house(requests_per_minute=6, burst=3)
    client, other = house.client("fast"), house.client("other")
    answers = [client.get("/v1/photos") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10
    assert answers[-1].json()["reason"] == "too_many_requests"
    assert other.get("/v1/photos").status_code == 200


def test_requests_are_served_while_the_broker_is_away(house):
    client = house.client()
    house.valkey.kill()
    assert client.get("/v1/photos").status_code == 200


@pytest.mark.parametrize(
    ("language", "title", "field"),
    [
        ("en", "Unprocessable", "greater than or equal"),
        ("ko", "처리할 수 없는 값", "너무 작습니다"),
    ],
)
def test_an_error_is_a_problem_in_the_readers_language(house, language, title, field):
    client = house.client(**{"Accept-Language": language, "X-Request-ID": "my-id.1"})
    response = client.get("/v1/photos?limit=0")
    problem = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["X-Request-ID"] == problem["request_id"] == "my-id.1"
    assert problem["status"] == response.status_code == 422
    assert problem["type"] == "urn:mapsi:problem:invalid_request"
    assert problem["instance"] == "/v1/photos"
    assert title in problem["title"]
    assert problem["errors"][0]["where"] == "query.limit"
    assert field in problem["errors"][0]["text"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PATCH", "/v1/photos", 405),
        ("GET", "/v1/photos/xyz", 422),
        ("GET", "/v1/photos?cursor=nonsense", 422),
        ("GET", "/v1/trends?by=shoes", 422),
        ("GET", "/v1/trends?style=baroque", 422),
        ("GET", "/v1/generations/" + "0" * 32, 404),
        ("POST", "/v1/generations", 422),
        ("GET", "/assets/../app.py", 404),
    ],
)
def test_every_error_is_a_problem(house, method, path, status):
    response = house.client().request(method, path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["reason"]


def test_a_bug_tells_the_client_nothing_but_its_id(open_house, monkeypatch):
    house = open_house()
    monkeypatch.setattr("services.gateway.photo_records.list_photos", lambda *a, **k: 1 / 0)
    response = house.client().get("/v1/photos")
    assert (response.status_code, response.json()["reason"]) == (500, "internal_error")
    assert "division" not in response.text
    assert response.json()["request_id"] == response.headers["X-Request-ID"]


def test_a_body_that_does_not_come_is_given_up(open_house):
    house = open_house(request_seconds=0.5)
    key = create_key(house.database, "slow", "user")
    host, port = house.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST /v1/generations HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n"
        head += "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        connection.sendall(head.encode())
        answer = connection.recv(10_000)
    assert b" 504 " in answer.splitlines()[0]


def test_a_client_that_leaves_while_sending_is_no_bug(house, caplog):
    key = create_key(house.database, "fickle", "user")
    host, port = house.url.removeprefix("http://").split(":")
    head = f"POST /v1/photos HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\n"
    head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9999\r\n\r\n--x"
    with caplog.at_level("INFO"):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode())
        until(lambda: '"status": 499' in caplog.text)
    assert "bug" not in caplog.text


def test_a_json_body_has_a_limit(house):
    body = json.dumps({"title": "x" * 70_000}).encode()
    headers = {"Content-Type": "application/json"}
    response = house.client().post("/v1/generations", content=body, headers=headers)
    assert (response.status_code, response.json()["reason"]) == (413, "body_too_large")


def test_every_answer_is_safe_to_show_in_a_browser(house):
    for path in ("/", "/docs", "/healthz", "/v1/photos"):
        headers = house.client().get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert "server" not in headers


def test_an_invented_request_id_cannot_write_into_the_log(house):
    answer = house.stranger(**{"X-Request-ID": "x" * 100}).get("/healthz")
    assert len(answer.headers["X-Request-ID"]) == 16


def test_a_repeated_post_has_one_effect(house):
    admin = house.client("boss", "admin", **{"Idempotency-Key": "wish-1"})
    body = {"pieces": [{"photo_id": house.analyze(photo_bytes()), "garment": 0}]}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: admin.post("/v1/generations", json=body), range(4)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Wish)) == 1
    assert len(house.queued("generation")) == 1


def test_an_idempotency_key_is_for_one_request(house):
    client = house.client(**{"Idempotency-Key": "upload-1"})
    first = client.post("/v1/photos", files={"file": photo_bytes()})
    assert client.post("/v1/photos", files={"file": photo_bytes()}).json() == first.json()
    other = client.post("/v1/photos", files={"file": photo_bytes(shade=5)})
    assert (other.status_code, other.json()["reason"]) == (422, "idempotency_key_reused")
    stranger = house.client("two", **{"Idempotency-Key": "upload-1"})
    assert stranger.post("/v1/photos", files={"file": photo_bytes(shade=5)}).status_code == 202
