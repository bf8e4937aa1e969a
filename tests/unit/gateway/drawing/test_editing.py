"""A change in words -> the wish for the changed picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.chat.domain import VALUES
from services.gateway.drawing.editing import Change, Source, edited, target
from services.gateway.drawing.texts import fault_text
from shared.contracts.garments import Color, Garment, Rle
from shared.contracts.generation import Edit, LookWish, Scene, WornGarment
from shared.contracts.vocabulary import BASIC_COLORS, CATEGORIES, FAMILY_OF, PATTERNS

PARENT = "0" * 32
JACKET = WornGarment(category="long_sleeved_outwear", color="beige", hex="#d8c3a0", words="wool")
SKIRT = WornGarment(category="skirt", color="navy", pattern="checked", words="pleated")
WISH = LookWish(
    backend="openai", wear=(JACKET, SKIRT), words="in a park", variants=3, seed=4,
    scene=Scene(gender="women"), priority="batch",
)  # fmt: skip


def garment(category: str, color: str = "red", score: float = 0.9) -> Garment:
    seen = Color(name=color, name_ko=color, basic=color, hex="#c8202c", share=1)
    return Garment(
        category=category, score=score, box=(0, 0, 9, 9), mask=Rle(size=(9, 9), counts=""),
        area=9, pattern="solid", colors=(seen,),
    )  # fmt: skip


SEEN = (garment("skirt"), garment("long_sleeved_shirt"), garment("long_sleeved_outwear"))


def change(seen: tuple[Garment, ...] = SEEN, **what: object) -> LookWish:
    return edited(Source(PARENT, 2, WISH, seen), Change(**what))  # type: ignore[arg-type]


def test_one_garment_gets_another_colour_and_nothing_else_changes():
    after = change(item="outer", color="white")
    assert after.wear == (JACKET.model_copy(update={"color": "white", "hex": None}), SKIRT)
    assert after.edit == Edit(of=PARENT, variant=2, garment=2)
    assert (after.seed, after.variants, after.priority) == (4, 1, "interactive")
    assert (after.words, after.scene) == (WISH.words, WISH.scene)


def test_a_skirt_becomes_trousers_of_its_colour():
    after = change(item="skirt", becomes="trousers")
    assert after.wear[1] == WornGarment(category="trousers", color="navy", pattern="checked")
    assert after.edit is not None and after.edit.garment == 0


def test_trousers_are_worn_instead_of_the_skirt_that_is_seen():
    after = change(item="trousers", becomes="trousers", color="black")
    assert [one.category for one in after.wear] == ["long_sleeved_outwear", "trousers"]
    assert after.edit is not None and after.edit.garment == 0


DRESS = WornGarment(category="long_sleeved_dress", color="pink", pattern="floral")


@pytest.mark.parametrize("seen", [(), (garment("vest_dress"),)])
@pytest.mark.parametrize("item", ["skirt", "trousers", "bottom"])
def test_trousers_take_the_place_of_a_dress_with_a_top_above_them(seen, item):
    wish = WISH.model_copy(update={"wear": (DRESS, JACKET)})
    after = edited(Source(PARENT, 1, wish, seen), Change(item=item, becomes="trousers"))
    worn = [one.category for one in after.wear]
    assert worn == ["trousers", "long_sleeved_outwear", "long_sleeved_shirt"]
    assert after.edit is not None and after.edit.garment == (0 if seen else None)


def test_what_the_model_chose_itself_becomes_part_of_what_is_worn():
    after = change(item="top", pattern="striped")
    assert after.wear[2] == WornGarment(
        category="long_sleeved_shirt", color="red", hex="#c8202c", pattern="striped"
    )


def test_what_nobody_sees_is_drawn_with_the_whole_look():
    after = change(item="dress", becomes="dress", color="red")
    assert after.edit is not None and after.edit.garment is None
    assert after.wear[-1].category == "long_sleeved_dress"
    summer = edited(
        Source(PARENT, 1, WISH.model_copy(update={"scene": Scene(season="summer")})),
        Change(item="dress", becomes="dress"),
    )
    assert summer.wear[-1].category == "short_sleeved_dress"


def test_a_garment_is_taken_off():
    after = change(item="outer", drop=True)
    assert after.wear == (SKIRT,)
    assert after.edit is not None and after.edit.garment == 2


def test_a_sure_garment_is_meant_rather_than_a_weak_one():
    seen = (garment("short_sleeved_shirt", score=0.1), garment("long_sleeved_shirt", score=0.8))
    assert target(seen, Change(item="top")) == 1
    assert target(seen[:1], Change(item="top")) == 0
    assert target(seen, Change(item="skirt", becomes="skirt")) is None


def test_a_whole_look_keeps_what_is_worn():
    after = change(words="brighter", scene=Scene(season="spring"), strength=0.4)
    assert after.wear == WISH.wear and after.words == "in a park, brighter"
    assert after.scene == Scene(gender="women", season="spring")
    assert after.edit == Edit(of=PARENT, variant=2, strength=0.4)


WORDS = st.sampled_from(VALUES["item"])
CHANGES = st.builds(
    Change,
    item=st.none() | WORDS,
    becomes=st.none() | WORDS,
    color=st.none() | st.sampled_from(BASIC_COLORS),
    pattern=st.none() | st.sampled_from(PATTERNS),
    details=st.text("ab ,", max_size=80),
    drop=st.booleans(),
    words=st.text("ab ,", max_size=600),
)
LOOKS = st.lists(st.sampled_from(CATEGORIES), max_size=6)


@given(changes=st.lists(CHANGES, max_size=6), seen=LOOKS, worn=LOOKS)
def test_any_changes_one_after_the_other_give_a_wish_that_can_be_sent(changes, seen, worn):
    look = LookWish(
        backend="sdxl", words="x", wear=tuple(WornGarment(category=one) for one in worn)
    )
    for one in changes:
        look = edited(Source(PARENT, 1, look, tuple(map(garment, seen))), one)
        again = LookWish.model_validate(look.model_dump())
        assert again == look
        if one.of_a_garment and one.becomes and not one.drop:
            family = FAMILY_OF.get(one.becomes, one.becomes)
            families = {FAMILY_OF[w.category] for w in look.wear}
            assert family in families or family == "bottom"


FAULTS = {
    ("missing", None, None): (
        "치마: 그림에서 보이지 않아요",
        "skirt: not to be seen in the picture",
    ),
    ("color", "navy #1c2850", "gray #8c8c8c, blue #2858b4; CIEDE2000 31"): (
        "치마: 남색으로 부탁했는데 회색, 파랑으로 보여요",
        "skirt: looks gray, blue where navy was asked for",
    ),
    ("cropped", "feet", "cut off"): ("발이 잘렸어요", "feet: cut off"),
    ("people", "1", "2"): ("한 사람만 나와야 하는데 2명이 보여요", "2 people are seen, not one"),
    ("new_kind", None, None): (
        "부탁한 것과 다른 점이 있어요",
        "something is not as it was asked for",
    ),
}


@pytest.mark.parametrize(("fault", "said"), FAULTS.items(), ids=str)
def test_faults_are_told_in_words(fault, said):
    kind, asked, seen = fault
    told = {"kind": kind, "garment": 1, "asked": asked, "seen": seen}
    assert (fault_text(told, WISH.wear, "ko"), fault_text(told, WISH.wear, "en")) == said
