"""Which pictures are learned from when is known from the seed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.generation.lora.dataset import Entry
from services.generation.lora.order import Order, hold_out


def entries(groups):
    return [Entry(file_name=f"{at}.jpg", text="x", group=group) for at, group in enumerate(groups)]


@given(st.lists(st.sampled_from([None, "kim", "lee", "park"]), min_size=2), st.integers(0, 9))
def test_an_author_is_learned_from_or_held_out(groups, seed):
    learned, held = hold_out(entries(groups), share=0.2, seed=seed)
    assert sorted(learned + held) == list(range(len(groups)))
    both = {groups[at] for at in learned} & {groups[at] for at in held}
    assert both <= {None}
    assert learned


@given(st.integers(2, 60), st.integers(0, 9))
def test_something_is_held_out_however_few_there_are(count, seed):
    _, held = hold_out(entries([None] * count), share=0.1, seed=seed)
    assert len(held) == max(1, round(0.1 * count))


def test_nothing_is_held_out_where_nothing_shall_be():
    assert hold_out(entries([None] * 5), share=0.0, seed=0) == ([0, 1, 2, 3, 4], [])


def test_a_new_picture_moves_few_others():
    few, more = entries([None] * 40), entries([None] * 41)
    held = {few[at].file_name for at in hold_out(few, share=0.1, seed=0)[1]}
    now = {more[at].file_name for at in hold_out(more, share=0.1, seed=0)[1]}
    assert len(held & now) >= len(held) - 1


SIZES = st.lists(st.sampled_from([(8, 8), (8, 16), (16, 8)]), min_size=1, max_size=30)


@given(SIZES, st.integers(1, 5), st.integers(0, 3))
def test_every_epoch_shows_each_picture_once_in_batches_of_one_size(sizes, batch, seed):
    order = Order(tuple(sizes), batch, seed)
    for epoch in range(2):
        start = epoch * order.per_epoch
        batches = [order.at(start + at) for at in range(order.per_epoch)]
        assert sorted(at for each in batches for at in each) == list(range(len(sizes)))
        assert all(len({sizes[at] for at in each}) == 1 <= len(each) <= batch for each in batches)


def test_epochs_differ_and_repeat_by_seed():
    order = Order(((8, 8),) * 20, 1, 7)
    first, second = ([order.at(start + at) for at in range(20)] for start in (0, 20))
    assert first != second
    assert first == [Order(((8, 8),) * 20, 1, 7).at(at) for at in range(20)]
