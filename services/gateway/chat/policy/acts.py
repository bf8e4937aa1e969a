"""What the dialogue decides to do with a message; ``deeds`` does it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from services.gateway.chat.domain import Period, Slots, Understood
from services.gateway.chat.policy.moves import Moves
from services.gateway.chat.policy.picture_moves import PictureMoves
from services.gateway.chat.policy.state import State
from services.gateway.drawing.editing import Change as PictureChange


@dataclass(frozen=True)
class Say:
    """Say something that needs nothing looked up."""

    what: Literal[
        "greeting", "thanks", "help", "reset", "refused", "puzzled", "choices", "photo_needed",
        "nothing_erased", "picture_help",
    ]  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """Ask the one question that is open; the state's ``pending`` says which."""

    slot: str


@dataclass(frozen=True)
class Change:
    """Keep a look that was shown but for one piece; where it has none, one is added."""

    look: int | None
    """Index in the looks that were shown; None: nobody said which."""
    family: str
    """What shall change: a family, or ``bottom``."""


@dataclass(frozen=True)
class Recommend:
    """Show looks."""

    wanted: Slots
    change: Change | None = None
    draw: bool = False
    """The best one shall be made a picture, too."""
    variants: int = 1
    """So many pictures of it, to choose from."""
    refused: bool = False
    """The looks that were shown did not please."""
    notes: tuple[str, ...] = ()
    """What has to be said beside: ``style_open``, ``cheaper``, ``others``, …"""
    ask_gender: bool = False


@dataclass(frozen=True)
class Explain:
    """Tell why looks were shown."""

    look: int | None
    """Index in the looks that were shown; None: all of them."""


@dataclass(frozen=True)
class Draw:
    """Make a picture of a look."""

    look: int | None
    """Index in the looks that were shown; None: of what was said alone."""
    variants: int = 1


@dataclass(frozen=True)
class EditPicture:
    """Change the picture that is on the table."""

    changes: tuple[PictureChange, ...]
    of_color: str | None = None
    """The colour of the garment that is meant, where nothing else names it."""


@dataclass(frozen=True)
class Redraw:
    """Draw the same again, with other luck."""

    variants: int | None = None
    """None: as many as there are of it."""


@dataclass(frozen=True)
class UndoPicture:
    """Put the picture before on the table again."""

    to_first: bool = False


@dataclass(frozen=True)
class StopDrawing:
    """Call the picture off that is being drawn."""


@dataclass(frozen=True)
class TellTrend:
    """Answer from the counts."""

    about: Slots
    by: tuple[str, ...]
    """What the rows are told by."""
    period: Period | None
    compared_with: Period | None
    ahead: bool = False
    """It is asked about a time that is still to come."""


@dataclass(frozen=True)
class ShowPreferences:
    """Show what is known of the person."""


@dataclass(frozen=True)
class Remember:
    """Keep what the person says of themselves."""

    said: Slots


@dataclass(frozen=True)
class Forget:
    """Forget some of what is known; no value and no kind: everything."""

    values: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Like:
    """A look that was shown pleased."""

    look: int


@dataclass(frozen=True)
class TellPalette:
    """Show the colours of a season: one that was said just now, or the person's own."""

    season: str | None


@dataclass(frozen=True)
class AskQuiz:
    """Ask a question about the personal colour."""

    question: int
    """Index in the questions."""


@dataclass(frozen=True)
class JudgeQuiz:
    """Tell the season that the answers speak for."""

    answers: tuple[str, ...]


@dataclass(frozen=True)
class JudgeSelfie:
    """Tell the season that a photo speaks for."""

    photo_id: str


@dataclass(frozen=True)
class FindSimilar:
    """Show items like those on a photo."""

    photo_id: str
    wanted: Slots


Act = (
    Say
    | Ask
    | Recommend
    | Explain
    | Draw
    | EditPicture
    | Redraw
    | UndoPicture
    | StopDrawing
    | TellTrend
    | ShowPreferences
    | Remember
    | Forget
    | Like
    | TellPalette
    | AskQuiz
    | JudgeQuiz
    | JudgeSelfie
    | FindSimilar
)


@dataclass(frozen=True)
class Pointed:
    """What of which picture a person points at while they speak."""

    job_id: str
    variant: int = 1
    garment: int | None = None
    """Index in the variant's analysis; None: the whole of it."""


@dataclass(frozen=True)
class Heard:
    """One message: what it says and does, and what came with it."""

    understood: Understood
    moves: Moves
    photo_id: str | None = None
    quiz_length: int = 0
    """Questions about the personal colour that there are."""
    quiz_answer: str | None = None
    """Which answer to the pending question of the quiz it gives."""
    draws: bool = False
    """Somebody draws here: what is worn can be told in words alone."""
    of_picture: PictureMoves = field(default_factory=PictureMoves)
    pointed: Pointed | None = None
    """The picture that it is said of; the state has it on the table."""


@dataclass(frozen=True)
class Decision:
    """What to do, and where the conversation stands then."""

    state: State
    act: Act
    learned: tuple[tuple[str, Slots], ...] = field(default=())
    """What the message tells about the person, by source: ``answer``, ``feedback``."""
