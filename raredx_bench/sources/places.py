"""The data directory: which one is in force, what of a source it holds, and how to get what is missing.

A data directory is `--data-dir`, else RAREDX_DATA, else the user's own data folder (platformdirs).
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import platformdirs

from raredx_bench.domain import DataMissing
from raredx_bench.sources.cases import CASES
from raredx_bench.sources.ontologies import ONTOLOGIES
from raredx_bench.sources.registry import Source, by_name, named

SHIPPED = Path(__file__).parents[1] / "embedded"  # a data directory that holds what the package ships, and nothing of the user's
SOURCES = by_name((*ONTOLOGIES, *CASES))


def data_dir_default() -> Path:
    """Where pulled files are kept: the user's data folder."""
    return Path(platformdirs.user_data_dir("raredx"))


def data_dir(override: Path | None = None, *, create: bool = False) -> Path:
    """The data directory in force; it need not exist, unless the user named it and it isn't to be created.

    Raises DataMissing when a directory that was named is not there.
    """
    chosen = override or (Path(os.environ["RAREDX_DATA"]) if os.environ.get("RAREDX_DATA") else None)
    if chosen is None:
        return data_dir_default()
    if not chosen.is_dir() and not create:
        raise DataMissing(f"the data directory {chosen} does not exist: name another with --data-dir or RAREDX_DATA")
    return chosen


def looked_through(root: Path) -> tuple[Path, ...]:
    """Where terminologies and tables are looked for: the data directory, then what was pulled; of SHIPPED nothing but itself."""
    return (root,) if root == SHIPPED else (root, data_dir_default())


def find_all(name: str, root: Path) -> list[Path]:
    """Every file of a source under root, sorted; empty when there is none."""
    source = named(name, SOURCES)
    return sorted({path for pattern in source.paths for path in root.glob(pattern) if path.is_file()})


def find(name: str, root: Path) -> Path | None:
    """The first file of a source under root, in the order of its paths; None when there is none."""
    for pattern in SOURCES[name].paths if name in SOURCES else ():
        matches = sorted(path for path in root.glob(pattern) if path.is_file())
        if matches:
            return matches[0]
    return None


def require(name: str, root: Path) -> Path:
    """The file of a source under root. Raises DataMissing with one sentence on how to get it."""
    path = find(name, root)
    if path is None:
        source = named(name, SOURCES)
        raise DataMissing(
            f"{source.title} is not there: {how_to_get(source, root)} and put it at {root / source.files[0].place} "
            f"(another folder: --data-dir DIR or RAREDX_DATA=DIR)"
        )
    return path


def how_to_get(source: Source, root: Path) -> str:
    """What to do for a source that is missing, as a clause that ends with its page and licence."""
    page = f"get it from {source.url} ({source.terms.name})"
    if source.access:
        return f"{source.access}; {page}"
    return f"`{pull_command(source, root)}` brings it, or {page}"


def pull_command(source: Source, root: Path) -> str:
    """The command that pulls a source into root, with the acceptance its terms ask for."""
    accept = ["--accept", source.licence] if source.terms.ask else []
    elsewhere = [] if root == data_dir_default() or str(root) == os.environ.get("RAREDX_DATA") else ["--data-dir", str(root)]
    return shlex.join(["raredx-bench", "data", "pull", source.name, *accept, *elsewhere])
