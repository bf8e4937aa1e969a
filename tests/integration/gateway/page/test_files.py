"""The page's files: kept for ever by browsers, allowed by its policy, said in both languages."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest

from services.gateway.web.bundle import WEB

pytestmark = pytest.mark.integration
UPLOT_1_6_32 = "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"
"""npm pack uplot@1.6.32, dist/uPlot.iife.min.js"""
PAGES = ("/", "/chat", "/looks", "/sign-in", "/trends")


@pytest.fixture(params=PAGES)
def path(request):
    return request.param


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_page_runs_only_what_is_ours(house, path, language):
    page = house.stranger().get(path, params={"lang": language})
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy and "data:" not in policy
    inline = r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|(?:src|href)=.https?://"
    assert not re.search(inline, page.text)
    assert page.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in page.text


def test_every_file_of_a_page_is_there_and_may_be_kept_for_ever(house, path):
    client = house.stranger()
    parts = re.findall(r'(?:src|href)="(/assets/[^"]+)"', client.get(path).text)
    assert len(parts) >= 4
    for part in parts:
        asset = client.get(part)
        assert asset.status_code == 200, part
        assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        known = {"If-None-Match": asset.headers["ETag"]}
        assert client.get(part, headers=known).status_code == 304


def test_every_module_finds_what_it_imports(house):
    client = house.stranger()
    root = re.search(r"/assets/\w{16}/", client.get("/").text)[0]
    modules = sorted((WEB / "assets" / "modules").rglob("*.js"))
    assert len(modules) >= 6
    for module in modules:
        here = f"{root}{module.relative_to(WEB / 'assets').as_posix()}"
        for told in re.findall(r'from "(\.\.?/[\w/.-]+\.js)"', module.read_text(encoding="utf-8")):
            assert client.get(urljoin(here, told)).status_code == 200, (module, told)
    assert "export default" in client.get(f"{root}words/ko.js").text


def test_a_page_of_an_older_version_still_gets_its_files_but_keeps_none(house):
    asset = house.stranger().get("/assets/0123456789abcdef/css/base.css")
    assert (asset.status_code, asset.headers["Cache-Control"]) == (200, "public, no-cache")


def test_no_file_outside_can_be_asked_for(house):
    client = house.stranger()
    for name in ("../pages.py", "%2e%2e/words/ko.yaml", "words/../../sessions.py", "no.css"):
        assert client.get(f"/assets/0123456789abcdef/{name}").status_code == 404


def test_a_page_that_has_not_changed_is_not_sent_again(house, path):
    client = house.stranger()
    page = client.get(path)
    again = client.get(path, headers={"If-None-Match": page.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    policy = "Content-Security-Policy"
    assert again.headers[policy] == page.headers[policy]  # a browser takes it over


@pytest.mark.parametrize("encoding", ["gzip, deflate, br", "gzip;q=0.5", "identity", "gzip;q=0"])
def test_what_a_browser_takes_packed_it_gets_packed_and_nobody_else_does(house, path, encoding):
    client = house.stranger(**{"Accept-Encoding": encoding})
    page = client.get(path)
    script = re.search(r'src="(/assets/[^"]+shell.js)"', page.text)[1]
    wanted = encoding in ("gzip, deflate, br", "gzip;q=0.5")
    for answer in (page, client.get(script)):
        assert answer.headers.get("Content-Encoding") == ("gzip" if wanted else None)
        assert "Accept-Encoding" in answer.headers["Vary"]
        known = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(str(answer.url), headers=known).status_code == 304
    plain = house.stranger(**{"Accept-Encoding": "identity"})
    assert client.get(script).text == plain.get(script).text


def test_the_camera_is_the_pages_alone(house):
    assert "camera=(self)" in house.stranger().get("/").headers["Permissions-Policy"]


def test_the_page_answers_in_the_browsers_language_unless_told(house):
    browser = house.stranger(**{"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.5"})
    assert "본문으로 건너뛰기" in browser.get("/").text
    english = browser.get("/?lang=en").text
    assert "Skip to the content" in english
    assert 'href="/sign-in?lang=en&amp;next=%2F%3Flang%3Den"' in english


def test_the_chart_library_is_the_one_that_was_published():
    library = Path(WEB / "assets" / "vendor" / "uplot.min.js").read_bytes()
    assert hashlib.sha256(library).hexdigest() == UPLOT_1_6_32
