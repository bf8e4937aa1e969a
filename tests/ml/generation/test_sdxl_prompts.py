"""Prompts as SDXL's encoders read them: like diffusers where it can, whole where it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import torch

from services.generation.sdxl.prompt import Encoders

if TYPE_CHECKING:
    from tests.samples.tiny_sdxl import TinySdxl

pytestmark = [
    pytest.mark.ml,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SHORT = "RAW photo, a korean woman wearing a white shirt"
LONG = ", ".join(f"a {color} coat" for color in ("black", "white", "navy", "red", "blue") * 12)


@pytest.fixture(scope="module")
def pipeline(tiny: TinySdxl) -> Any:
    from diffusers import StableDiffusionXLPipeline

    return StableDiffusionXLPipeline.from_pretrained(tiny.base)


@pytest.fixture(scope="module")
def encoders(pipeline: Any) -> Encoders:
    first = (pipeline.tokenizer, pipeline.text_encoder)
    return Encoders(first, (pipeline.tokenizer_2, pipeline.text_encoder_2))


@pytest.fixture(autouse=True)
def no_gradients() -> Any:
    with torch.no_grad():
        yield


def test_a_short_prompt_gives_the_numbers_of_diffusers(pipeline: Any, encoders: Encoders) -> None:
    for prompt in (SHORT, "", "한국 여자, éü ~!"):
        theirs, _, pooled, _ = pipeline.encode_prompt(prompt)
        ours = encoders.encode(prompt)
        assert torch.equal(ours.states, theirs)
        assert torch.equal(ours.pooled, pooled)
        assert ours.count.windows == 1
        assert ours.count.dropped == 0


def test_a_long_prompt_is_read_to_its_end(encoders: Encoders) -> None:
    whole = encoders.encode(LONG)
    assert whole.count.tokens > 77
    assert whole.count.dropped == 0
    assert whole.states.shape == (1, 77 * whole.count.windows, 56)
    shorter = encoders.encode(LONG.removesuffix(", a blue coat"))
    start = encoders.encode(LONG[: LONG.index(",", 60)])
    assert not torch.equal(whole.states[:, -77:], shorter.states[:, -77:])
    # The first window alone decides the pooled state, and no window reads another.
    assert torch.equal(whole.states[:, :77], shorter.states[:, :77])
    assert not torch.equal(whole.pooled, start.pooled)


def test_what_does_not_fit_eight_windows_is_counted(encoders: Encoders) -> None:
    count = encoders.encode("coat, " * 800).count
    assert count.windows == 8
    assert 0 < count.dropped < count.tokens


def test_windows_that_are_not_needed_are_empty_ones(encoders: Encoders) -> None:
    empty = encoders.encode("")
    wide = encoders.encode(SHORT, windows=3)
    assert wide.count.windows == 3
    assert torch.equal(wide.states[:, :77], encoders.encode(SHORT).states)
    assert torch.equal(wide.states[:, 77:154], empty.states)


def test_a_weight_moves_a_state_away_from_that_of_nothing(encoders: Encoders) -> None:
    empty, plain = encoders.encode("").states, encoders.encode("a red coat").states
    for weight in (0.0, 0.5, 1.3):
        weighed = encoders.encode(f"a (red:{weight}) coat").states
        # Start, "a", then "red".
        wanted = empty[:, 2] + weight * (plain[:, 2] - empty[:, 2])
        assert torch.allclose(weighed[:, 2], wanted, atol=1e-5)
        assert torch.equal(weighed[:, 3], plain[:, 3])
    assert torch.equal(encoders.encode("a (red:1.0) coat").states, plain)


def test_weights_above_one_are_those_of_compel(pipeline: Any, encoders: Encoders) -> None:
    compel = pytest.importorskip("compel")
    theirs = compel.Compel(
        tokenizer=[pipeline.tokenizer, pipeline.tokenizer_2],
        text_encoder=[pipeline.text_encoder, pipeline.text_encoder_2],
        returned_embeddings_type=(
            compel.ReturnedEmbeddingsType.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED
        ),
        requires_pooled=[False, True],
    )
    states, _ = theirs("a (red)1.3 coat")
    assert torch.allclose(encoders.encode("a (red:1.3) coat").states, states, atol=1e-4)
