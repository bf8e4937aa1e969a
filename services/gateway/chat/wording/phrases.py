"""What the chat says, Korean and English side by side.

``{word:은/는}`` takes the particle that fits the word and ``{word:a/an}`` its article
(``words.Word``), ``{looks:look/looks}`` the form that fits the number (``words.Count``).
"""

from __future__ import annotations

from typing import Any, Final

from services.gateway.chat.domain import Language
from services.gateway.chat.wording.picture_phrases import PICTURE_PHRASES
from services.gateway.chat.wording.trend_phrases import TREND_PHRASES
from services.gateway.chat.wording.words import Count, Word

PHRASES: Final[dict[str, tuple[str, str]]] = {
    **PICTURE_PHRASES,
    **TREND_PHRASES,
    "greeting": (
        "안녕하세요, 맵시예요. 요즘 유행을 알려 드리고, 어울리는 코디를 골라 드려요. "
        "무엇을 도와드릴까요?",
        "Hello, I'm Mapsi. I can tell you what people really wear and pick outfits that suit you. "
        "What would you like?",
    ),
    "won_only": (
        "가격은 원으로만 알아서 그 금액은 빼고 볼게요. “10만원 이하”처럼 말씀해 주세요.",
        "I know prices in won alone, so I left that amount out: say “under 100,000 won”.",
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
    "forecast": (
        "{week}부터 한 주 동안의 예측: {rows}.",
        "Forecast for the week of {week}: {rows}.",
    ),
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
