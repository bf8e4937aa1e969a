"""Alerts and saved views over HTTP: each key has its own."""

from __future__ import annotations

import pytest

from tests.hostile.web_server import says, web_server

pytestmark = pytest.mark.integration
RULE = {"name": "beige trousers", "item": "trousers", "color": "beige", "growth": 0.3}
VIEW = {"name": "street skirts", "query": {"by": "color", "item": "skirt", "weeks": 8}}


def test_rule_is_made_told_and_taken_away(house):
    client = house.client()
    made = client.post("/v1/alerts", json=RULE)
    assert made.status_code == 201
    alert = made.json()
    assert alert["rule"]["support"] == 200 and alert["secret"] is None
    assert client.get(alert["links"]["self"]).json()["firings"] == []
    assert [one["id"] for one in client.get("/v1/alerts").json()["alerts"]] == [alert["id"]]
    assert client.delete(alert["links"]["self"]).status_code == 204
    assert client.get(alert["links"]["self"]).json()["reason"] == "unknown_alert"


def test_secret_of_a_webhook_is_told_once(house):
    client = house.client()
    rule = RULE | {"webhook": "https://hooks.example/x"}
    made = client.post("/v1/alerts", json=rule, headers={"Idempotency-Key": "k"}).json()
    again = client.post("/v1/alerts", json=rule, headers={"Idempotency-Key": "k"}).json()
    assert made["secret"].startswith("whsec_") and again == made
    assert "whsec_" not in client.get("/v1/alerts").text
    assert "whsec_" not in client.get(made["links"]["self"]).text


def test_rule_that_cannot_be_is_refused_by_field(house):
    response = house.client().post("/v1/alerts", json=RULE | {"item": "pants"})
    assert response.status_code == 422
    assert "item" in response.json()["errors"][0]["where"]


def test_nobody_sees_or_removes_a_strangers_rule_but_admins(house):
    alert = house.client("one").post("/v1/alerts", json=RULE).json()
    other = house.client("two")
    for answer in (
        other.get(alert["links"]["self"]),
        other.delete(alert["links"]["self"]),
        other.post(alert["links"]["test"]),
    ):
        assert answer.status_code == 404
    assert other.get("/v1/alerts").json()["alerts"] == []
    assert house.client("boss", "admin").get(alert["links"]["self"]).status_code == 200


def test_test_tells_how_each_channel_went(house, monkeypatch):
    client = house.client()
    with web_server() as hook:
        hook.scripts["/hook"] = says("200 OK")
        rule = RULE | {"webhook": f"http://127.0.0.1:{hook.port}/hook", "email": "a@b.example"}
        alert = client.post("/v1/alerts", json=rule).json()
        closed = client.post(alert["links"]["test"], headers={"Accept-Language": "ko"}).json()
        assert hook.requests == [] and "포트" in closed["webhook"]
        assert "MAPSI_ALERTS_SMTP_HOST" in closed["email"]
        monkeypatch.setenv("MAPSI_ALERTS_NETWORKS", "127.0.0.0/8")
        monkeypatch.setenv("MAPSI_ALERTS_PORTS", str(hook.port))
        assert client.post(alert["links"]["test"]).json()["webhook"] == "ok"
        assert '"mapsi.alert.test"' in hook.requests[0]


def test_too_many_rules_are_refused(house, monkeypatch):
    monkeypatch.setattr("services.gateway.alert_book.MAX_RULES", 2)
    client = house.client()
    codes = [client.post("/v1/alerts", json=RULE).status_code for _ in range(3)]
    assert codes == [201, 201, 422]


def test_view_is_saved_listed_asked_and_forgotten(house):
    client = house.client()
    view = client.post("/v1/views", json=VIEW).json()
    assert view["links"]["trends"] == "/v1/trends?by=color&weeks=8&item=skirt"
    assert client.get(view["links"]["trends"]).status_code == 200
    assert client.get(view["links"]["series"]).status_code == 200
    assert [one["name"] for one in client.get("/v1/views").json()["views"]] == ["street skirts"]
    assert client.delete(view["links"]["self"]).status_code == 204
    assert client.get(view["links"]["self"]).status_code == 404


def test_view_of_the_same_name_gets_the_new_query(house):
    client = house.client()
    first = client.post("/v1/views", json=VIEW).json()
    again = client.post("/v1/views", json=VIEW | {"query": {"weeks": 52}}).json()
    assert again["id"] == first["id"] and again["query"]["weeks"] == 52
    assert len(client.get("/v1/views").json()["views"]) == 1


def test_views_are_each_keys_own(house):
    view = house.client("one").post("/v1/views", json=VIEW).json()
    assert house.client("two").get(view["links"]["self"]).status_code == 404
    assert house.client("two").get("/v1/views").json()["views"] == []


@pytest.mark.parametrize("query", [{"by": "shape"}, {"weeks": 0}, {"style": "x"}, {"page": 2}])
def test_view_that_could_not_be_asked_is_refused(house, query):
    assert house.client().post("/v1/views", json={"name": "n", "query": query}).status_code == 422
