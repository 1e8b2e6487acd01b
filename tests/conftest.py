"""Shared objects: the embedded terminology, the full one where the data directory has it, a small one written by hand."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from raredx_bench.hpo import Hpo, load_hpo
from raredx_bench.judging import Judge, judge_for
from raredx_bench.linking import Linker
from raredx_bench.ontology import Ontology, load_ontology
from raredx_bench.phenotype import Ranker
from tests.endpoint import Serve, Server

NOWHERE = Path("/nonexistent-raredx-data")

MONDO = """format-version: 1.2
data-version: mondo/2026-01-01
ontology: mondo
synonymtypedef: ABBREVIATION "abbreviation"

[Term]
id: MONDO:0000001
name: disease

[Term]
id: MONDO:0000010
name: Alder syndrome
synonym: "Alder-Birch syndrome" EXACT []
synonym: "ABS" EXACT ABBREVIATION []
synonym: "birch spectrum" BROAD []
xref: Orphanet:990010 {source="MONDO:equivalentTo"}
xref: OMIMPS:100010 {source="MONDO:equivalentTo"}
xref: OMIM:999999 {source="MONDO:relatedTo"}
is_a: MONDO:0000001 ! disease

[Term]
id: MONDO:0000011
name: Alder syndrome 1
xref: OMIM:100011 {source="MONDO:equivalentTo"}
is_a: MONDO:0000010 ! Alder syndrome

[Term]
id: MONDO:0000012
name: Alder syndrome type 2
alt_id: MONDO:0000099
xref: OMIM:100012 {source="MONDO:equivalentTo"}
is_a: MONDO:0000010 ! Alder syndrome

[Term]
id: MONDO:0000013
name: obsolete Alder syndrome 3
is_obsolete: true
replaced_by: MONDO:0000012

[Term]
id: MONDO:0000020
name: hemolytic anemia of Cedar
synonym: "Cedar's haemolytic anaemia" EXACT []
xref: OMIM:100020 {source="MONDO:equivalentTo"}
xref: OMIM:100011 {source="MONDO:equivalentTo"}
is_a: MONDO:0000021 ! cycle one

[Term]
id: MONDO:0000021
name: Cedar family disorder
is_a: MONDO:0000020 ! cycle two
"""

SSSOM = """# mapping_set_version: 2026-01-01
subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\tmapping_justification
MONDO:0000020\tx\tskos:exactMatch\tOrphanet:990020\tx\tsemapv:ManualMappingCuration
MONDO:0000020\tx\tskos:broadMatch\tOrphanet:990021\tx\tsemapv:ManualMappingCuration
"""


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The directory of real data; tests that need it skip where there is none."""
    named = os.environ.get("RAREDX_DATA")
    if not named:
        pytest.skip("RAREDX_DATA is not set: this test reads real benchmark files")
    return Path(named)


@pytest.fixture(scope="session")
def hpo() -> Hpo:
    return load_hpo(NOWHERE)


@pytest.fixture(scope="session")
def embedded(hpo: Hpo) -> Ontology:
    """The embedded default terminology, whatever the machine has pulled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(NOWHERE))
        return load_ontology(NOWHERE, hpo)


@pytest.fixture(scope="session")
def judge(embedded: Ontology) -> Judge:
    return Judge(Linker(embedded))


@pytest.fixture(scope="session")
def ranker(hpo: Hpo, embedded: Ontology) -> Ranker:
    return Ranker(hpo, embedded)


@pytest.fixture(scope="session")
def full_judge(data_root: Path) -> Judge:
    return judge_for(data_root)


@pytest.fixture
def small_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with a Mondo file written by hand: a series, a cycle, a conflict."""
    monkeypatch.setenv("RAREDX_CACHE", str(tmp_path / "cache"))
    return written(tmp_path / "data")


def written(root: Path) -> Path:
    """The small data directory, written."""
    folder = root / "ontology"
    folder.mkdir(parents=True)
    (folder / "mondo.obo").write_text(MONDO)
    (folder / "mondo_exactmatch_orphanet.sssom.tsv").write_text(SSSOM)
    return root


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, hpo: Hpo) -> Judge:
    """The judge over the small data directory, compiled once."""
    folder = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAREDX_CACHE", str(folder / "cache"))
        return Judge(Linker(load_ontology(written(folder / "data"), hpo)))


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts servers; they end with the test."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    started: list[Server] = []

    def start(answer: Callable[[str, int], Any]) -> Server:
        server = Server(answer)
        started.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()
