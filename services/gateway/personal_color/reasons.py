"""Why nothing is said of a photo or of answers, and how to help it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Reason:
    """Why there are no probabilities: in both languages, with what to do about it."""

    code: str
    text: str
    text_ko: str
    fix: str
    fix_ko: str


_ALL: Final = (
    Reason(
        "no_face",
        "no face was found",
        "얼굴을 찾지 못했습니다",
        "take a photo from the front, with your whole face in it",
        "얼굴 전체가 나오도록 정면에서 찍어 주세요",
    ),
    Reason(
        "several_faces",
        "there is more than one face",
        "얼굴이 둘 이상 있습니다",
        "take or cut a photo with you alone",
        "혼자 나온 사진을 쓰거나 본인만 남게 잘라 주세요",
    ),
    Reason(
        "face_too_small",
        "the face is too small to see its skin",
        "얼굴이 너무 작아 피부가 보이지 않습니다",
        "come closer: the face should fill about a third of the width",
        "얼굴이 사진 폭의 3분의 1쯤 되도록 가까이에서 찍어 주세요",
    ),
    Reason(
        "turned_away",
        "the face is turned away, tilted or cut off",
        "얼굴이 옆을 보거나 기울었거나 잘렸습니다",
        "look straight into the camera",
        "카메라를 정면으로 보고 찍어 주세요",
    ),
    Reason(
        "too_dark",
        "the photo is too dark",
        "사진이 너무 어둡습니다",
        "take it by day beside a window, facing the light",
        "낮에 창가에서 빛을 마주 보고 찍어 주세요",
    ),
    Reason(
        "too_bright",
        "parts of the skin are overexposed",
        "피부 일부가 너무 밝게 나왔습니다",
        "avoid flash and direct sun, or lower the exposure",
        "플래시와 직사광선을 피하거나 노출을 낮춰 주세요",
    ),
    Reason(
        "uneven_light",
        "the two halves of the face are lit differently",
        "얼굴 양쪽의 빛이 다릅니다",
        "turn to face the window, so that light falls on both cheeks alike",
        "양쪽 볼에 빛이 고르게 닿도록 창을 마주 봐 주세요",
    ),
    Reason(
        "color_cast",
        "the light, or most of what is around you, has a strong colour",
        "조명이나 주변 색이 너무 강합니다",
        "take it in daylight before a white or gray wall, with lamps off",
        "조명을 끄고 흰색이나 회색 벽 앞에서 자연광으로 찍어 주세요",
    ),
    Reason(
        "black_and_white",
        "the photo has no colours",
        "흑백 사진입니다",
        "send one in colour",
        "컬러 사진을 보내 주세요",
    ),
    Reason(
        "filtered",
        "the skin looks smoothed by a filter",
        "필터로 피부가 보정된 것 같습니다",
        "send the photo without beauty filters or make-up effects",
        "뷰티 필터나 보정 효과 없이 찍은 사진을 보내 주세요",
    ),
    Reason(
        "strange_color",
        "the skin has a colour that no plain light gives: a filter or coloured light",
        "피부색이 자연스럽지 않습니다. 필터나 색 조명일 수 있습니다",
        "send an unedited photo taken in daylight",
        "자연광에서 찍은 보정하지 않은 사진을 보내 주세요",
    ),
    Reason(
        "covered",
        "the cheeks cannot be seen: hair, a mask, a hand or a shadow lies over them",
        "머리카락, 마스크, 손, 그림자 때문에 볼이 보이지 않습니다",
        "leave both cheeks free",
        "양쪽 볼이 보이게 해 주세요",
    ),
    Reason(
        "few_answers",
        "fewer than three questions were answered",
        "답한 질문이 세 개보다 적습니다",
        "answer at least three of the six",
        "여섯 질문 가운데 세 개 이상 답해 주세요",
    ),
)
REASONS: Final = {reason.code: reason for reason in _ALL}
