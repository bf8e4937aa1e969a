"""How fast SDXL draws here, setting by setting, and what each setting changes in the picture.

    python -m tests.benchmarks.sdxl            # full size; needs a GPU with 20 GB
    python -m tests.benchmarks.sdxl --tiny     # the same on a CPU, in a minute

SDXL is built at its full size with random weights, so nothing is downloaded: how long a step takes
does not depend on the values. What a setting costs in picture difference does, so the last column
(PSNR against plain diffusers, by random weights) tells rounding from real changes and no more.
The rows share a process, emptied between them; where it fails, the next row gets a new one.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from services.generation.backends import Drawing
from services.generation.sdxl.loras import Layer, Lora, Use, Wardrobe
from services.generation.sdxl.models import Models, assemble, dtype
from services.generation.sdxl.settings import SdxlSettings
from services.generation.sdxl.studio import Studio
from shared.imaging import Pixels
from tests.samples import full_sdxl
from tests.samples.tiny_sdxl import build

PROMPT = "RAW photo, a korean woman wearing a white shirt and navy trousers, soft lighting"
NEGATIVE = "text, close up, cropped, out of frame, worst quality, low quality, blurry"
LONG_NEGATIVE = ", ".join([NEGATIVE] * 8)
PEAKS: Final = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12, "4090": 165e12}
"""Dense bf16, by the makers' data sheets."""


@dataclass(frozen=True)
class Row:
    """One line of the table: a name, the settings it changes, and what is drawn."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    batch: int = 1
    drawing: dict[str, Any] = field(default_factory=dict)
    plain: bool = False
    """Diffusers' own pipeline as its pages show it, none of our code."""
    lora: bool = False
    """Time also how long another LoRA takes to put on."""


EAGER: Final = {"sdxl_channels_last": False}
LAST: Final = {"sdxl_channels_last": True}
FUSED: Final = LAST | {"sdxl_fuse_qkv": True}
GRAPHS: Final = FUSED | {"sdxl_graphs": True}
REGIONAL: Final = GRAPHS | {"sdxl_compile": "regional"}
FULL: Final = GRAPHS | {"sdxl_compile": "full"}
SHORT: Final = {"sdxl_guidance_until": 0.5}
CACHED: Final = {"sdxl_cache_every": 2}
FAST: Final = {"preset": "fast"}


def rows(*, best: dict[str, Any], batches: list[int]) -> list[Row]:
    """Return what is measured: each step alone at one picture, then the best in batches."""
    return [
        Row("plain diffusers", plain=True),
        Row("ours, nothing set", EAGER),
        Row("+ channels last", LAST),
        Row("+ fused QKV", FUSED),
        Row("+ CUDA graphs", GRAPHS),
        Row("+ cuDNN attention", GRAPHS | {"sdxl_attention": "cudnn"}),
        Row("+ tuned convolutions", GRAPHS | {"sdxl_tune": True}),
        Row("+ regional compile, no graphs", FUSED | {"sdxl_compile": "regional"}),
        Row("+ regional compile", REGIONAL),
        Row("+ full compile, no graphs", FUSED | {"sdxl_compile": "full"}),
        Row("+ full compile", FULL),
        Row("best", best, lora=True),
        Row("best, prompts of 2 windows", best, drawing={"negative": LONG_NEGATIVE}),
        Row("best, guided for half of the steps", best | SHORT),
        Row("best, deep blocks every 2nd step", best | CACHED),
        Row("best, every 3rd step", best | {"sdxl_cache_every": 3}),
        Row("best, both", best | SHORT | CACHED),
        Row("plain diffusers, 4 steps unguided", drawing=FAST, plain=True),
        Row("best, 4 steps unguided", best, drawing=FAST),
        *(Row("plain diffusers", plain=True, batch=batch) for batch in batches),
        *(Row("best", best, batch=batch) for batch in batches),
        *(Row("best, both", best | SHORT | CACHED, batch=batch) for batch in batches[-1:]),
        *(Row("best, 4 steps unguided", best, batch, FAST) for batch in batches[-1:]),
    ]


