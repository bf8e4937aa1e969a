"""What the API takes and answers about a person's preferences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isinf
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.gateway.chat.domain import AVOIDABLE, VALUES
from services.gateway.domain import Language
from services.gateway.people.domain import Profile
from services.gateway.people.learning import (
    FORGOTTEN,
    HALF_LIFE,
    TASTES,
    Known,
    decayed,
)
from services.gateway.views import example
from shared.contracts.vocabulary import label

SOURCES: Final[Mapping[str, tuple[str, str]]] = {
    "edited": ("you set it", "직접 정함"),
    "said": ("you said so", "직접 말씀하심"),
    "answer": ("your answer to a question", "질문에 답하심"),
    "like": ("looks you liked", "좋아한 코디"),
    "refusal": ("looks you did not want", "거절한 코디"),
    "feedback": ("what you asked to change", "고쳐 달라고 한 것"),
    "photo": ("your photo", "사진"),
    "answers": ("your answers about yourself", "퍼스널 컬러 질문의 답"),
}
"""Where a preference comes from, English and Korean."""

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "style": ("style", "스타일"),
    "item": ("item", "아이템"),
    "color": ("colour", "색"),
    "pattern": ("pattern", "무늬"),
    "avoid": ("never", "피하는 것"),
    "gender": ("clothes for", "성별"),
    "budget": ("budget", "예산"),
    "personal_color": ("personal colour", "퍼스널 컬러"),
}


def _avoidable(words: list[str]) -> list[str]:
    for word in words:
        if word not in AVOIDABLE:
            raise ValueError(f"{word!r} is no style, item, colour or pattern")
    return list(dict.fromkeys(words))


def _weights(kind: str) -> AfterValidator:
    def check(weights: dict[str, float | None]) -> dict[str, float | None]:
        for word in weights:
            if word not in VALUES[kind]:
                raise ValueError(f"{word!r} is no {kind}; one of {', '.join(VALUES[kind])}")
        return weights

    return AfterValidator(check)


Weight = Annotated[float, Field(ge=-1, le=1)]
Weights = dict[str, Weight | None]
Season = Literal["spring", "summer", "autumn", "winter"]


class PreferencesIn(BaseModel):
    """A JSON merge patch (RFC 7396): what is named changes, null forgets, the rest stays."""

    style: Annotated[Weights, _weights("style")] | None = Field(
        default=None, description="weight by word, -1 (never my thing) to 1; null: forget it"
    )
    item: Annotated[Weights, _weights("item")] | None = None
    color: Annotated[Weights, _weights("color")] | None = None
    pattern: Annotated[Weights, _weights("pattern")] | None = None
    avoid: Annotated[list[str], Field(max_length=64), AfterValidator(_avoidable)] | None = Field(
        default=None, description="words that must not appear; replaces the list"
    )
    gender: Literal["women", "men", "any"] | None = None
    budget: Annotated[int, Field(ge=1000, le=100_000_000)] | None = Field(
        default=None, description="KRW for a look, at most"
    )
    personal_color: Season | None = None

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"style": {"minimal": 0.9, "street": None}, "avoid": ["pink", "floral"]}]
        },
    )


class PreferenceView(BaseModel):
    """One thing that is known, and where from."""

    kind: str
    value: str
    label: str
    weight: float = Field(description="today, in [-1, 1]; -1 for what is avoided")
    source: str
    source_label: str
    times: int = Field(description="how often it was told")
    at: datetime = Field(description="when last")
    half_life_days: float | None = Field(description="null: it holds until you change it")


class SeasonsView(BaseModel):
    """What one source tells of the personal colour."""

    source: str
    source_label: str
    probabilities: dict[str, float]


class PreferencesView(BaseModel):
    """All that is known of a person, as the recommendations use it today."""

    style: dict[str, float]
    item: dict[str, float]
    color: dict[str, float]
    pattern: dict[str, float]
    avoid: list[str]
    gender: str | None
    budget: int | None
    personal_color: dict[str, float] = Field(description="probability by season; empty: unknown")
    details: list[PreferenceView]
    personal_color_sources: list[SeasonsView]

    model_config = example(
        {
            "style": {"minimal": 0.8},
            "item": {},
            "color": {"navy": 0.36},
            "pattern": {},
            "avoid": ["pink"],
            "gender": "women",
            "budget": 150000,
            "personal_color": {"spring": 0.05, "summer": 0.85, "autumn": 0.05, "winter": 0.05},
            "details": [
                {
                    "kind": "style",
                    "value": "minimal",
                    "label": "minimal",
                    "weight": 0.8,
                    "source": "said",
                    "source_label": "you said so",
                    "times": 1,
                    "at": "2026-03-02T09:30:00Z",
                    "half_life_days": 180.0,
                }
            ],
            "personal_color_sources": [
                {
                    "source": "said",
                    "source_label": "you said so",
                    "probabilities": {
                        "spring": 0.05, "summer": 0.85, "autumn": 0.05, "winter": 0.05,
                    },
                }
            ],
        }
    )  # fmt: skip


def preferences_view(
    profile: Profile,
    known: Iterable[Known],
    seasons: Mapping[str, Mapping[str, float]],
    *,
    now: datetime,
    language: Language,
) -> PreferencesView:
    """Return what is known as a person sees it."""
    details = [_detail(one, now, language) for one in known]
    return PreferencesView(
        **{kind: _tastes(profile, kind) for kind in TASTES},
        avoid=sorted(profile.avoid),
        gender=profile.gender,
        budget=profile.budget,
        personal_color=dict(profile.seasons),
        details=[one for one in details if abs(one.weight) >= FORGOTTEN],
        personal_color_sources=[
            SeasonsView(
                source=source,
                source_label=_said(SOURCES[source], language),
                probabilities=dict(told),
            )
            for source, told in seasons.items()
        ],
    )


def _tastes(profile: Profile, kind: str) -> dict[str, float]:
    found = {value: round(w, 3) for (of, value), w in profile.tastes.items() if of == kind}
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _detail(one: Known, now: datetime, language: Language) -> PreferenceView:
    life = HALF_LIFE[one.source]
    return PreferenceView(
        kind=one.kind,
        value=one.value,
        label=_label(one, language),
        weight=round(decayed(one, now), 3),
        source=one.source,
        source_label=_said(SOURCES[one.source], language),
        times=one.times,
        at=one.at,
        half_life_days=None if one.kind not in TASTES or isinf(life) else life,
    )


def _label(one: Known, language: Language) -> str:
    if one.kind == "budget":
        return f"{int(one.value):,}원" if language == "ko" else f"KRW {int(one.value):,}"
    return label(one.value, language)


def _said(pair: tuple[str, str], language: Language) -> str:
    return pair[1] if language == "ko" else pair[0]
