"""Health, metrics and the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
METHODS = ("get", "post", "put", "patch", "delete")


def test_a_living_and_ready_gateway_says_so(house):
    client = house.stranger()
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["checks"] == {"database": "ok", "broker": "ok", "storage": "ok"}


def test_a_gateway_without_its_broker_lives_but_is_not_ready(house):
    house.valkey.kill()
    client = house.stranger()
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["reason"]) == (503, "not_ready")
    assert ready.json()["checks"] == {"database": "ok", "broker": "away", "storage": "ok"}
    assert ready.headers["Retry-After"]


def test_metrics_count_requests_by_route_and_not_by_photo(house):
    client = house.client()
    for number in range(3):
        client.get(f"/v1/photos/{number:064x}")
    client.get("/no/such/path")
    text = client.get("/metrics").text
    counted = 'mapsi_http_requests_total{method="GET",route="/v1/photos/{photo_id}",status="404"}'
    assert counted in text
    assert 'route="unmatched",status="404"' in text
    assert "0" * 60 not in text


def test_the_documentation_asks_nobody_else(house):
    client = house.stranger()
    page = client.get("/docs")
    assert "'self'" in page.headers["Content-Security-Policy"]
    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(parts) >= 4
    for part in parts:
        assert part.startswith("/assets/")
        assert client.get(part).status_code == 200
    assert not re.search(r"<script>|style=|\son\w+=", page.text)


def test_every_endpoint_is_documented_with_an_example(house):
    schema = house.stranger().get("/openapi.json").json()
    models = schema["components"]["schemas"]
    reference = Path("docs/api.md").read_text(encoding="utf-8")
    for path, operations in schema["paths"].items():
        assert f"`{path}`" in reference, path
        for method in METHODS & operations.keys():
            told = operations[method]
            assert told["summary"] and told["description"], path
            good = next(r for status, r in told["responses"].items() if status.startswith("2"))
            assert good.get("content") or "204" in told["responses"], (path, method)
            for content in good.get("content", {}).values():
                name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
                examples = models.get(name, {}).get("examples")
                assert "example" in content or examples, (path, method)


def test_every_error_in_the_documentation_is_a_problem(house):
    schema = house.stranger().get("/openapi.json").json()
    for path, operations in schema["paths"].items():
        for method in METHODS & operations.keys():
            for status, response in operations[method]["responses"].items():
                if status[0] in "45":
                    assert list(response["content"]) == ["application/problem+json"], path
