"""Whether MIMIC-IV's terms were accepted in a data directory: licences.json, licence id -> moment (UTC, ISO 8601)."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

from raredx_bench.domain import BadInput, UsageError
from raredx_bench.mimic.records import written

LICENCE = "PhysioNet-DUA-1.5.0"
TERMS = "https://physionet.org/content/mimic-iv-note/view-dua/2.2/"


def accepted(root: Path) -> dict[str, str]:
    """Ids of accepted licences, with the moment of each. Raises BadInput for a damaged file."""
    path = root / "licences.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError as error:
        raise BadInput(f"{path} is not JSON ({error}): delete it, and accept again with --accept") from error
    if not isinstance(document, dict) or not all(isinstance(each, str) for each in document.values()):
        raise BadInput(f"{path} does not map licences to dates: delete it, and accept again with --accept")
    return document


def accept(root: Path) -> None:
    """Record that the terms were accepted; an earlier moment stays."""
    moment = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    root.mkdir(parents=True, exist_ok=True)
    found = {LICENCE: moment, **accepted(root)}
    with written(root / "licences.json") as file:
        file.write(json.dumps(found, indent=1, sort_keys=True).encode() + b"\n")


def require_acceptance(root: Path) -> None:
    """Raises UsageError, with how to accept, when the terms were not."""
    if LICENCE not in accepted(root):
        raise UsageError(
            f"MIMIC-IV comes under the PhysioNet Credentialed Health Data Use Agreement 1.5.0 ({TERMS}): if you have signed it "
            f"yourself, say so with --accept {LICENCE}"
        )
