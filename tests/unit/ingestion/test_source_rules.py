"""Hashtags, specs, waits and robots: what a person or a platform may say, and how it is read."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import ValidationError

from services.ingestion.refusals import RefusedError
from services.ingestion.settings import IngestionSettings
from services.ingestion.sources.api import LONGEST_WAIT, Answer
from services.ingestion.sources.found import facts_of, hashtags_in
from services.ingestion.sources.hashtags import read_hashtags, weights_of
from services.ingestion.sources.images import images_in
from services.ingestion.sources.robots import Robots
from shared.errors import UsageError
from shared.fetch_errors import FetchRefusedError, FetchUnavailableError
from shared.settings import read
from shared.source_kinds import KINDS, SourceSpec, kind_of, plain_hashtag


def test_the_shipped_hashtags_are_the_documented_ones():
    assert list(read_hashtags(None)) == ["ootd", "오오티디", "fashion", "데일리룩", "코디"]


def test_a_hashtags_file_of_ones_own_is_read_and_a_wrong_one_is_told(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[weights]\n"#OOTD" = 2\n스트릿 = 1.5\n'.replace("스트릿", '"스트릿"'))
    known = read_hashtags(path)
    assert known == {"ootd": 2.0, "스트릿": 1.5}
    assert weights_of(["ootd", "new"], known) == {"ootd": 2.0, "new": 1.0}
    for wrong in ("", "[weights]", "[weights]\nootd = 0", '[weights]\n"a b" = 1', "weights = 3"):
        path.write_text(wrong)
        with pytest.raises(UsageError, match="write lines like"):
            read_hashtags(path)
    with pytest.raises(UsageError, match=r"gone\.toml"):
        read_hashtags(tmp_path / "gone.toml")


@pytest.mark.parametrize(
    ("text", "tag"), [("#OOTD", "ootd"), (" 데일리룩 ", "데일리룩"), ("#Ｃo", "ｃo")]
)
def test_a_hashtag_has_one_form(text, tag):
    assert plain_hashtag(text) == tag


def test_korean_written_in_parts_is_the_same_hashtag():
    assert plain_hashtag(unicodedata.normalize("NFD", "코디")) == "코디"
    assert hashtags_in(unicodedata.normalize("NFD", "오늘 #코디 #ootd!")) == ("코디", "ootd")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_says_what_its_platform_allows_in_both_languages(kind):
    assert len(kind.terms) > 40 and any("가" <= sign <= "힣" for sign in kind.terms_ko)
    assert 0 < len(kind.licence) <= 120


def test_a_kind_that_is_not_there_is_told():
    with pytest.raises(UsageError, match="choose from: instagram"):
        kind_of("myspace")


def test_tokens_are_read_from_one_variable_and_never_shown(monkeypatch):
    monkeypatch.setenv("MAPSI_INGESTION_TOKENS", '{"instagram": "EAAD-secret"}')
    own = read(IngestionSettings)
    assert own.tokens["instagram"].get_secret_value() == "EAAD-secret"
    assert "EAAD-secret" not in repr(own)
    for wrong in ("EAAD-secret", '["EAAD-secret"]', '{"instagram": {"a": "EAAD-secret"}}'):
        monkeypatch.setenv("MAPSI_INGESTION_TOKENS", wrong)
        with pytest.raises(UsageError) as error:
            read(IngestionSettings)
        assert "MAPSI_INGESTION_TOKENS" in error.value.text
        assert "EAAD-secret" not in error.value.text + error.value.text_ko


def answer(**headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(429, httpx.Headers(named), b"")


def test_a_wait_is_never_negative_endless_or_taken_from_nonsense():
    assert answer(retry_after="soon").retry_after is None
    assert answer(retry_after="-5").retry_after == 1.0
    assert answer(retry_after="999999").retry_after == LONGEST_WAIT
    assert answer(retry_after="Wed, 21 Oct 2015 07:28:00 GMT").retry_after == 1.0
    assert answer(x_ratelimit_remaining="12", x_ratelimit_reset="60").rest == 0.0
    assert answer(x_ratelimit_remaining="0").rest == 60.0


def test_a_date_in_the_future_is_now_and_one_before_photos_is_refused():
    facts = {"url": "https://x/1", "author": "kim", "hashtags": ["a\x07b"], "licence": "l" * 300}
    ahead = facts_of("1", posted_at=datetime(2999, 1, 1, tzinfo=UTC), **facts)
    assert ahead.posted_at <= datetime.now(UTC)
    assert ahead.hashtags == ("ab",) and len(ahead.licence) == 120
    with pytest.raises(RefusedError, match="1990"):
        facts_of("1", posted_at=datetime(1970, 1, 1, tzinfo=UTC), **facts)


def test_pictures_of_a_text_are_found_in_their_order():
    html = '<p><img src="https://x/1.jpg"><IMG alt=a SRC=http://x/2.jpg><img src="data:x"><img>'
    assert images_in(html) == ["https://x/1.jpg", "http://x/2.jpg"]


class TestRobots:
    def site(self, rules):
        asked = []

        def fetch(url):
            asked.append(url)
            if not url.endswith("/robots.txt"):
                return b"photo"
            if isinstance(rules, Exception):
                raise rules
            return rules

        return Robots(fetch), asked

    def test_rules_are_read_once_a_site(self):
        robots, asked = self.site(b"User-agent: *\nDisallow: /private\n")
        assert robots.polite("https://x.example/a.jpg") == b"photo"
        assert robots.polite("https://x.example/b.jpg") == b"photo"
        assert asked.count("https://x.example/robots.txt") == 1

    def test_what_is_forbidden_is_not_asked_for(self):
        robots, asked = self.site(b"User-agent: mapsi\nDisallow: /\n")
        with pytest.raises(RefusedError) as refusal:
            robots.polite("https://x.example/a.jpg")
        assert refusal.value.reason == "robots"
        assert asked == ["https://x.example/robots.txt"]

    def test_no_rules_allow_and_a_silent_site_is_left_for_later(self):
        robots, _ = self.site(FetchRefusedError("https://x/robots.txt", "http_status"))
        assert robots.polite("https://x.example/a.jpg") == b"photo"
        robots, asked = self.site(FetchUnavailableError("https://x/robots.txt", "timeout"))
        with pytest.raises(FetchUnavailableError):
            robots.polite("https://x.example/a.jpg")
        assert asked == ["https://x.example/robots.txt"]


def test_a_spec_says_what_is_wrong_with_it():
    with pytest.raises(ValidationError, match="needs its url"):
        SourceSpec(name="a", kind="pixelfed")
    with pytest.raises(ValidationError, match="user_id is needed"):
        SourceSpec(name="a", kind="instagram")
