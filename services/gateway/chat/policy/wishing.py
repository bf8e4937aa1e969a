"""From what is known of a wish to the next question, or to the looks. Pure."""

from __future__ import annotations

from typing import Final

from services.gateway.chat.domain import VALUES
from services.gateway.chat.policy import topics
from services.gateway.chat.policy.acts import Decision, Recommend
from services.gateway.chat.policy.state import Pending, State
from services.gateway.people.domain import Profile

_WHAT: Final = ("occasion", "season", "weather", "item", "color", "pattern")
"""What a wish can be about besides the style."""

OFFERED: Final[dict[str, tuple[str, ...]]] = {
    name: VALUES[name] for name in ("style", "occasion", "gender", "season", "personal_color")
}
"""The choices that come with a question."""


def go_on(state: State, profile: Profile) -> Decision:
    """Ask what is missing, or show what was wished for."""
    slot = missing(state, profile)
    if slot is not None:
        return topics.ask(state, slot, OFFERED[slot])
    draw = state.topic == "generate"
    ask_gender = not draw and _gender_unknown(state, profile)
    pending = None
    if ask_gender:
        pending = Pending(slot="gender", choices=OFFERED["gender"])
        state = state.now(asked=(*state.asked, "gender"))
    notes = tuple(
        f"{slot}_open"
        for slot in ("style", "occasion")
        if slot in state.open and not getattr(state.known, slot) and not state.shown
    )
    return Decision(
        state.now(pending=pending),
        Recommend(
            state.known,
            draw=draw,
            variants=state.versions if draw else 1,
            notes=notes,
            ask_gender=ask_gender,
        ),
    )


def missing(state: State, profile: Profile) -> str | None:
    """Return the slot that has to be asked for before looks are shown, or None."""
    styled = state.known.style or any(
        kind == "style" and weight > 0 for (kind, _), weight in profile.tastes.items()
    )
    if not styled:
        return None if "style" in (*state.asked, *state.open) else "style"
    told = any(getattr(state.known, name) for name in _WHAT)
    if told or {"style", "occasion"} & {*state.asked, *state.open}:
        return None
    return None if state.topic == "generate" or state.known.style else "occasion"


def _gender_unknown(state: State, profile: Profile) -> bool:
    return not state.known.gender and profile.gender is None and "gender" not in state.asked
