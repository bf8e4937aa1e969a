"""The report's words, in Korean and English."""

from __future__ import annotations

from typing import Final

WORDS: Final = {
    "title": {"en": "The week in fashion", "ko": "이번 주 패션"},
    "empty": {
        "en": "There is no look yet: `mapsi ingest` takes photos in, and the next report has them.",
        "ko": "아직 룩이 없습니다. `mapsi ingest`로 사진을 넣으면 다음 보고서에 나옵니다.",
    },
    "period": {"en": "{first} to {last}", "ko": "{first} – {last}"},
    "base": {
        "en": "{looks:,} looks from {sources:,} sources in {weeks} weeks",
        "ko": "{weeks}주 동안 출처 {sources:,}곳의 룩 {looks:,}개",
    },
    "up": {"en": "Rose most", "ko": "가장 크게 오름"},
    "down": {"en": "Fell most", "ko": "가장 크게 내림"},
    "nothing": {"en": "nothing beyond chance", "ko": "우연을 넘는 변화 없음"},
    "rising": {"en": "Rising", "ko": "오르는 것"},
    "falling": {"en": "Falling", "ko": "내리는 것"},
    "no_rise": {
        "en": "Nothing rose more than chance and season would have it.",
        "ko": "우연과 계절을 넘어 오른 것이 없습니다.",
    },
    "no_fall": {
        "en": "Nothing fell more than chance and season would have it.",
        "ko": "우연과 계절을 넘어 내린 것이 없습니다.",
    },
    "movers_note": {
        "en": "Growth: the last four weeks against the four before, whatever the mix of sources, "
        "and in brackets the range it lies in, 95% certain. Listed only where the movement stands "
        "a test over all cells at once, in more than one week and more than one source.",
        "ko": "증감: 출처 구성을 맞춘 최근 4주와 그 전 4주의 비교, 괄호는 95% 확률로 그 값이 있을 "
        "범위. 모든 조합을 한꺼번에 검정해 통과하고, 한 주나 한 출처에만 기대지 않은 것만 "
        "싣습니다.",
    },
    "share": {"en": "share", "ko": "비율"},
    "growth": {"en": "4 weeks", "ko": "4주 증감"},
    "looks": {"en": "looks", "ko": "룩"},
    "sure": {"en": "how sure", "ko": "확신"},
    "stage": {"en": "stage", "ko": "단계"},
    "what": {"en": "what", "ko": "무엇"},
    "curve": {"en": "weeks", "ko": "추이"},
    "certain": {"en": "almost certain", "ko": "거의 확실"},
    "very_sure": {"en": "very sure", "ko": "매우 확실"},
    "quite_sure": {"en": "sure", "ko": "확실"},
    "unsure": {"en": "open", "ko": "미정"},
    "colors": {"en": "Colours", "ko": "색"},
    "colors_note": {
        "en": "Share of looks that show the colour; a look shows several. Above, these weeks; "
        "below, as many weeks before.",
        "ko": "그 색이 보이는 룩의 비율(한 룩에 여러 색이 있음). 위는 이 기간, "
        "아래는 같은 길이의 전 기간.",
    },
    "before": {"en": "before", "ko": "전 기간"},
    "items": {"en": "Garments", "ko": "옷"},
    "items_note": {
        "en": "Share of looks that show the garment, and the range it lies in, 95% certain.",
        "ko": "그 옷이 보이는 룩의 비율과, 그 비율이 95% 확률로 있을 범위.",
    },
    "pairs": {"en": "Worn together", "ko": "함께 입는 것"},
    "pairs_note": {
        "en": "× says how many times as often as chance would bring the two together.",
        "ko": "×는 우연히 만날 때보다 몇 배 자주 함께 입는지를 뜻합니다.",
    },
    "no_pairs": {
        "en": "No pair stands out yet.",
        "ko": "두드러지는 조합이 아직 없습니다.",
    },
    "times": {"en": "{lift:.1f} × as often", "ko": "{lift:.1f}배 자주"},
    "harmonies": {"en": "How colours go together", "ko": "배색"},
    "ahead": {"en": "The coming {weeks} weeks", "ko": "앞으로 {weeks}주"},
    "ahead_note": {
        "en": "Line: the forecast. Bands: four in five and 19 in 20 outcomes.",
        "ko": "선은 예측, 띠는 80%와 95% 확률로 있을 범위.",
    },
    "ahead_value": {
        "en": "{now:.1%} now, {then:.1%} in {weeks} weeks ({low:.1%} to {high:.1%})",
        "ko": "지금 {now:.1%}, {weeks}주 뒤 {then:.1%} ({low:.1%}–{high:.1%})",
    },
    "no_ahead": {
        "en": "A forecast needs 13 weeks with at least 10 looks each; there are {learnt}.",
        "ko": "예측에는 룩이 10개 이상인 주가 13주 필요한데 아직 {learnt}주입니다.",
    },
    "judged": {
        "en": "How good such forecasts were: with the last {horizon} weeks held back they missed "
        "{ratio:.2f} times as much as last year's weeks again (seasonal MASE {mase:.2f} against "
        "{naive:.2f}); the 80% bands held {inner:.0%} of the weeks.",
        "ko": "예측의 성적: 마지막 {horizon}주를 가리고 예측하면 오차가 "
        "작년 같은 주를 되풀이할 때의 {ratio:.2f}배입니다(계절 MASE {mase:.2f}, 작년 되풀이 "
        "{naive:.2f}). 80% 띠에 실제 값의 {inner:.0%}가 들었습니다.",
    },
    "unjudged": {
        "en": "There are too few weeks yet to say how good such forecasts are: it takes a year "
        "and a quarter.",
        "ko": "예측의 성적을 말하기에는 이릅니다. 1년 3개월이 지나야 합니다.",
    },
    "sources": {"en": "Sources", "ko": "출처"},
    "sources_note": {
        "en": "What is loud here is not what people wear everywhere: shares are of the photos that "
        "these sources showed.",
        "ko": "이 숫자는 여기 적힌 출처에 올라온 사진 안에서의 비율이며, "
        "모든 사람의 옷차림은 아닙니다.",
    },
    "method": {
        "en": "A look counts once a cell, one author a few times a week at most, a repost never. "
        "Made by Mapsi {version} on {day}.",
        "ko": "룩은 칸마다 한 번, 한 사람은 한 주에 몇 번까지만 세고, "
        "다시 올린 사진은 세지 않습니다. 맵시 {version}, {day} 작성.",
    },
    "curve_label": {
        "en": "{name}: share by week, {first:.1%} at first, {last:.1%} at last",
        "ko": "{name}: 주별 비율, 처음 {first:.1%}, 마지막 {last:.1%}",
    },
}


def say(word: str, language: str, **values: object) -> str:
    """Return a text of the report in ``"ko"`` or ``"en"``."""
    return WORDS[word][language].format(**values)


def how_sure(q_value: float | None, language: str) -> str:
    """Return a false discovery rate in words."""
    if q_value is None or q_value > 0.02:
        return say("unsure", language)
    steps = ((0.001, "certain"), (0.01, "very_sure"))
    word = next((word for limit, word in steps if q_value <= limit), "quite_sure")
    return say(word, language)
