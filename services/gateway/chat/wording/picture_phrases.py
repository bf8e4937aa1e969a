"""What the chat says of drawings, Korean and English side by side."""

from __future__ import annotations

from typing import Final

PICTURE_PHRASES: Final[dict[str, tuple[str, str]]] = {
    "picture_drawing": (
        "{what} 입은 모습을 새로 그리고 있어요. 다 되면 보여 드리기 전에 부탁하신 옷이 맞는지 "
        "확인해요.",
        "I am drawing a person who wears {what}. Before you see it I check that it shows what you "
        "asked for.",
    ),
    "picture_drawing_several": (
        "{what} 입은 모습을 {count}가지로 새로 그리고 있어요. 다 되면 보여 드리기 전에 부탁하신 "
        "옷이 맞는지 확인해요. 그중에서 고르시면 돼요.",
        "I am drawing {count} pictures of a person who wears {what}, to choose from. Before you "
        "see them I check that they show what you asked for.",
    ),
    "picture_most": (
        "한 번에 {count}장까지 그릴 수 있어요.",
        "I can draw {count} at a time at most.",
    ),
    "picture_editing": (
        "그림에서 {piece:을/를} {what:으로/로} 바꾸고 있어요. 나머지는 그대로 둘게요.",
        "In the picture I am changing the {piece} to {what}. Everything else stays as it is.",
    ),
    "picture_dropping": (
        "그림에서 {piece:을/를} 빼고 있어요. 나머지는 그대로 둘게요.",
        "I am taking the {piece} off in the picture. Everything else stays as it is.",
    ),
    "picture_over": (
        "그림 전체를 말씀하신 대로 다시 그리고 있어요. 옷차림은 {what}예요.",
        "I am drawing the whole picture over as you say. It shows {what}.",
    ),
    "picture_again": (
        "같은 옷차림을 다른 느낌으로 다시 그리고 있어요.",
        "I am drawing the same clothes again, in another take.",
    ),
    "picture_again_several": (
        "같은 옷차림을 {count}가지로 다시 그리고 있어요. 그중에서 고르시면 돼요.",
        "I am drawing the same clothes again, {count} pictures to choose from.",
    ),
    "picture_undone": (
        "이전 그림으로 되돌렸어요.",
        "Here is the picture before that one.",
    ),
    "picture_no_earlier": (
        "이게 첫 그림이라서 더 되돌릴 수 없어요.",
        "This is the first picture; there is none before it.",
    ),
    "picture_stopped": ("그만 그릴게요.", "I have stopped drawing."),
    "picture_stopped_earlier": (
        "그만 그릴게요. 앞의 그림은 그대로 있어요.",
        "I have stopped drawing. The picture before is still there.",
    ),
    "picture_ended": (
        "그 그림은 이미 끝났어요. 앞의 그림으로 가려면 “되돌려 줘”라고 하세요.",
        "That picture has ended already. Say “undo” to go back to the one before.",
    ),
    "picture_wait": (
        "아직 그리고 있어요. 다 되면 바꿔 드릴게요. 멈추려면 “그만 그려”라고 하세요.",
        "It is still being drawn. Tell me again once it is there, or say “cancel” to stop it.",
    ),
    "picture_gone": (
        "그 그림은 이제 없어요. “그려 줘”라고 하시면 새로 그릴게요.",
        "That picture is not there any more. Say “draw it” for a new one.",
    ),
    "picture_help": (
        "그림에서 무엇을 바꿀까요? “자켓만 흰색으로”, “치마 말고 바지로”, “더 밝게”, "
        "“다른 느낌으로 다시”, “되돌려 줘”처럼 말씀해 주세요.",
        "What shall I change in the picture? Say “jacket only, white”, “trousers instead of the "
        "skirt”, “brighter”, “again with a different vibe”, or “undo”.",
    ),
    "picture_plain": ("어울리는 옷", "what suits the occasion"),
}
