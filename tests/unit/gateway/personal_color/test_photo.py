"""A selfie is judged in plain light, and refused with what helps in any other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from services.gateway.personal_color.domain import Judgement
from services.gateway.personal_color.photo import from_photo
from shared.contracts.vocabulary import SEASONS
from shared.faces import Face, open_finder
from shared.imaging import Pixels, resize_to
from tests.samples import selfies

SIDE = 560


@pytest.fixture(scope="module")
def selfie() -> Pixels:
    return selfies.open_selfie("P009", side=SIDE)


@pytest.fixture(scope="module")
def face(selfie: Pixels) -> Face:
    return open_finder().faces(selfie)[0]


@dataclass
class Known:
    """A finder that has found the face before."""

    face: Face

    def faces(self, _: Pixels) -> tuple[Face, ...]:
        return (self.face,)


def judge(photo: Pixels, face: Face | None = None) -> Judgement:
    return from_photo(photo, finder=Known(face) if face else open_finder())


def code(photo: Pixels, face: Face | None = None) -> str | None:
    reason = judge(photo, face).reason
    return reason.code if reason else None


def apart(one: Judgement, other: Judgement) -> float:
    assert one.seasons is not None and other.seasons is not None
    return sum(abs(one.seasons[name] - other.seasons[name]) for name in SEASONS) / 2


@pytest.mark.parametrize("person", ["P003", "P006"])
def test_portrait_in_plain_light_is_judged(person: str):
    judged = judge(selfies.open_selfie(person, side=SIDE))
    assert judged.reason is None
    assert judged.seasons is not None and judged.skin is not None
    assert sum(judged.seasons.values()) == pytest.approx(1)
    assert max(judged.seasons.values()) < 0.7
    assert 45 < judged.skin.hue < 70
    assert abs(judged.skin.cast) < 0.2


def test_photo_without_a_face_is_refused():
    assert code(np.full((400, 300, 3), 180, np.uint8)) == "no_face"


def test_photo_of_two_people_is_refused(selfie: Pixels):
    other = selfies.open_selfie("P001", side=SIDE)
    assert code(np.concatenate([selfie, other], axis=1)) == "several_faces"


def test_small_face_is_refused(selfie: Pixels):
    assert code(resize_to(selfie, max_side=140)) == "face_too_small"


def test_face_seen_from_the_side_is_refused(selfie: Pixels):
    turned = np.rot90(selfie)
    assert code(np.ascontiguousarray(turned)) in ("turned_away", "no_face")


def test_dark_photo_is_refused(selfie: Pixels, face: Face):
    assert code(selfies.exposed(selfie, -4.5), face) == "too_dark"


def test_overexposed_skin_is_refused(selfie: Pixels, face: Face):
    assert code(selfies.exposed(selfie, 2.5), face) == "too_bright"


def test_light_from_one_side_is_refused(selfie: Pixels, face: Face):
    assert code(selfies.lit_from_the_side(selfie, face, 2), face) == "uneven_light"


@pytest.mark.parametrize(("warm", "magenta"), [(-0.8, 0.0), (0.8, 0.0), (0.0, 0.4), (0.0, -0.4)])
def test_coloured_light_is_refused(selfie: Pixels, face: Face, warm: float, magenta: float):
    lit = selfies.tinted(selfies.exposed(selfie, -0.5), warm=warm, magenta=magenta)
    assert code(lit, face) == "color_cast"


def test_photo_without_colour_is_refused(selfie: Pixels, face: Face):
    assert code(selfies.grayed(selfie), face) == "black_and_white"


def test_smoothed_skin_is_refused(selfie: Pixels, face: Face):
    assert code(selfies.smoothed(selfie, face), face) == "filtered"


def test_masked_face_is_refused(selfie: Pixels, face: Face):
    masked = selfie.copy()
    x0, _, x1, y1 = (round(value) for value in face.box)
    from_here = round(face.eyes[0][1] + 0.2 * (face.mouth[0][1] - face.eyes[0][1]))
    masked[from_here:y1, x0:x1] = 235
    assert code(masked, face) in ("covered", "strange_color")


def test_hair_over_one_cheek_is_refused_and_a_fringe_is_not(selfie: Pixels, face: Face):
    x0, y0, x1, y1 = (round(value) for value in face.box)
    cheek, fringe = selfie.copy(), selfie.copy()
    cheek[y0:y1, x0 : x0 + (x1 - x0) // 3] = (18, 14, 12)
    fringe[y0 : round(face.eyes[0][1]) - (x1 - x0) // 8, x0:x1] = (18, 14, 12)
    assert code(cheek, face) == "covered"
    assert apart(judge(selfie, face), judge(fringe, face)) < 0.12


@pytest.mark.parametrize(
    "change",
    [
        lambda photo: selfies.exposed(photo, -1),
        lambda photo: selfies.tinted(photo, warm=0.2),
        lambda photo: selfies.tinted(photo, warm=-0.2),
        selfies.compressed,
    ],
    ids=["darker", "warmer", "cooler", "compressed"],
)
def test_light_that_a_camera_may_give_moves_the_answer_little(selfie: Pixels, face: Face, change):
    assert apart(judge(selfie, face), judge(change(selfie), face)) < 0.12


def test_mirrored_photo_says_the_same(selfie: Pixels):
    assert apart(judge(selfie), judge(np.ascontiguousarray(np.fliplr(selfie)))) < 0.12


def test_darker_skin_is_not_called_autumn_or_winter_for_it(selfie: Pixels, face: Face):
    before, after = judge(selfie, face), judge(selfies.darkened(selfie, face, 1.5), face)
    assert before.skin is not None and after.skin is not None
    assert after.skin.ita < before.skin.ita - 30
    deep = [judged.seasons["autumn"] + judged.seasons["winter"] for judged in (before, after)
            if judged.seasons]  # fmt: skip
    assert abs(deep[1] - deep[0]) < 0.15
