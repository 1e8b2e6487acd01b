"""Packages that only some commands need."""

from __future__ import annotations

import importlib
from typing import Any

from raredx_bench.domain import UsageError


def extra(module: str, name: str, use: str) -> Any:
    """An optional module. name: the extra of raredx that brings it. Raises UsageError that says what needs it, how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UsageError(f"{use} needs the package {module.partition('.')[0]}: pip install 'raredx[{name}]'") from error
