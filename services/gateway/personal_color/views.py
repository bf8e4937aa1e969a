"""What the API answers about a person's personal colour, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from services.gateway.domain import Language
from services.gateway.personal_color.domain import Judgement, Seasons, fuse, leads, likeliest
from services.gateway.personal_color.palettes import SWATCHES
from services.gateway.personal_color.questions import QUESTIONS
from services.gateway.views import example
from shared.contracts.vocabulary import SEASONS, label

_SHOWN: Final = 12
"""Swatches of a palette that is shown."""
_NOTE: Final = {
    "en": "Seasonal colours are a stylists' convention without scientific proof. These are "
    "probabilities; wear what you like.",
    "ko": "퍼스널 컬러는 스타일리스트들의 관례이며 과학적으로 입증된 것은 아닙니다. "
    "확률로만 봐 주시고 좋아하는 색을 입으세요.",
}
_PROBABILITIES: Final = {"spring": 0.38, "summer": 0.09, "autumn": 0.31, "winter": 0.22}
_PALETTE: Final = [{"season": "spring", "name": "coral", "hex": "#ff7357"}]
_QUESTION: Final = {
    "name": "jewellery",
    "text": "Which jewellery looks better against your skin?",
    "choices": [{"value": "gold", "text": "gold"}],
}


class Answers(BaseModel):
    """What a person answers to the six questions."""

    answers: dict[str, str] = Field(
        max_length=12, description="by question name; at least three that are not `unsure`"
    )

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"answers": {"veins": "green", "jewellery": "gold", "suits": "peach"}}]
        },
    )


class SwatchView(BaseModel):
    """One colour to wear."""

    season: str
    name: str
    hex: str


class ReasonView(BaseModel):
    """Why nothing is said, and what helps."""

    code: str = Field(description="stable, for programs")
    text: str
    fix: str


class SkinView(BaseModel):
    """What was measured on the photo. It is told and not kept."""

    lightness: float = Field(description="CIELAB L (D65), the light's colour taken out")
    chroma: float
    hue: float = Field(description="degrees; lower is redder, higher yellower")
    usual_hue: float = Field(description="of skin as light as this")
    ita: float = Field(description="individual typology angle, degrees")
    hair_lightness: float | None = Field(description="CIELAB L; null: not seen")
    cast: float = Field(description="of the light, log2 units: above 0 warm, below 0 cool")


class ChoiceView(BaseModel):
    """One answer."""

    value: str
    text: str


class QuestionView(BaseModel):
    """One of the six questions."""

    name: str
    text: str
    choices: list[ChoiceView]


class PersonalColorJudged(BaseModel):
    """What one photo, or the answers, tell."""

    source: str = Field(description="photo or answers")
    seasons: dict[str, float] | None = Field(description="null: nothing can be said")
    season: str | None = Field(description="the likeliest")
    label: str | None
    leads: bool = Field(description="false: the next season is nearly as likely")
    text: str
    reason: ReasonView | None = Field(description="why nothing can be said")
    skin: SkinView | None
    kept: bool = Field(description="the probabilities were kept; a photo never is")
    all_seasons: dict[str, float] = Field(description="with what else is known of you")
    palette: list[SwatchView]
    note: str

    model_config = example(
        {
            "source": "answers",
            "seasons": _PROBABILITIES,
            "season": "spring",
            "label": "spring",
            "leads": False,
            "text": "It is not clear: spring (38%) and autumn (31%) are about as likely.",
            "reason": None,
            "skin": None,
            "kept": True,
            "all_seasons": _PROBABILITIES,
            "palette": _PALETTE,
            "note": _NOTE["en"],
        }
    )


class PersonalColorKnown(BaseModel):
    """What is known of the person who asks, and what they may be asked."""

    seasons: dict[str, float] | None = Field(description="all sources together; null: unknown")
    season: str | None
    label: str | None
    leads: bool = Field(description="false: the next season is nearly as likely")
    text: str
    sources: dict[str, dict[str, float]] = Field(description="by said, photo, answers")
    palette: list[SwatchView]
    questions: list[QuestionView]
    note: str

    model_config = example(
        {
            "seasons": _PROBABILITIES,
            "season": "spring",
            "label": "spring",
            "leads": False,
            "text": "It is not clear: spring (38%) and autumn (31%) are about as likely.",
            "sources": {"answers": _PROBABILITIES},
            "palette": _PALETTE,
            "questions": [_QUESTION],
            "note": _NOTE["en"],
        }
    )


def judged_view(
    judged: Judgement,
    source: str,
    known: Mapping[str, Seasons],
    *,
    kept: bool,
    language: Language,
) -> PersonalColorJudged:
    """Return what was judged; ``known`` is all that is known afterwards, by source."""
    seasons, everything = judged.seasons, fuse(**known)
    return PersonalColorJudged(
        source=source,
        seasons=_rounded(seasons) if seasons else None,
        season=likeliest(seasons) if seasons else None,
        label=label(likeliest(seasons), language) if seasons else None,
        leads=seasons is not None and leads(seasons),
        text=describe(seasons, language) if seasons else _refusal(judged, language),
        reason=_reason(judged, language),
        skin=_skin(judged),
        kept=kept,
        all_seasons=_rounded(everything),
        palette=palette_of(everything, language) if known else [],
        note=_NOTE[language],
    )


def known_view(known: Mapping[str, Seasons], language: Language) -> PersonalColorKnown:
    """Return what is known by source, with the questions."""
    seasons = fuse(**known) if known else None
    return PersonalColorKnown(
        seasons=_rounded(seasons) if seasons else None,
        season=likeliest(seasons) if seasons else None,
        label=label(likeliest(seasons), language) if seasons else None,
        leads=seasons is not None and leads(seasons),
        text=describe(seasons, language) if seasons else _unknown(language),
        sources={source: _rounded(told) for source, told in known.items()},
        palette=palette_of(seasons, language) if seasons else [],
        questions=questions_view(language),
        note=_NOTE[language],
    )


def questions_view(language: Language) -> list[QuestionView]:
    """Return the six questions."""
    korean = language == "ko"
    return [
        QuestionView(
            name=one.name,
            text=one.text_ko if korean else one.text,
            choices=[
                ChoiceView(value=choice.value, text=choice.text_ko if korean else choice.text)
                for choice in one.choices
            ],
        )
        for one in QUESTIONS
    ]


def describe(seasons: Seasons, language: Language) -> str:
    """Return the two likeliest seasons as a sentence."""
    first, second = sorted(SEASONS, key=lambda name: -seasons[name])[:2]
    one, other = label(first, language), label(second, language)
    if leads(seasons) and language == "ko":
        return (
            f"{one}일 가능성이 가장 높고({seasons[first]:.0%}), "
            f"다음은 {other}입니다({seasons[second]:.0%})."
        )
    if leads(seasons):
        return (
            f"{one.capitalize()} is the likeliest ({seasons[first]:.0%}), "
            f"then {other} ({seasons[second]:.0%})."
        )
    if language == "ko":
        return (
            f"뚜렷하지 않습니다. {one}({seasons[first]:.0%})일 가능성과 "
            f"{other}({seasons[second]:.0%})일 가능성이 비슷합니다."
        )
    return (
        f"It is not clear: {one} ({seasons[first]:.0%}) and {other} ({seasons[second]:.0%}) "
        "are about as likely."
    )


def palette_of(seasons: Seasons, language: Language) -> list[SwatchView]:
    """Return colours of the likeliest seasons, each season's number by its probability."""
    shown = []
    for season in sorted(SEASONS, key=lambda name: -seasons[name])[:2]:
        share = seasons[season] / sum(sorted(seasons.values())[-2:])
        spread = SWATCHES[season]
        count = round(_SHOWN * share)
        picked = [spread[number * len(spread) // count] for number in range(count)]
        shown += [
            SwatchView(
                season=season, name=one.name_ko if language == "ko" else one.name, hex=one.hex
            )
            for one in picked
        ]
    return shown


def _reason(judged: Judgement, language: Language) -> ReasonView | None:
    why = judged.reason
    if why is None:
        return None
    if language == "ko":
        return ReasonView(code=why.code, text=why.text_ko, fix=why.fix_ko)
    return ReasonView(code=why.code, text=why.text, fix=why.fix)


def _refusal(judged: Judgement, language: Language) -> str:
    why = _reason(judged, language)
    assert why is not None  # noqa: S101 - without probabilities there is a reason
    if language == "ko":
        return f"말씀드릴 수 없습니다. {why.text}. {why.fix}."
    return f"Nothing can be said: {why.text}. Please {why.fix}."


def _unknown(language: Language) -> str:
    if language == "ko":
        return "아직 모릅니다. 사진을 보내거나 질문에 답해 주세요."
    return "Not known yet: send a photo, or answer the questions."


def _skin(judged: Judgement) -> SkinView | None:
    skin = judged.skin
    if skin is None:
        return None
    return SkinView(
        lightness=round(skin.lightness, 1),
        chroma=round(skin.chroma, 1),
        hue=round(skin.hue, 1),
        usual_hue=round(skin.usual_hue, 1),
        ita=round(skin.ita, 1),
        hair_lightness=None if skin.hair_lightness is None else round(skin.hair_lightness, 1),
        cast=round(skin.cast, 2),
    )


def _rounded(seasons: Seasons) -> dict[str, float]:
    return {name: round(seasons[name], 4) for name in SEASONS}
