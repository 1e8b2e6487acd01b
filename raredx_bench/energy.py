"""The energy that graphics processors take meanwhile, by NVML's own counters (package nvidia-ml-py, optional)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol


class Gpus(Protocol):
    """Graphics processors that count their energy."""

    def devices(self) -> Sequence[Any]:
        """Those that are visible; empty when none can be counted."""

    def millijoules(self, device: Any) -> int:
        """What one has taken since its driver was loaded."""


@dataclass
class Energy:
    """joules: what the visible processors took, whoever used them; None until it has ended, and where none counts."""

    joules: float | None = None


@contextmanager
def energy(gpus: Gpus | None = None) -> Iterator[Energy]:
    """Measures what goes on inside it; the number is there when it ends. gpus None: NVML's, where there are any.

    A counter's resolution is tens of milliseconds, so it says little of less than a second.
    """
    found = Energy()
    gpus = gpus or _nvml()
    before = _read(gpus)
    try:
        yield found
    finally:
        after = _read(gpus)
        if before and after and len(before) == len(after):
            spent = [late - early for early, late in zip(before, after, strict=True)]
            found.joules = sum(spent) / 1000 if min(spent) >= 0 else None  # a driver that is loaded anew counts from nought


def _read(gpus: Gpus | None) -> list[int] | None:
    """Each visible processor's counter; None where one can't be read: energy is never worth a run."""
    try:
        return [gpus.millijoules(device) for device in gpus.devices()] if gpus else None
    except Exception:
        return None


def _nvml() -> Gpus | None:
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # no package, no driver, no permission
        return None
    return Nvml(pynvml)


class Nvml:
    """NVIDIA's processors that CUDA_VISIBLE_DEVICES leaves; none where it names parts of one, which have no counter."""

    def __init__(self, pynvml: Any) -> None:
        self._pynvml = pynvml

    def devices(self) -> list[Any]:
        """Their handles. A number is taken in NVML's order, which is CUDA's where all are alike."""
        named = visible(os.environ.get("CUDA_VISIBLE_DEVICES"))
        if named is None:
            return [self._pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(self._pynvml.nvmlDeviceGetCount())]
        return [
            self._pynvml.nvmlDeviceGetHandleByIndex(int(each)) if each.isdigit() else self._pynvml.nvmlDeviceGetHandleByUUID(each)
            for each in named
        ]

    def millijoules(self, device: Any) -> int:
        """nvmlDeviceGetTotalEnergyConsumption, which processors since Volta have."""
        return int(self._pynvml.nvmlDeviceGetTotalEnergyConsumption(device))


def visible(setting: str | None) -> list[str] | None:
    """The processors that a value of CUDA_VISIBLE_DEVICES names, by number or UUID; None: all of them.

    CUDA reads it up to the first that doesn't exist ("-1"). Empty where it names a part of one (MIG).
    """
    if setting is None:
        return None
    found: list[str] = []
    for each in map(str.strip, setting.split(",")):
        if each.startswith("MIG"):
            return []
        if not (each.isdigit() or each.startswith("GPU-")):
            break
        found.append(each)
    return found
