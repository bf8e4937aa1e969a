"""Who asks for a GPU that is not there is told so before anything long begins."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from shared.devices import gpu_memory, usable_device
from shared.errors import UsageError


def named(name: str) -> SimpleNamespace:
    """Read a device's name as torch does."""
    kind, _, index = name.partition(":")
    if kind not in ("cpu", "cuda"):
        raise RuntimeError(f"Expected one of cpu, cuda device type at start of string: {name}")
    return SimpleNamespace(type=kind, index=int(index) if index else None)


@pytest.fixture
def gpus(monkeypatch):
    """Stand in for torch on a machine with so many GPUs: the tests have none, and no torch."""

    def install(count: int) -> None:
        cuda = SimpleNamespace(device_count=lambda: count)
        torch = SimpleNamespace(device=named, cuda=cuda, __version__="2.14.1")
        monkeypatch.setitem(sys.modules, "torch", torch)

    return install


def test_what_is_there_is_used(gpus):
    gpus(2)
    assert [usable_device(name) for name in ("cpu", "cuda", "cuda:1")] == ["cpu", "cuda", "cuda:1"]


@pytest.mark.parametrize(("count", "name"), [(0, "cuda"), (0, "cuda:0"), (1, "cuda:1")])
def test_a_gpu_that_is_not_there_is_refused_in_both_languages(gpus, count, name):
    gpus(count)
    with pytest.raises(UsageError, match=f"{name}: torch 2.14.1 sees {count} GPUs") as refused:
        usable_device(name)
    assert "nvidia-smi" in refused.value.text
    assert f"GPU는 {count}개입니다" in refused.value.text_ko


def test_a_misspelt_device_is_refused(gpus):
    gpus(1)
    with pytest.raises(UsageError, match="coda: no device of torch's; choose cpu, cuda or cuda:1"):
        usable_device("coda")


def test_memory_is_told_of_the_gpus_that_this_process_uses(monkeypatch):
    cuda = SimpleNamespace(
        is_initialized=lambda: True,
        device_count=lambda: 2,
        memory_reserved=lambda number: [0, 300][number],
        max_memory_reserved=lambda number: [0, 500][number],
        mem_get_info=lambda number: (100, 1000),
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert gpu_memory() == {"used": 300, "peak": 500, "total": 1000}


def test_no_memory_is_told_where_no_gpu_is_used(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert gpu_memory() is None
    assert "torch" not in sys.modules
    cuda = SimpleNamespace(is_initialized=lambda: False)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert gpu_memory() is None
