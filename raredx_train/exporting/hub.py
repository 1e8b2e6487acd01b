"""An exported folder -> a repository of the Hugging Face hub."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from raredx_bench.domain import UsageError
from raredx_train.exporting.folder import MARK, Exported, written

PREFIX = "hub:"
_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def uploaded(
    run: Path, name: str, stage: str | None = None, *, force: bool = False, dtype: str | None = None, public: bool = False
) -> tuple[Exported, str]:  # fmt: skip
    """(what was uploaded, the commit's address). name: OWNER/NAME; a repository that isn't there is made, private unless public.

    The token comes from HF_TOKEN or `hf auth login`, the hub's address from HF_ENDPOINT. Raises UsageError for a name that is none,
    a repository that holds a model already (force: its files are replaced), or what the hub refuses.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HTTPError, LocalTokenNotFoundError  # type: ignore[attr-defined]  # its client's own

    if not _NAME.fullmatch(name):
        raise UsageError(f"{name} is no repository: write {PREFIX}OWNER/NAME")
    with tempfile.TemporaryDirectory(dir=run.parent) as folder:
        exported = written(run, Path(folder) / name.rpartition("/")[2], stage, dtype=dtype)
        api = HfApi()
        try:
            api.create_repo(name, private=not public, exist_ok=True)
            _check_repository(api, name, force)
            commit = api.upload_folder(repo_id=name, folder_path=exported.folder, delete_patterns="*" if force else None,
                                       commit_message=f"{exported.stage}, by raredx-train export")  # fmt: skip
        except (HTTPError, LocalTokenNotFoundError) as error:
            why = " ".join(str(error).split())[:200]
            raise UsageError(f"the hub did not take {name} ({why}): set HF_TOKEN to a token that may write there") from error
    return exported, str(commit.commit_url)


def _check_repository(api: Any, name: str, force: bool) -> None:
    """Raise UsageError for a repository that holds a model, unless it is an export's and may be replaced."""
    files = set(api.list_repo_files(name))
    if MARK in files and not force:
        raise UsageError(f"{PREFIX}{name} holds an earlier export: --force replaces it, or name another repository with --to")
    if MARK not in files and files - {".gitattributes", "README.md"}:
        raise UsageError(f"{PREFIX}{name} holds files that no export wrote: name another repository with --to")
