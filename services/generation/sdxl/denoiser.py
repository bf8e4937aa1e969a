"""The UNet at work: compiled, replayed as a CUDA graph, its deep part kept between steps.

Deep features change little from one step to the next (DeepCache, Ma and others 2023, CVPR 2024):
every n-th step computes the whole UNet and keeps what enters its last block; the steps between
compute only the first and the last block: 0.45 of SDXL's 6.76 TFLOP at 1024 x 1024.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from services.generation.sdxl.settings import SdxlSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

_MOST_GRAPHS: Final = 6
"""Each holds the activations of one picture size and batch."""
_MOST_SHAPES: Final = 128
"""So many are compiled for: sizes of pictures, of batches, of prompts, guided or not."""


class Denoiser:
    """Takes the place of a UNet's ``forward``; the UNet stays what pipelines know."""

    def __init__(self, unet: Any, settings: SdxlSettings) -> None:
        """Make ``unet`` ready as the settings say; nothing is compiled before the first step."""
        self.unet = unet
        self._every = settings.sdxl_cache_every
        self._step = 0
        self._kept: torch.Tensor | None = None
        self._deep: Callable[..., Any] = self._compute_all
        self._shallow: Callable[..., Any] = self._compute_outer
        self._ready(settings)
        unet.forward = self._forward

    def _ready(self, settings: SdxlSettings) -> None:
        import torch

        if settings.sdxl_fuse_qkv:
            self.unet.fuse_qkv_projections()
        if settings.sdxl_channels_last:
            self.unet.to(memory_format=torch.channels_last)
        if settings.sdxl_compile != "off":
            torch._dynamo.config.recompile_limit = _MOST_SHAPES
        if settings.sdxl_compile == "regional":
            self.unet.compile_repeated_blocks(fullgraph=True, dynamic=False)
        elif settings.sdxl_compile == "full":
            self._deep = torch.compile(self._deep, dynamic=False)
            self._shallow = torch.compile(self._shallow, dynamic=False)
        if settings.sdxl_graphs and self.unet.device.type == "cuda":
            pool = torch.cuda.graph_pool_handle()
            self._deep, self._shallow = Graphs(self._deep, pool), Graphs(self._shallow, pool)

    @contextmanager
    def picture(self) -> Iterator[None]:
        """Draw one batch in here: nothing is kept from the one before."""
        self._step, self._kept = 0, None
        try:
            yield
        finally:
            self._kept = None

    def _forward(
        self,
        sample: torch.Tensor,
        timestep: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        *,
        added_cond_kwargs: dict[str, torch.Tensor],
        **_: Any,
    ) -> tuple[torch.Tensor]:
        """Stand in for ``UNet2DConditionModel.forward`` as SDXL's pipelines call it."""
        time = timestep.to(device=sample.device).float()
        added = (added_cond_kwargs["text_embeds"], added_cond_kwargs["time_ids"])
        given = (sample, time, encoder_hidden_states, *added)
        fits = self._kept is not None and self._kept.shape[0] == sample.shape[0]
        if fits and self._step % self._every:
            noise = self._shallow(*given, self._kept)[0]
        else:  # also where guidance ended, and the batch is half as large
            self._step = 0
            noise, kept = self._deep(*given)
            self._kept = kept if self._every > 1 else None
        self._step += 1
        return (noise,)

    def _compute_all(
        self,
        sample: torch.Tensor,
        time: torch.Tensor,
        states: torch.Tensor,
        text_embeds: torch.Tensor,
        time_ids: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the noise, and what enters the last block."""
        unet = self.unet
        embedding = self._embedding(sample, time, states, text_embeds, time_ids)
        sample = unet.conv_in(sample)
        skips: tuple[torch.Tensor, ...] = (sample,)
        for block in unet.down_blocks:
            reads = {"encoder_hidden_states": states} if _attends(block) else {}
            sample, more = block(hidden_states=sample, temb=embedding, **reads)
            skips += more
        sample = unet.mid_block(sample, embedding, encoder_hidden_states=states)
        for block in unet.up_blocks[:-1]:
            reads = {"encoder_hidden_states": states} if _attends(block) else {}
            used, skips = skips[-len(block.resnets) :], skips[: -len(block.resnets)]
            sample = block(
                hidden_states=sample,
                temb=embedding,
                res_hidden_states_tuple=used,
                # Sides that the UNet cannot halve: double up to what there was, not to twice.
                upsample_size=skips[-1].shape[2:],
                **reads,
            )
        return self._end(sample, embedding, skips), sample

    def _compute_outer(
        self,
        sample: torch.Tensor,
        time: torch.Tensor,
        states: torch.Tensor,
        text_embeds: torch.Tensor,
        time_ids: torch.Tensor,
        kept: torch.Tensor,
    ) -> tuple[torch.Tensor]:
        """Return the noise by the first and the last block alone."""
        unet = self.unet
        embedding = self._embedding(sample, time, states, text_embeds, time_ids)
        sample = unet.conv_in(sample)
        skips: tuple[torch.Tensor, ...] = (sample,)
        for resnet in unet.down_blocks[0].resnets:
            sample = resnet(sample, embedding)
            skips += (sample,)
        return (self._end(kept, embedding, skips),)

    def _embedding(
        self,
        sample: torch.Tensor,
        time: torch.Tensor,
        states: torch.Tensor,
        text_embeds: torch.Tensor,
        time_ids: torch.Tensor,
    ) -> torch.Tensor:
        unet = self.unet
        embedding: torch.Tensor = unet.time_embedding(unet.get_time_embed(sample, time))
        added = {"text_embeds": text_embeds, "time_ids": time_ids}
        return embedding + unet.get_aug_embed(embedding, states, added)

    def _end(
        self, sample: torch.Tensor, embedding: torch.Tensor, skips: tuple[torch.Tensor, ...]
    ) -> torch.Tensor:
        unet = self.unet
        last = unet.up_blocks[-1]
        used = skips[-len(last.resnets) :]
        sample = last(hidden_states=sample, temb=embedding, res_hidden_states_tuple=used)
        noise: torch.Tensor = unet.conv_out(unet.conv_act(unet.conv_norm_out(sample)))
        return noise


def _attends(block: Any) -> bool:
    return bool(getattr(block, "has_cross_attention", False))


class Graphs:
    """Replays a function as a CUDA graph, one for each set of shapes; the oldest are dropped.

    A replay costs no Python and no launches. Weights may change between replays, in place only.
    """

    def __init__(self, function: Callable[..., Any], pool: Any) -> None:
        """Wrap ``function`` of tensors, which returns a tuple of tensors.

        Graphs of one ``pool`` share their memory: none may run while another one does.
        """
        self._function = function
        self._pool = pool
        self._recorded: OrderedDict[Any, tuple[Any, list[Any], Any]] = OrderedDict()

    def __call__(self, *given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Compute the function; the result stays valid when it is computed again."""
        key = tuple((tensor.shape, tensor.dtype) for tensor in given)
        if key not in self._recorded:
            self._recorded[key] = self._record(given)
        self._recorded.move_to_end(key)
        while len(self._recorded) > _MOST_GRAPHS:
            self._recorded.popitem(last=False)
        graph, inputs, outputs = self._recorded[key]
        for place, tensor in zip(inputs, given, strict=True):
            place.copy_(tensor)
        graph.replay()
        return tuple(output.clone() for output in outputs)

    def _record(self, given: tuple[torch.Tensor, ...]) -> tuple[Any, list[Any], Any]:
        import torch

        inputs = [tensor.clone() for tensor in given]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):  # compile and choose kernels before anything is recorded
            for _ in range(2):
                self._function(*inputs)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        # Another thread may look at a preview meanwhile; that is not to be recorded.
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            outputs = self._function(*inputs)
        return graph, inputs, outputs
