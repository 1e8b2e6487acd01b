"""A published stage -> a folder that transformers, vLLM and the hub read."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from raredx_bench.compiled import file_digest
from raredx_bench.domain import UsageError
from raredx_train.exporting import ladder
from raredx_train.exporting.card import card
from raredx_train.exporting.found import Published, found
from raredx_train.exporting.licences import Learnt, document, learnt

MARK = "export.json"  # what a folder of this command is known by
DTYPES = ("float32", "bfloat16", "float16")
_OURS = ("README.md", "training_args.bin")  # of the stage's own folder, not copied


@dataclass(frozen=True)
class Exported:
    """What was written. files: of the folder, with their bytes; works: what the model learnt from."""

    folder: Path
    stage: str
    files: dict[str, int]
    works: tuple[Learnt, ...]


def written(run: Path, target: Path, stage: str | None = None, *, force: bool = False, dtype: str | None = None) -> Exported:
    """Write a finished stage of a run into a folder. dtype: of the weights, None: as they were trained.

    force: an earlier export there is replaced. Raises UsageError for a folder that holds something else, and as found does.
    """
    published = found(run, stage)
    _check_target(target, force)
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.absolute().parent))
    try:
        works = learnt(published)
        _weights(published, part, dtype)
        _papers(published, works, part, dtype)
        part.chmod(0o755)
        if target.is_dir():
            shutil.rmtree(target)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    files = {str(path.relative_to(target)): path.stat().st_size for path in sorted(target.rglob("*")) if path.is_file()}
    return Exported(target, published.stage, files, tuple(works))


def _check_target(target: Path, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file: name a folder with --to")
    if target.is_dir() and any(target.iterdir()):
        if not (target / MARK).is_file():
            raise UsageError(f"{target} holds files that no export wrote: name another folder with --to")
        if not force:
            raise UsageError(f"{target} holds an earlier export: --force replaces it, or name another folder with --to")


def _weights(published: Published, part: Path, dtype: str | None) -> None:
    """Weights (merged, where adapters were trained), tokenizer with its chat template, generation settings."""
    if not list(published.model.glob("*.safetensors")):
        raise UsageError(f"{published.model} holds no safetensors: run {published.stage} again")
    for path in sorted(published.model.iterdir()):
        if path.name not in _OURS and not (dtype and ".safetensors" in path.name):
            shutil.copyfile(path, part / path.name)
    if dtype is not None:
        from transformers import AutoModelForCausalLM

        AutoModelForCausalLM.from_pretrained(str(published.model), dtype=dtype).save_pretrained(str(part))
    config = json.loads((part / "config.json").read_text(encoding="utf-8"))
    config["use_cache"] = True  # training switches it off
    (part / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    if not (part / "generation_config.json").is_file():
        from transformers import AutoConfig, GenerationConfig

        GenerationConfig.from_model_config(AutoConfig.from_pretrained(str(part))).save_pretrained(str(part))


def _papers(published: Published, works: list[Learnt], part: Path, dtype: str | None) -> None:
    """Cards, licences, the ladder, and what this folder was made from."""
    rungs = ladder.read(published.run)
    made = published.model / "README.md"
    own = made.read_text(encoding="utf-8") if made.is_file() else ""
    (part / "README.md").write_text(card(published, works, rungs, own), encoding="utf-8")
    (part / "LICENSES.md").write_text(document(works), encoding="utf-8")
    if rungs:
        shutil.copyfile(published.run / ladder.FILE, part / ladder.FILE)
    for name in published.cards:
        if (path := published.run / name / "card.md").is_file():
            (part / "cards").mkdir(exist_ok=True)
            shutil.copyfile(path, part / "cards" / f"{name}.md")
    made_from: dict[str, Any] = {
        "schema": "raredx-export-1", "note": "For research only, not for clinical use.", "recipe": published.recipe["name"],
        "stage": published.stage, "dtype": dtype or "as trained",
        "stages": {name: {"key": each.key, "revision": each.revision, "raredx": each.raredx, "finished": each.finished}
                   for name, each in published.before.items()},
        "learnt from": [asdict(each) for each in works],
        "files": {str(path.relative_to(part)): file_digest(path) for path in sorted(part.rglob("*")) if path.is_file()},
    }  # fmt: skip
    (part / MARK).write_text(json.dumps(made_from, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
