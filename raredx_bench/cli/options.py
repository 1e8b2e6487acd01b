"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from raredx_bench.domain import UsageError

ENTRIES = Path("leaderboards/entries")
Entries = Annotated[Path, typer.Option("--entries", help="Folder of entries.")]
Folders = Annotated[list[Path], typer.Option("--entries", help="Folders of entries; may be repeated.")]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Data directory (default: RAREDX_DATA, else the user's own).")]
Cases = Annotated[
    Path | None,
    typer.Option("--cases", help="Of the task custom: a .jsonl file, or a folder or .zip of GA4GH phenopackets."),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="Folder that runs are written to.")]
Protocols = Annotated[
    str,
    typer.Option(
        "--protocol",
        help="Scoring rules, comma separated, or all: raredx, rarearena-2026, rarebench, malco, rareagentbench, "
        "editdistance-2609.35549, substring.",
    ),
]


def listed(text: str) -> list[str]:
    """The parts of a comma-separated value, without empty ones."""
    return [part.strip() for part in text.split(",") if part.strip()]


def json_object(option: str, text: str) -> dict[str, Any]:
    """The value of an option that takes JSON. Raises UsageError for anything but an object."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(f'{option} must be a JSON object such as {{"sim_n": 100}}: {error}') from error
    if not isinstance(value, dict):
        raise UsageError(f'{option} must be a JSON object such as {{"sim_n": 100}}')
    return value


def task_options(metadata: str, cases: Path | None) -> dict[str, Any]:
    """The options of --metadata and --cases together."""
    return {**json_object("--metadata", metadata), **({"cases": str(cases)} if cases else {})}


def write_text(path: Path, text: str) -> None:
    """Write a file and the folders above it. Raises UsageError when that can't be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document, as write_text does."""
    write_text(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
