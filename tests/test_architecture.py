"""The shape of the project: imports go one way, the public face is frozen, hooks hold no logic, the wheel is whole."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

import raredx_bench
from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.tasks import all_tasks, task_path

ROOT = Path(__file__).parents[1]
LAYERS = (
    "domain", "extras", "naming", "redacting", "compiled", "bm25", "validation", "cognates", "sources", "hpo", "terminologies",
    "orphadata", "icd", "merging", "ontology", "definitions", "parsing", "intervals", "metrics", "calibration", "repeats",
    "agreement", "linking", "judging", "failures", "mentions", "leaks", "fingerprints", "measured", "strata", "protocols",
    "matching", "simulation", "findings", "recognition", "splits", "cutoff", "mimic", "benchmarks", "progress", "audit",
    "prompts", "tasks", "phenotype", "diagnosis", "answers_file", "models", "answers", "energy", "prices", "cost", "report",
    "comparing", "reporting", "harness", "scoring", "sampling", "sheets", "adjudication", "rubrics", "endpoint", "llmjudge",
    "extraction", "leaderboard", "reported", "page", "cli", "__main__",
)  # fmt: skip


def imported(path: Path, package: str) -> set[str]:
    """Modules of a package that a file imports, at any depth of the code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == package:
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith(f"{package}.")}
    return found


def test_every_module_has_its_layer() -> None:
    folders = {path.parent.name for path in (ROOT / "raredx_bench").glob("*/__init__.py")}
    assert {path.stem for path in (ROOT / "raredx_bench").glob("*.py")} | folders == {*LAYERS, "__init__"}


@pytest.mark.parametrize("module", LAYERS)
def test_a_module_imports_only_from_the_layers_above_it(module: str) -> None:
    allowed = set(LAYERS[: LAYERS.index(module)])
    folder = ROOT / "raredx_bench" / module
    for path in folder.glob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]:
        assert imported(path, "raredx_bench") <= allowed | ({module} if folder.is_dir() else set()), path


def test_the_bench_never_imports_the_trainer() -> None:
    for path in (ROOT / "raredx_bench").rglob("*.py"):
        assert not imported(path, "raredx_train"), path


def test_the_domain_needs_only_the_standard_library() -> None:
    tree = ast.parse((ROOT / "raredx_bench/domain.py").read_text(encoding="utf-8"))
    names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names]
    assert all(name.split(".")[0] in sys.stdlib_module_names for name in names)


def test_importing_the_package_loads_no_torch_and_no_terminology() -> None:
    code = "import sys, raredx_bench; print(sorted({'torch', 'transformers', 'pronto', 'lm_eval'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_public_names_are_frozen() -> None:
    assert raredx_bench.__all__ == [
        "BadInput", "BenchmarkReport", "Case", "DataMissing", "Differential", "Disease", "Estimate", "GroupReport", "Link",
        "Prediction", "RaredxError", "Reading", "Relation", "RunIncomplete", "RunReport", "Scope", "Synonym", "UnknownName",
        "UsageError", "Verdict", "run",
    ]  # fmt: skip
    assert all(hasattr(raredx_bench, name) for name in raredx_bench.__all__)


def test_hooks_hold_no_logic() -> None:
    tree = ast.parse((task_path() / "hooks.py").read_text(encoding="utf-8"))
    assert all(isinstance(node, ast.Expr | ast.ImportFrom | ast.Assign) for node in tree.body)


def test_every_task_file_registers_with_lm_eval() -> None:
    files = {path.stem.removeprefix("_") for path in task_path().glob("*.yaml")}
    assert files == set(all_tasks())


def test_every_benchmark_is_a_task_and_names_version_source_licence_and_citation() -> None:
    single = {name: task for name, task in all_tasks().items() if not task.members}
    assert set(single) == set(BENCHMARKS)
    for name, task in single.items():
        assert {"version", "title", "source", "licence", "citation"} <= set(task.metadata), name
        assert task.metadata["benchmark"] == name


def test_groups_have_the_stated_members() -> None:
    tasks = all_tasks()
    assert tasks["raredx_demo"].members == ("raredx_vignettes", "raredx_sim")
    assert tasks["rarebench"].members == tuple(f"rarebench_{each}" for each in ("ramedis", "mme", "hms", "lirical", "pumch_adm"))


def test_task_files_stay_short() -> None:
    for path in task_path().glob("*.yaml"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 12, path
        assert "include" in (config := yaml.safe_load(path.read_text(encoding="utf-8"))) or "group" in config


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built as a release would be."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True,
                   capture_output=True)  # fmt: skip
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_carries_tasks_templates_schemas_and_vignettes(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {f"raredx_bench/_tasks/{path.name}" for path in (ROOT / "tasks").iterdir() if path.is_file()} <= names
    assert {"raredx_bench/templates/site/index.html", "raredx_bench/schemas/report.schema.json",
            "raredx_bench/schemas/entry.schema.json", "raredx_bench/schemas/reported.schema.json",
            "raredx_bench/schemas/audit.schema.json", "raredx_bench/schemas/case.schema.json", "raredx_bench/templates/audit.html",
            "raredx_bench/splits/unseen.txt", "raredx_bench/splits/withheld.txt",
            "raredx_bench/_reported.json", "raredx_bench/embedded/vignettes.jsonl",
            "raredx_bench/embedded/agreement.json", "raredx_bench/embedded/prices.json", "raredx_bench/schemas/card.schema.json",
            "raredx_bench/schemas/prices.schema.json", "raredx_bench/py.typed", "raredx_train/__init__.py"} <= names  # fmt: skip


def test_the_base_install_asks_for_no_torch(wheel: zipfile.ZipFile) -> None:
    metadata = wheel.read(next(name for name in wheel.namelist() if name.endswith("METADATA"))).decode()
    base = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
    assert base
    assert not any("torch" in line or "transformers" in line for line in base)