# What one row measures -----------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """What came of a row."""

    seconds: float
    """A picture, in the median of several draws."""
    first: float
    """The first draw, compiling and all."""
    gigabytes: float
    teraflop: float
    """Work of a picture in UNet and VAE, counted."""
    lora: float | None = None
    """Seconds to put on another LoRA."""


def measure(row: Row, *, tiny: bool, steps: int, draws: int, keep: Path) -> Measured:
    """Draw ``row`` several times; its first picture goes to ``keep``."""
    settings = SdxlSettings(
        sdxl_loras={}, sdxl_fast_lora=None, sdxl_vae=None, sdxl_steps=steps, **row.settings
    )
    pipeline = _tiny(settings) if tiny else full_sdxl.build(dtype(settings))
    side = 64 if tiny else 1024
    asked = {"prompt": PROMPT, "negative": NEGATIVE, "preset": "quality"} | row.drawing
    drawings = [Drawing(**asked, seed=seed, width=side, height=side) for seed in range(row.batch)]
    if row.plain:
        draw = _plainly(pipeline, drawings, settings)
        models = None
    else:
        models = assemble(pipeline, None, settings, told={})
        studio = Studio(models, settings)
        draw = _ours(studio, drawings)
    first, pictures = _timed(draw)
    np.save(keep, pictures[0])
    _reset_peak()
    seconds = statistics.median(_timed(draw)[0] for _ in range(draws)) / row.batch
    peak = torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else 0.0
    work = 0.0 if models is None else _work(models, draw, side) / row.batch / 1e12
    lora = _lora_change(models, settings) if models and row.lora else None
    return Measured(seconds, first, peak, work, lora)


def _ours(studio: Studio, drawings: list[Drawing]) -> Callable[[], list[Pixels]]:
    return lambda: [drawn.pixels for drawn in studio.draw(drawings, watch=_Silent())]


def _plainly(
    pipeline: Any, drawings: list[Drawing], settings: SdxlSettings
) -> Callable[[], list[Pixels]]:
    from diffusers import LCMScheduler

    fast = drawings[0].preset == "fast"
    if fast:
        pipeline.scheduler = LCMScheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.to("cuda" if torch.cuda.is_available() else "cpu")

    def draw() -> list[Pixels]:
        drawn = pipeline(
            [drawing.prompt for drawing in drawings],
            negative_prompt=[drawing.negative for drawing in drawings],
            width=drawings[0].width,
            height=drawings[0].height,
            num_inference_steps=settings.sdxl_fast_steps if fast else settings.sdxl_steps,
            guidance_scale=1.0 if fast else settings.sdxl_guidance,
            generator=[torch.Generator().manual_seed(drawing.seed) for drawing in drawings],
            output_type="np",
        )
        return list(np.round(drawn.images * 255).astype(np.uint8))

    return draw


class _Silent:
    def step(self, number: int, steps: int, preview: object) -> None:
        """Watch nothing."""


def _timed(draw: Callable[[], list[Pixels]]) -> tuple[float, list[Pixels]]:
    start = time.perf_counter()
    pictures = draw()  # ends with pixels on the CPU, so the GPU is done
    return time.perf_counter() - start, pictures


def _reset_peak() -> None:
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()


def _work(models: Models, draw: Callable[[], Any], side: int) -> float:
    """Count the operations of one draw: those of each kind of call, times the calls."""
    from torch.utils.flop_counter import FlopCounterMode

    denoiser, calls = models.denoiser, {"all": 0, "outer": 0, "vae": 0}

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(sample: torch.Tensor, *rest: Any, **more: Any) -> Any:
            calls[name] += len(sample)
            return function(sample, *rest, **more)

        return call

    with (
        _put(denoiser, "_deep", counted("all", denoiser._deep)),
        _put(denoiser, "_shallow", counted("outer", denoiser._shallow)),
        _put(models.vae, "decode", counted("vae", models.vae.decode)),
    ):
        draw()
    one = _unet_inputs(models, side)
    costs = {}
    with torch.no_grad(), torch.compiler.set_stance("force_eager"):
        with FlopCounterMode(display=False) as counter:
            _, kept = denoiser._compute_all(*one)
        costs["all"] = counter.get_total_flops()
        with FlopCounterMode(display=False) as counter:
            denoiser._compute_outer(*one, kept)
        costs["outer"] = counter.get_total_flops()
        with FlopCounterMode(display=False) as counter:
            models.vae.decode(one[0])
        costs["vae"] = counter.get_total_flops()
    return float(sum(calls[name] * costs[name] for name in calls))


