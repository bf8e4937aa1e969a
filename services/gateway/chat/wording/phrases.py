"""What the chat says, Korean and English side by side.

``{word:은/는}`` takes the particle that fits the word and ``{word:a/an}`` its article
(``words.Word``), ``{looks:look/looks}`` the form that fits the number (``words.Count``).
"""

from __future__ import annotations

from typing import Any, Final

from services.gateway.chat.domain import Language
from services.gateway.chat.wording.words import Count, Word

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "greeting": (
        "안녕하세요, 맵시예요. 요즘 유행을 알려 드리고, 어울리는 코디를 골라 드려요. "
        "무엇을 도와드릴까요?",
        "Hello, I'm Mapsi. I can tell you what people really wear and pick outfits that suit you. "
        "What would you like?",
    ),
    "thanks": (
        "도움이 됐다면 기뻐요. 더 필요한 게 있으면 말씀해 주세요.",
        "Glad to help. Tell me if there is anything else.",
    ),
    "help": (
        "이런 걸 할 수 있어요.\n"
        "· 유행: “올봄 유행하는 색 뭐예요?”, “작년 겨울이랑 비교해 줘”\n"
        "· 코디 추천: “데이트룩 추천해 주세요”, “10만원 이하 출근룩”\n"
        "· 고치기: “자켓만 흰색으로”, “더 저렴하게”, “다른 거”\n"
        "· 퍼스널 컬러: 질문 6개 또는 셀카\n"
        "· 비슷한 옷: 옷이 나온 사진을 올려서 함께 보내 주세요\n"
        "· 내 취향: “내 취향 보여줘”, “꽃무늬 싫어해”, “내 정보 지워줘”",
        "Here is what I can do.\n"
        "· Trends: “what colours are in this spring?”, “compare with last winter”\n"
        "· Outfits: “recommend a date look”, “work outfit under 100,000 won”\n"
        "· Changes: “make the jacket white”, “cheaper”, “something else”\n"
        "· Personal colour: six questions or a selfie\n"
        "· Similar items: upload a photo of clothes and send it along\n"
        "· Your taste: “show my preferences”, “I hate floral”, “delete my data”",
    ),
    "reset": (
        "처음부터 다시 시작할게요. 무엇을 도와드릴까요?",
        "Let's start over. What would you like?",
    ),
    "refused": (
        "그건 제가 도와드리기 어려워요. 저는 옷과 유행 이야기를 해요. "
        "“데이트룩 추천해 줘”처럼 말씀해 주세요.",
        "I can't help with that, I'm afraid: I know about clothes and trends. "
        "Try “recommend a date look”.",
    ),
    "choices": (
        "제가 잘 알아듣지 못했어요. 이 중에서 골라 주세요.",
        "I did not understand that. Please choose one of these.",
    ),
    "puzzled": (
        "무엇을 도와드릴까요? 코디 추천이나 요즘 유행을 물어보셔도 좋아요.",
        "What can I do for you? You can ask for an outfit or for what is trending.",
    ),
    "photo_needed": (
        "사진이 있어야 비슷한 옷을 찾을 수 있어요. 사진을 올려서 메시지와 함께 보내 주세요.",
        "I need a photo to find similar items. Upload one and send it along with your message.",
    ),
    "nothing_erased": ("아무것도 지우지 않았어요.", "Nothing was deleted."),
    "ask_style": (
        "평소 선호하는 스타일이 무엇인가요? {choices} 중에서 골라 주세요.",
        "Which style do you usually like? {choices}?",
    ),
    "ask_occasion": (
        "어떤 자리에 입으실 건가요? {choices} 중에서 골라 주세요.",
        "What is it for? {choices}?",
    ),
    "ask_gender": (
        "{choices} 중 어느 쪽 옷으로 볼까요?",
        "Whose clothes shall I look at? {choices}?",
    ),
    "ask_erase": (
        "저장된 취향, 퍼스널 컬러, 대화를 모두 지울까요? 되돌릴 수 없어요. "
        "“네”라고 하시면 지울게요. 올린 사진과 계정은 남아 있어요.",
        "Shall I delete all your preferences, your personal colour and your conversations? "
        "It cannot be undone. Say “yes” to delete them. Your photos and your account stay.",
    ),
    "erased": (
        "취향, 퍼스널 컬러, 지난 대화를 모두 지웠어요.",
        "Your preferences, personal colour and past conversations are deleted.",
    ),
    "yes": ("네", "yes"),
    "no": ("아니요", "no"),
    "style_open": (
        "스타일은 정하지 않고 골랐어요.",
        "I left the style open.",
    ),
    "occasion_open": (
        "입을 자리는 정하지 않고 골랐어요.",
        "I left the occasion open.",
    ),
    "looks": (
        "{about} 코디 {count}개를 골랐어요.",
        "Here are {count:outfit/outfits}: {about}.",
    ),
    "look": (
        "{about} 코디를 하나 골랐어요.",
        "Here is an outfit: {about}.",
    ),
    "looks_plain": ("코디 {count}개를 골랐어요.", "Here are {count:outfit/outfits}."),
    "look_plain": ("코디를 하나 골랐어요.", "Here is an outfit."),
    "best": (
        "{number}. {title}, 모두 {total}. {reason}",
        "{number}. {title}, {total} in all. {reason}",
    ),
    "why": ("이런 이유로 골랐어요.", "This is why I chose them."),
    "why_look": ("{number}. {title}: {why}", "{number}. {title}: {why}"),
    "no_reason": (
        "조건에 맞는 상품끼리 어울리도록 골랐어요.",
        "The pieces fit what you asked for.",
    ),
    "why_gone": (
        "그 코디의 상품이 지금은 없어서 이유를 말씀드릴 수 없어요.",
        "The items of that look are no longer there, so I cannot say why.",
    ),
    "no_looks": (
        "조건에 맞는 코디를 찾지 못했어요. {why}",
        "I found no outfit that fits. {why}",
    ),
    "no_catalog": (
        "아직 등록된 상품이 없어서 코디를 골라 드릴 수 없어요. 유행은 물어보실 수 있어요.",
        "No shop items are here yet, so I cannot pick outfits. You can ask me about trends.",
    ),
    "no_more": (
        "더 보여 드릴 다른 코디가 없어요. 조건을 바꿔서 말씀해 주세요.",
        "There are no other outfits to show. Change what you are looking for.",
    ),
    "cheaper": (
        "{budget} 이하로 다시 골랐어요.",
        "I looked again for at most {budget}.",
    ),
    "others": ("다른 코디로 골랐어요.", "Here is something else."),
    "kept": (
        "나머지는 그대로 두고 {piece:을/를} 바꿨어요.",
        "I changed the {piece} and kept the rest.",
    ),
    "added": (
        "보여 드린 코디에 {piece:이/가} 없어서 {what:을/를} 더했어요.",
        "That look had no {piece}, so I added {what:a/an} and kept the rest.",
    ),
    "not_with_it": (
        "보여 드린 코디에 어울리는 {what:을/를} 찾지 못해서 다른 코디로 골랐어요.",
        "I found no {what} to wear with that look, so I looked for others.",
    ),
    "piece_outer": ("아우터", "jacket"),
    "no_change": (
        "말씀하신 {what:으로/로} 바꿀 수 있는 상품이 없어요.",
        "I have no {what} for that.",
    ),
    "drawing": (
        "이 코디의 룩북 보드를 만들고 있어요. "
        "상품 사진을 모아 구성한 것이고, 새로 그린 그림은 아니에요.",
        "I am making a lookbook board of this outfit. It is composed of the items' photos; "
        "it is not a newly drawn picture.",
    ),
    "no_drawing": (
        "이 코디의 상품 사진을 쓸 수 없어서 보드를 만들지 못했어요.",
        "The photos of this outfit's items are not there, so I could not make a board.",
    ),
    "glad": (
        "마음에 드셨다니 기뻐요. 다음 추천에 반영할게요.",
        "Glad you like it. I will remember that for the next ones.",
    ),
    "remembered": ("기억할게요: {words}.", "I will remember: {words}."),
    "forgot": ("잊었어요: {words}.", "Forgotten: {words}."),
    "known": ("제가 알고 있는 것은 이래요.", "This is what I know about you."),
    "known_kind": ("· {kind}: {words}", "· {kind}: {words}"),
    "known_nothing": (
        "아직 아는 취향이 없어요. “미니멀 좋아해”, “꽃무늬 싫어해”처럼 말씀해 주세요.",
        "I know nothing about your taste yet. Tell me: “I like minimal”, “I hate floral”.",
    ),
    "known_edit": (
        "“분홍 싫어한다는 거 지워줘”처럼 고치거나 “내 정보 지워줘”로 모두 지울 수 있어요.",
        "Say “forget that I hate pink” to change it, or “delete my data” to erase it all.",
    ),
    "palette": (
        "{season} 퍼스널 컬러에는 이런 색이 어울려요: {colors}.",
        "These colours suit {season:a/an}: {colors}.",
    ),
    "quiz_intro": (
        "질문 {count}개로 알아볼게요. 대신 셀카를 올려서 함께 보내 주셔도 돼요.",
        "I will ask {count:question/questions}. You can also upload a selfie and send it along.",
    ),
    "quiz_question": ("({number}/{count}) {question}", "({number}/{count}) {question}"),
    "season_unclear": (
        "퍼스널 컬러를 판단하지 못했어요. {why}",
        "I could not tell your personal colour. {why}",
    ),
    "similar": ("비슷한 상품 {count}개를 찾았어요.", "I found {count:similar item/similar items}."),
    "no_similar": ("비슷한 상품을 찾지 못했어요. {why}", "I found no similar items. {why}"),
    "photo_waits": (
        "사진을 아직 분석하고 있어요. 잠시 뒤 다시 보내 주세요.",
        "The photo is still being analysed. Send it again in a moment.",
    ),
    "photo_unknown": (
        "그 사진을 찾지 못했어요. 먼저 사진을 올려 주세요.",
        "I do not have that photo. Upload it first, please.",
    ),
    "trend_window": (
        "{since}부터 {until}까지 {weeks}주, 룩 {looks}개를 집계한 결과예요.",
        "Counted from {since} to {until}: {weeks:week/weeks}, {looks:look/looks}.",
    ),
    "trend_top": ("가장 많이 보인 것: {rows}.", "Most worn: {rows}."),
    "trend_row": ("{name} {share} ({looks}개)", "{name} {share} ({looks:look/looks})"),
    "trend_rising": ("오르는 것: {rows}.", "Rising: {rows}."),
    "trend_falling": ("내리는 것: {rows}.", "Falling: {rows}."),
    "trend_moving": (
        "{name} {growth} (최근 4주, 앞선 4주 대비)",
        "{name} {growth} (last four weeks on the four before)",
    ),
    "trend_steady": (
        "확실하게 오르내린 것은 없어요.",
        "Nothing has clearly risen or fallen.",
    ),
    "trend_share": (
        "{name:은/는} 전체 룩의 {share}예요 ({looks}개, 95% 신뢰구간 {low}~{high}).",
        "{name}: {share} of all looks ({looks:look/looks}, 95% interval {low} to {high}).",
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
    "forecast": (
        "{week}부터 한 주 동안의 예측: {rows}.",
        "Forecast for the week of {week}: {rows}.",
    ),
    "forecast_row": (
        "{name} {share} (95% 예측구간 {low}~{high}, 최근 4주 {now})",
        "{name} {share} (95% interval {low} to {high}, last four weeks {now})",
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
        "두 기간의 95% 신뢰구간이 겹쳐서 차이가 확실하지 않은 것: {names}.",
        "The 95% intervals overlap, so no sure difference: {names}.",
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
    "choice_recommend": ("데이트룩 추천해 줘", "Recommend a date look"),
    "choice_trend": ("올봄 유행하는 색 뭐예요?", "What colours are in this spring?"),
    "choice_personal_color": ("퍼스널 컬러 테스트 해 줘", "Test my personal colour"),
    "choice_preferences": ("내 취향 보여줘", "Show my preferences"),
}


def say(key: str, language: Language, /, **values: Any) -> str:
    """Return a phrase with its values; KeyError where one is missing."""
    korean, english = PHRASES[key]
    template = korean if language == "ko" else english
    if not values:
        return template
    return template.format_map({name: _told(one) for name, one in values.items()})


def _told(value: Any) -> Any:
    kind = _KINDS.get(type(value))
    return value if kind is None else kind(value)


_KINDS: Final[dict[type, type]] = {str: Word, int: Count}
