"""The stretches of time a message names, relative to today. Pure.

Seasons are the meteorological ones (spring: March to May); a winter begins in its December.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, NamedTuple

from services.gateway.chat.domain import Period

_FIRST_MONTH: Final = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
_SEASON_WORDS: Final = {
    "봄": "spring",
    "여름": "summer",
    "가을": "autumn",
    "겨울": "winter",
    "spring": "spring",
    "summer": "summer",
    "autumn": "autumn",
    "fall": "autumn",
    "winter": "winter",
}
_SEASON: Final = (
    r"(?P<season>봄|여름|가을|겨울|spring|summer|autumn|fall|winter)(?!\s*(?:웜|쿨|톤))"
)
_MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b"
_COUNTS: Final = {
    "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "몇": 3, "one": 1, "a": 1, "two": 2,
    "three": 3, "four": 4, "five": 5, "six": 6, "few": 3, "couple": 2, "couple of": 2,
    "twelve": 12, "eight": 8, "ten": 10,
}  # fmt: skip
_COUNT: Final = (
    r"(?P<n>\d{1,3}|한|두|세|네|다섯|여섯|몇|one|two|three|four|five|six|eight|ten|twelve|"
    r"(?:a )?few|(?:a )?couple(?: of)?|a)"
)
_UNIT: Final = r"(?P<unit>일|주일?|개월|달|년|days?|weeks?|months?|years?)"
_DAYS: Final = {"일": 1, "d": 1, "주": 7, "w": 7, "개": 30, "달": 30, "m": 30, "년": 365, "y": 365}
_COMPARED: Final = re.compile(
    r"비교|대비|보다|에 비해|비해서|이랑 비|compared?\b|versus|\bvs\b|\bthan\b|against",
    re.IGNORECASE,
)
_HINT: Final = re.compile(
    r"\d|년|주|달|월|봄|여름|가을|겨울|분기|상반기|하반기|어제|오늘|이맘때|시즌|week|month|year|spring|"
    r"summer|autumn|fall|winter|season|today|yesterday|january|february|march|april|\bmay\b|june|"
    r"july|august|september|october|november|december|quarter|half",
    re.IGNORECASE,
)


class _Found(NamedTuple):
    start: int
    end: int
    period: Period


def periods_in(text: str, today: date) -> tuple[Period | None, Period | None]:
    """Return the period asked about and the one it is compared with; None: not named.

    "Compared with last winter" names only the second; the first is then the present.
    """
    if _HINT.search(text) is None:
        return None, None
    found = _all(text.lower(), today)
    if not found:
        return None, None
    compares = _COMPARED.search(text) is not None
    if len(found) == 1:
        return (None, found[0].period) if compares else (found[0].period, None)
    first, second = found[0].period, found[1].period
    if not compares:
        return first, None
    # Of two the later one is looked at and the earlier one is its measure.
    return (first, second) if first.since >= second.since else (second, first)


def _all(text: str, today: date) -> list[_Found]:
    found: list[_Found] = []
    for pattern, period_of in _READERS:
        for match in pattern.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            period = period_of(match, today)
            if period is not None:
                found.append(_Found(match.start(), match.end(), period))
    return sorted(found)


def _season_of(year: int, season: str) -> Period:
    first = _FIRST_MONTH[season]
    return _months(date(year, first, 1), 3)


def _months(since: date, count: int) -> Period:
    year, month = divmod(since.month - 1 + count - 1, 12)
    year, month = since.year + year, month + 1
    return Period(since=since, until=date(year, month, monthrange(year, month)[1]))


def _year(year: int) -> Period:
    return Period(since=date(year, 1, 1), until=date(year, 12, 31))


def _weeks(today: date, back: int, count: int = 1) -> Period:
    monday = today - timedelta(days=today.weekday() + 7 * back)
    return Period(since=monday, until=monday + timedelta(days=7 * count - 1))


def _this_season(season: str, today: date) -> Period:
    """Return the running season; in January "this winter" began last December."""
    running = _season_of(today.year - 1, season)
    return running if running.until >= today else _season_of(today.year, season)


def _last_season(season: str, today: date) -> Period:
    seasons = (_season_of(today.year - back, season) for back in range(3))
    return next(period for period in seasons if period.until < today)


def _relative_season(match: re.Match[str], today: date) -> Period | None:
    season, when = _SEASON_WORDS[match["season"]], match["when"].replace(" ", "")
    if when in ("올", "이번", "올해", "this", "current", "올해의", "이"):
        return _this_season(season, today)
    if when in ("재작년", "지지난"):
        return _season_of(today.year - 2, season)
    if when in ("작년", "지난해", "lastyear's", "lastyears", "전년도", "전년"):
        period = _season_of(today.year - 1, season)
        return period if period.until < today else _season_of(today.year - 2, season)
    if when in ("지난", "저번", "last", "past", "previous"):
        return _last_season(season, today)
    if when in ("내년", "nextyear's", "nextyears"):
        return _season_of(today.year + 1, season)
    coming = _this_season(season, today)
    if coming.since > today:
        return coming
    return _season_of(coming.since.year + 1, season)


def _season_of_year(match: re.Match[str], _: date) -> Period | None:
    return _season_of(_full_year(match["year"]), _SEASON_WORDS[match["season"]])


def _month_of_year(match: re.Match[str], today: date) -> Period | None:
    month = _month_number(match)
    if not 1 <= month <= 12:
        return None
    year = match.groupdict().get("year")
    if year:
        return _months(date(_full_year(year), month, 1), 1)
    return _months(date(today.year - (month > today.month), month, 1), 1)


def _since_month(match: re.Match[str], today: date) -> Period | None:
    start = _month_of_year(match, today)
    return Period(since=start.since, until=today) if start and start.since <= today else None


def _month_number(match: re.Match[str]) -> int:
    written = match["month"]
    if written.isdigit():
        return int(written)
    return next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(written[:3]))


def _full_year(written: str) -> int:
    year = int(written)
    return year + 2000 if year < 100 else year


def _past(match: re.Match[str], today: date) -> Period | None:
    days = _days(match)
    return Period(since=today - timedelta(days=days - 1), until=today) if days else None


def _ago(match: re.Match[str], today: date) -> Period | None:
    days = _days(match)
    if not days:
        return None
    then = today - timedelta(days=days)
    if days % 365 == 0:
        return _year(today.year - days // 365)
    return _months(then.replace(day=1), 1) if days % 30 == 0 else _weeks(then, 0)


def _days(match: re.Match[str]) -> int:
    written = match["n"].removeprefix("a ") if match["n"] != "a" else "a"
    count = int(written) if written.isdigit() else _COUNTS[written.strip()]
    days = count * _DAYS[match["unit"][0]]
    return days if days < 366 * 30 else 0


def _fixed(make: Callable[[date], Period]) -> Callable[[re.Match[str], date], Period]:
    return lambda _, today: make(today)


def _first_of(today: date, months_back: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 - months_back, 12)
    return date(year, month + 1, 1)


def _half(match: re.Match[str], today: date) -> Period:
    first = match["half"] in ("상반기", "first half")
    return _months(date(today.year, 1 if first else 7, 1), 6)


def _same_weeks_last_year(today: date) -> Period:
    end = today - timedelta(days=364)
    return Period(since=end - timedelta(days=27), until=end)


_SINCE_YEAR: Final = r"(?P<year>(?:19|20)\d\d|(?<!\d)\d\d(?=\s*년))\s*년?도?\s*"
_Read = Callable[[re.Match[str], date], Period | None]
_READERS: Final[tuple[tuple[re.Pattern[str], _Read], ...]] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (
            r"작년 ?이맘때|작년 같은 (?:때|기간|시기)|(?:this|same) time last year",
            _fixed(_same_weeks_last_year),
        ),
        (rf"{_SINCE_YEAR}{_SEASON}", _season_of_year),
        (rf"{_SEASON}(?: of)?,?\s*(?P<year>(?:19|20)\d\d)", _season_of_year),
        (
            r"(?P<when>올해의?|올|이번|재작년|지지난|작년|지난해|지난|저번|내년|다음|다가오는|"
            r"돌아오는|오는|전년도?|last year'?s|next year'?s|this|current|last|past|previous|next|"
            rf"coming|upcoming)\s*{_SEASON}",
            _relative_season,
        ),
        (rf"{_SINCE_YEAR}(?P<month>\d{{1,2}})\s*월", _month_of_year),
        (rf"{_MONTH}(?: of)?,?\s*(?P<year>(?:19|20)\d\d)", _month_of_year),
        (r"(?P<month>\d{1,2})\s*월\s*(?:부터|이후)", _since_month),
        (rf"since (?:last )?{_MONTH}", _since_month),
        (r"(?<![\d년])(?P<month>\d{1,2})\s*월(?!급)", _month_of_year),
        (rf"(?:\bin|during|for|of|from) {_MONTH}", _month_of_year),
        (
            rf"(?:최근|지난|과거|요|last|past|previous|recent)\s*{_COUNT}\s*{_UNIT}(?:\s*(?:간|동안))?",
            _past,
        ),
        (rf"(?<![\w]){_COUNT}\s*{_UNIT}\s*(?:전|ago)", _ago),
        (rf"(?<![\w]){_COUNT}\s*{_UNIT}\s*(?:간|동안)", _past),
        (r"(?:저저번|지지난)\s*주(?!말)", _fixed(lambda today: _weeks(today, 2))),
        (
            r"(?:지난|저번)\s*주(?!말)|last week(?!end)|previous week",
            _fixed(lambda today: _weeks(today, 1)),
        ),
        (
            r"(?:이번|금)\s*주(?!말|제)|this week(?!end)|current week",
            _fixed(lambda today: _weeks(today, 0)),
        ),
        (r"다음\s*주(?!말)|next week(?!end)", _fixed(lambda today: _weeks(today, -1))),
        (
            r"(?:지난|저번)\s*달|전월|last month|previous month",
            _fixed(lambda today: _months(_first_of(today, 1), 1)),
        ),
        (r"이번\s*달|this month", _fixed(lambda today: _months(_first_of(today, 0), 1))),
        (r"다음\s*달|next month", _fixed(lambda today: _months(_first_of(today, -1), 1))),
        (r"재작년|지지난\s*해", _fixed(lambda today: _year(today.year - 2))),
        (
            r"작년|지난\s*해|전년|last year|previous year",
            _fixed(lambda today: _year(today.year - 1)),
        ),
        (r"올해|올 ?한 ?해|금년|this year", _fixed(lambda today: _year(today.year))),
        (r"내년|next year", _fixed(lambda today: _year(today.year + 1))),
        (r"(?:올해 )?(?P<half>상반기|하반기|first half|second half)", _half),
        (
            r"past (?:week)|한 주간|일주일(?:간| 동안|)",
            _fixed(lambda today: Period(since=today - timedelta(days=6), until=today)),
        ),
        (
            r"(?:the )?past month|한 달(?:간| 동안)",
            _fixed(lambda today: Period(since=today - timedelta(days=29), until=today)),
        ),
        (
            r"past year|1년간",
            _fixed(lambda today: Period(since=today - timedelta(days=364), until=today)),
        ),
        (
            r"(?<!\d)(?P<year>20[0-3]\d)\s*년|\bin (?P<year2>20[0-3]\d)\b",
            lambda match, _: _year(int(match["year"] or match["year2"])),
        ),
    )
)