@contextmanager
def _put(thing: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(thing, name)
    setattr(thing, name, value)
    try:
        yield
    finally:
        setattr(thing, name, before)


def _unet_inputs(models: Models, side: int) -> tuple[torch.Tensor, ...]:
    encoded = models.encoders.encode(PROMPT)
    unet = models.denoiser.unet
    sample = torch.randn(1, 4, side // 8, side // 8, device=unet.device, dtype=unet.dtype)
    ids = torch.tensor([[side, side, 0, 0, side, side]], device=unet.device, dtype=unet.dtype)
    return sample, torch.tensor(500.0, device=unet.device), encoded.states, encoded.pooled, ids


def _lora_change(models: Models, settings: SdxlSettings) -> float:
    """Put a LoRA of rank 64 on every attention in place of another one."""
    unet = models.denoiser.unet
    layers = {}
    for name, module in unet.named_modules():
        if name.rpartition(".")[2] in ("to_q", "to_k", "to_v") or name.endswith("to_out.0"):
            outputs, inputs = module.weight.shape
            down, up = torch.randn(64, inputs) / 64, torch.randn(outputs, 64) / 64
            layers[name] = Layer(down, up, 1.0)
    wardrobe = Wardrobe(models.worn_by, settings)
    for name in ("one", "other"):
        wardrobe._read[name] = Lora(name, None, "", {"unet": layers})
    with torch.no_grad():
        wardrobe.wear([Use("one", 0.1)])
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        start = time.perf_counter()
        wardrobe.wear([Use("other", 0.1)])
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds = time.perf_counter() - start
        wardrobe.undress()
    return seconds


def _tiny(settings: SdxlSettings) -> Any:
    from diffusers import StableDiffusionXLPipeline

    with tempfile.TemporaryDirectory() as folder:
        base = build(Path(folder)).base
        return StableDiffusionXLPipeline.from_pretrained(base, dtype=dtype(settings))


# The table -----------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> None:
    """Measure every row and print the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tiny", action="store_true", help="a tiny SDXL, also without a GPU")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--draws", type=int, default=3, help="timed draws of each row")
    parser.add_argument("--batches", type=int, nargs="*", default=[2, 4, 8])
    parser.add_argument("--rows", nargs="*", help="only rows whose name holds one of these words")
    parser.add_argument("--best", choices=["graphs", "regional", "full"], default="regional")
    parser.add_argument("--cudnn", action="store_true", help="cuDNN's attention in the best rows")
    parser.add_argument("--minutes", type=float, default=60, help="begin no row after that")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.work:
        _work_off(json.loads(options.work))
        return
    chip, peak = _chip()
    size = "64x64, a tiny SDXL" if options.tiny else "1024x1024"
    print(f"{chip}, torch {torch.__version__}, {size}, {options.steps} steps")
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        table = Table(peak)
        for row, got in _measured(_chosen(options), options, Path(folder)):
            print(got if isinstance(got, str) else table.line(row, got), flush=True)


def _chosen(options: argparse.Namespace) -> list[Row]:
    best = {"graphs": GRAPHS, "regional": REGIONAL, "full": FULL}[options.best]
    best = best | ({"sdxl_attention": "cudnn"} if options.cudnn else {})
    chosen = [
        row
        for row in rows(best=best, batches=options.batches)
        if not options.rows or any(word in row.name for word in options.rows)
    ]
    if torch.cuda.is_available():
        return chosen
    # To compile for a CPU would measure nothing that anyone uses.
    return [_without_compiling(row) for row in chosen if "compile" not in row.name]


def _without_compiling(row: Row) -> Row:
    kept = {name: value for name, value in row.settings.items() if name != "sdxl_compile"}
    return replace(row, settings=kept)


@dataclass(frozen=True)
class Got:
    """A row's measures, and its picture."""

    measured: Measured
    picture: Pixels


def _measured(
    chosen: list[Row], options: argparse.Namespace, folder: Path
) -> Iterator[tuple[Row, Got | str]]:
    """Measure in a process beside this one; where it dies, the next row gets a new one."""
    end = time.monotonic() + 60 * options.minutes
    how = {"tiny": options.tiny, "steps": options.steps, "draws": options.draws}
    at = 0
    while at < len(chosen):
        asked = how | {"rows": [vars(row) for row in chosen[at:]], "folder": str(folder)}
        command = [sys.executable, "-m", "tests.benchmarks.sdxl", "--work", json.dumps(asked)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                if not line.startswith("{"):
                    continue
                told = json.loads(line)
                row, at = chosen[at], at + 1
                if "failed" in told:
                    yield row, f"{row.name:36}{row.batch:6}  failed: {told['failed']}"
                else:
                    yield row, Got(Measured(**told), np.load(folder / "picture.npy"))
                if time.monotonic() > end or "failed" in told:
                    worker.terminate()
                    break
            else:
                if worker.wait() and at < len(chosen):
                    row, at = chosen[at], at + 1
                    yield row, f"{row.name:36}{row.batch:6}  failed: its process died"
        if time.monotonic() > end:
            for row in chosen[at:]:
                yield row, f"{row.name:36}{row.batch:6}  not measured: no time left"
            return


def _work_off(asked: dict[str, Any]) -> None:
    """Measure rows one after the other, a line of JSON for each."""
    folder = Path(asked.pop("folder"))
    for fields in asked.pop("rows"):
        try:
            told = vars(measure(Row(**fields), keep=folder / "picture.npy", **asked))
        except Exception as error:  # a table with a hole is worth more than none
            words = (str(error).strip().splitlines() or [""])[0][:100]
            told = {"failed": f"{type(error).__name__}: {words}"}
        print(json.dumps(told), flush=True)
        _clean_up()


def _clean_up() -> None:
    gc.collect()
    torch._dynamo.reset()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


HEAD: Final = (
    f"{'':36}{'batch':>6}{'s/image':>9}{'x plain':>9}{'first s':>9}{'GB':>7}{'TFLOP':>8}"
    f"{'peak %':>8}{'PSNR':>7}{'LoRA s':>8}"
)


class Table:
    """Sets rows beside what plain diffusers drew of the same."""

    def __init__(self, peak: float | None) -> None:
        """Know the chip's operations a second; None: unknown."""
        self._peak = peak
        self._plain: dict[tuple[str, int], Measured] = {}
        self._pictures: dict[str, Pixels] = {}

    def line(self, row: Row, got: Got) -> str:
        """Return a line of the table."""
        kind, measured = row.drawing.get("preset", "quality"), got.measured
        if row.plain:
            self._plain[kind, row.batch] = measured
            self._pictures[kind] = got.picture
        plain, picture = self._plain.get((kind, row.batch)), self._pictures.get(kind)
        ratio = f"{plain.seconds / measured.seconds:.2f}" if plain else ""
        near = "" if picture is None else f"{psnr(picture, got.picture):.1f}"
        work = f"{measured.teraflop:.1f}" if measured.teraflop else ""
        share = ""
        if self._peak and work:
            share = f"{100e12 * measured.teraflop / measured.seconds / self._peak:.0f}"
        lora = "" if measured.lora is None else f"{measured.lora:.3f}"
        return (
            f"{row.name:36}{row.batch:6}{measured.seconds:9.3f}{ratio:>9}{measured.first:9.1f}"
            f"{measured.gigabytes:7.1f}{work:>8}{share:>8}{near:>7}{lora:>8}"
        )


def _chip() -> tuple[str, float | None]:
    if not torch.cuda.is_available():
        return "CPU", None
    name = torch.cuda.get_device_name()
    return name, next((peak for part, peak in PEAKS.items() if part in name), None)


def psnr(left: Pixels, right: Pixels) -> float:
    """Return the peak signal-to-noise ratio in dB, 99 at most."""
    error = float(np.square(left.astype(float) - right).mean())
    return 99.0 if error == 0 else min(99.0, 10 * float(np.log10(255**2 / error)))


if __name__ == "__main__":
    main()
