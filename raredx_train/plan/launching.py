"""accelerate's file against the recipe, and the command that launches each stage."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from raredx_bench.domain import BadInput
from raredx_train.config import FOLDER, Config
from raredx_train.plan.checking import Said
from raredx_train.plan.work import Reckoned
from raredx_train.rl import Rl
from raredx_train.settings import Run, Sft

FILE = FOLDER / "accelerate" / "fsdp.yaml"


def checked(config: Config, reckoned: Reckoned, file: Path) -> Iterator[Said]:
    """Whether the file says what the recipe says. Raises BadInput for one that accelerate can't read."""
    from accelerate.commands.config.config_args import load_config_from_file

    try:
        found = load_config_from_file(str(file)).to_dict()
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadInput(f"{file} is no file of `accelerate config`: {' '.join(str(error).split())}") from error
    faults = list(_faults(found, config, reckoned))
    yield from faults
    if not any(fault.level == "problem" for fault in faults):
        yield Said("fine", "accelerate", f"{file.name}: {found['distributed_type']}, {found.get('num_processes')} processes, "
                   f"{found.get('mixed_precision')}")  # fmt: skip


def _faults(found: dict[str, object], config: Config, reckoned: Reckoned) -> Iterator[Said]:
    many, kind = reckoned.run.processes, str(found.get("distributed_type"))
    if found.get("num_processes") != many:
        yield Said("problem", "accelerate", f"num_processes is {found.get('num_processes')}, and the recipe trains on {many}",
                   f"accelerate launch --num_processes {many}, or processes={found.get('num_processes')}")  # fmt: skip
    for name, section in config.sections.items():
        if isinstance(section, Sft | Rl) and section.precision == "bf16" and found.get("mixed_precision") not in ("bf16", None):
            yield Said("problem", "accelerate", f"mixed_precision is {found.get('mixed_precision')}, and {name} computes in bf16",
                       "mixed_precision: bf16")  # fmt: skip
    if kind not in ("FSDP", "DEEPSPEED"):
        yield Said("warning", "accelerate", f"{kind} keeps the whole student on every GPU", "distributed_type FSDP or DEEPSPEED")
    yield from _plugin(found)


def _plugin(found: dict[str, object]) -> Iterator[Said]:
    """What must hold of FSDP's or DeepSpeed's own settings for model/ to be one plain model, and the plan's memory to be right."""
    fsdp, deepspeed = found.get("fsdp_config") or {}, found.get("deepspeed_config") or {}
    assert isinstance(fsdp, dict)
    assert isinstance(deepspeed, dict)
    wanted: dict[str, object] = {}
    if found.get("distributed_type") == "FSDP":
        wanted = {"fsdp_version": 2, "fsdp_state_dict_type": "FULL_STATE_DICT", "fsdp_reshard_after_forward": True,
                  "fsdp_activation_checkpointing": False}  # fmt: skip
    elif found.get("distributed_type") == "DEEPSPEED":
        wanted = {"zero_stage": 3, "zero3_save_16bit_model": True}
        if find_spec("deepspeed") is None:
            yield Said("warning", "accelerate", "deepspeed is not installed here", "pip install deepspeed, or fsdp.yaml")
    for key, value in wanted.items():
        if (fsdp or deepspeed).get(key) != value:
            yield Said("problem", "accelerate", f"{key} is {(fsdp or deepspeed).get(key)}, and the recipe needs {value}",
                       f"{key}: {str(value).lower() if isinstance(value, bool) else value}")  # fmt: skip


def launched(asked: Sequence[str], stages: Sequence[tuple[str, bool]], cluster: Sequence[str]) -> list[tuple[str, str]]:
    """(stages, command): neighbours that run alike share one. asked: words after `run`; stages: (name, whether it runs in several
    processes); cluster: words before `-m raredx_train` for those, empty: they run in one process."""
    groups: list[tuple[list[str], bool]] = []
    for name, spread in stages:
        several = spread and bool(cluster)
        if groups and groups[-1][1] == several:
            groups[-1][0].append(name)
        else:
            groups.append(([name], several))
    found = []
    for names, several in groups:
        words = [*cluster, "-m", "raredx_train"] if several else ["raredx-train"]
        found.append((", ".join(names), shlex.join([*words, "run", asked[0], *asked[1:], "--until", names[-1]])))
    return found


def cluster(run: Run, file: Path) -> list[str]:
    """`accelerate launch` and its options; empty for one process. On CPUs --multi_gpu starts several, --cpu only one."""
    if run.processes == 1:
        return []
    how = ["--config_file", str(file)] if run.needs == "cuda" else ["--multi_gpu", "--num_processes", str(run.processes)]
    return ["accelerate", "launch", *how]
