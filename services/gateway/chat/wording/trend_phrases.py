"""What the chat says of trends, Korean and English side by side; ``phrases.say`` says it."""

from __future__ import annotations

from typing import Final

TREND_PHRASES: Final[dict[str, tuple[str, str]]] = {
    "trend_window": (
        "{since}부터 {until}까지 {weeks}주, 룩 {looks}개를 집계한 결과예요.",
        "Counted from {since} to {until}: {weeks:week/weeks}, {looks:look/looks}.",
    ),
    "trend_top": ("가장 많이 보인 것: {rows}.", "Most worn: {rows}."),
    "trend_row": ("{name} {share} ({looks}개)", "{name} {share} ({looks:look/looks})"),
    "trend_rising": (
        "오르는 것(최근 4주, 앞선 4주 대비): {rows}.",
        "Rising (last four weeks on the four before): {rows}.",
    ),
    "trend_falling": (
        "내리는 것(최근 4주, 앞선 4주 대비): {rows}.",
        "Falling (last four weeks on the four before): {rows}.",
    ),
    "trend_moving": ("{name} {growth}", "{name} {growth}"),
    "trend_steady": (
        "확실하게 오르내린 것은 없어요.",
        "Nothing has clearly risen or fallen.",
    ),
    "trend_share": (
        "{name:은/는} 전체 룩의 {share}예요 ({looks}개, 오차를 감안하면 {low}~{high}).",
        "{name}: {share} of all looks ({looks:look/looks}; 95% certain: {low} to {high}).",
    ),
    "trend_growth": (
        "최근 4주는 앞선 4주보다 {growth}이고, 상태는 “{stage}”입니다.",
        "The last four weeks are {growth} on the four before; stage: {stage}.",
    ),
    "trend_growth_unstaged": (
        "최근 4주는 앞선 4주보다 {growth}예요.",
        "The last four weeks are {growth} on the four before.",
    ),
    "trend_few": (
        "다만 룩이 {looks}개뿐이라 오르내림을 말하기에는 적어요.",
        "With only {looks:look/looks} it is too early to say where it is going.",
    ),
    "trend_none": (
        "{name:은/는} 이 기간에 한 번도 보이지 않았어요.",
        "{name}: not seen once in that time.",
    ),
    "trend_empty": (
        "그 기간에 집계된 룩이 없어요. 다른 기간을 물어봐 주세요.",
        "No looks were counted in that time. Ask about another period.",
    ),
    "trend_nothing_lately": (
        "최근에 집계된 룩이 없어요. 사진이 들어오면 알려 드릴 수 있고, 더 이전을 물어보셔도 돼요.",
        "No looks were counted lately. Once photos come in I can tell, and you may ask about an "
        "earlier time.",
    ),
    "forecast_row": (
        "{name} {share} (95% 확률로 {low}~{high}, 최근 4주 {now})",
        "{name} {share} (95% certain: {low} to {high}; last four weeks {now})",
    ),
    "forecast_more": (
        "최근 4주보다 늘 것으로 보이는 것: {names}.",
        "Likely to gain on the last four weeks: {names}.",
    ),
    "forecast_less": (
        "최근 4주보다 줄 것으로 보이는 것: {names}.",
        "Likely to lose on the last four weeks: {names}.",
    ),
    "forecast_basis": (
        "지난 {weeks}주의 집계로 계산한 예측이라 실제와 다를 수 있어요.",
        "It is computed from {weeks:week/weeks} of counts and may turn out otherwise.",
    ),
    "forecast_few": (
        "집계된 룩이 너무 적어서 앞으로를 예측할 수 없어요.",
        "Too few looks were counted to tell what is coming.",
    ),
    "forecast_young": (
        "앞으로를 예측하려면 {needed}주 이상의 집계가 필요한데 아직 {missing}주가 모자라요. "
        "지금까지의 결과를 알려 드릴게요.",
        "A forecast needs {needed:week/weeks} of counts; {missing:more week/more weeks} to go. "
        "This is the trend so far.",
    ),
    "forecast_far": (
        "2년보다 먼 때는 예측하지 않아요. 지금까지의 결과를 알려 드릴게요.",
        "I do not look more than two years ahead. This is the trend so far.",
    ),
    "trend_uncounted": (
        "{what:은/는} 따로 집계하지 않아서 전체 룩으로 답해요.",
        "Photos are not counted by {what}, so this is about all looks.",
    ),
    "trend_compared": (
        "{name}: {before_share} ({before_since}~{before_until}, {before_looks}/{before_total}) → "
        "{share} ({since}~{until}, {looks}/{total}), {growth}.",
        "{name}: {before_share} ({before_since} to {before_until}, "
        "{before_looks} of {before_total}) → "
        "{share} ({since} to {until}, {looks} of {total}), {growth}.",
    ),
    "trend_new": ("전에는 없었음", "not there before"),
    "trend_overlap": (
        "오차를 감안하면 달라졌다고 보기 어려운 것: {names}.",
        "Too close to be sure of a difference: {names}.",
    ),
    "trend_one_side": (
        "비교할 기간({since}~{until})에 집계된 룩이 없어요.",
        "No looks were counted in the period to compare with ({since} to {until}).",
    ),
    "stage_emerging": ("떠오르는 중", "emerging"),
    "stage_rising": ("상승", "rising"),
    "stage_peak": ("정점", "peak"),
    "stage_falling": ("하락", "falling"),
    "stage_steady": ("유지", "steady"),
    "stage_seasonal": ("계절", "seasonal"),
    "what_occasion": ("입는 자리", "occasion"),
    "what_gender": ("성별", "gender"),
    "what_weather": ("날씨", "weather"),
    "what_personal_color": ("퍼스널 컬러", "personal colour"),
}
