"""Free text: abstracts read and linked, pairs that a model writes checked against facts and text, general data mixed in."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from raredx_bench.domain import BadInput, DataMissing
from raredx_bench.linking import Linker
from raredx_bench.mentions import MentionFinder
from raredx_train.knowledge import Knowledge, build_knowledge
from raredx_train.knowledge.building import Sources, load_sources
from raredx_train.knowledge.entrez import Entrez
from raredx_train.knowledge.facts import Kind
from raredx_train.knowledge.general import read_general
from raredx_train.knowledge.passages import Passage, from_abstracts, from_definitions
from raredx_train.knowledge.pubmed import Abstract, read_abstracts
from raredx_train.knowledge.written import Writer, prompts
from tests import knowledge_world as world

XML = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">70000001</PMID><Article>
<ArticleTitle>Leaves in <i>Elm</i> syndrome.</ArticleTitle>
<Abstract><AbstractText Label="BACKGROUND">Elm syndrome is due to variants in GENE4.</AbstractText>
<AbstractText Label="RESULTS">Jade cornea sign is seen in most.</AbstractText></Abstract></Article></MedlineCitation>
</PubmedArticle><PubmedArticle><MedlineCitation><PMID Version="1">70000002</PMID><Article>
<ArticleTitle>No abstract</ArticleTitle></Article>
</MedlineCitation></PubmedArticle>
</PubmedArticleSet>
"""
MEDLINE = (
    "PMID- 70000003\nTI  - Bark in Fir syndrome\nAB  - Fir syndrome begins in\n      childhood.\n\nPMID- 70000004\nTI  - none\n"
)
ELM = "MONDO:9000004"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with world.at_hand(tmp_path_factory) as root:
        yield root


@pytest.fixture(scope="module")
def loaded(root: Path) -> Sources:
    return load_sources(Knowledge(heldout_share=0.0), root, Counter())


@pytest.fixture
def gone() -> Counter[str]:
    return Counter()


@pytest.fixture
def writer(loaded: Sources, gone: Counter[str]) -> Writer:
    return Writer(loaded.base, Linker(loaded.base.ontology), MentionFinder(loaded.base.ontology), gone)


# --- abstracts ------------------------------------------------------------------------------------------------------------


def test_abstracts_are_read_from_xml_and_medline_zipped_or_not_each_once(tmp_path: Path) -> None:
    (tmp_path / "a.xml.gz").write_bytes(gzip.compress(XML.encode()))
    (tmp_path / "b.nbib").write_text(MEDLINE)
    (tmp_path / "c.xml").write_text(XML)
    (tmp_path / "notes.md").write_text("not read")
    assert list(read_abstracts([tmp_path])) == [
        Abstract("70000001", "Leaves in Elm syndrome.",
                 "Background: Elm syndrome is due to variants in GENE4. Results: Jade cornea sign is seen in most."),
        Abstract("70000003", "Bark in Fir syndrome", "Fir syndrome begins in childhood."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("cut.xml", XML[:-60].encode(), BadInput, "no readable XML"),
        ("cut.xml.gz", gzip.compress(XML.encode())[:-20], BadInput, "may be cut"),
        ("other.xml", b"<html><body>no</body></html>", BadInput, "holds no PubmedArticle"),
        ("other.nbib", b"what is this", BadInput, "holds no PMID"),
        ("odd.nbib", b"PMID- 1\nAB  - \xff\xfe\n", BadInput, "no readable MEDLINE"),
        (None, b"", DataMissing, "is not there"),
    ],
)
def test_a_damaged_file_says_where_and_what_next(
    tmp_path: Path, name: str | None, content: bytes, error: type[Exception], message: str
) -> None:
    path = tmp_path / (name or "nowhere.xml")
    if name:
        path.write_bytes(content)
    with pytest.raises(error, match=message):
        list(read_abstracts([path]))


def test_a_folder_without_a_file_of_pubmed_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match="holds no file ending in"):
        list(read_abstracts([tmp_path]))


@pytest.mark.parametrize(
    ("title", "text", "about"),
    [
        ("Leaves in Elm syndrome", "Something is seen.", ELM),
        ("Leaves", "Elm syndrome is rare. In Elm syndrome leaves fall.", ELM),
        ("Leaves", "Elm syndrome is rare.", None),
        ("Elm syndrome and Fir syndrome", "Leaves.", None),
        ("Elm syndrome, not Fir syndrome", "In Elm syndrome leaves fall.", ELM),
        ("Leaves", "Nothing is named.", None),
    ],
)
def test_an_abstract_is_linked_to_the_one_disease_it_is_about(
    loaded: Sources, gone: Counter[str], title: str, text: str, about: str | None
) -> None:
    found = list(from_abstracts([Abstract("7", title, text)], MentionFinder(loaded.base.ontology), frozenset(), gone))
    assert [each.subject for each in found] == ([about] if about else [])
    assert sum(gone.values()) == (about is None)


def test_the_publication_of_a_held_out_case_is_not_read_as_an_abstract(loaded: Sources, gone: Counter[str]) -> None:
    abstract = Abstract(world.CITED.removeprefix("PMID:"), "Leaves in Elm syndrome", "Leaves fall.")
    assert not list(from_abstracts([abstract], MentionFinder(loaded.base.ontology), loaded.withheld, gone))
    assert gone == {"abstract of a held-out case's publication": 1}


# --- E-utilities ------------------------------------------------------------------------------------------------------------


@dataclass
class Ncbi:
    """What the server was asked; fail: it answers 500."""

    asked: list[dict[str, list[str]]] = field(default_factory=list)
    fail: bool = False
    url: str = ""


@pytest.fixture
def ncbi() -> Iterator[Ncbi]:
    state = Ncbi()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            state.asked.append({"path": [parts.path.split("/")[-1]], **parse_qs(parts.query)})
            ids = {"esearchresult": {"idlist": ["70000001", "70000002"]}}
            body = (json.dumps(ids) if "esearch" in parts.path else XML).encode()
            self.send_response(500 if state.fail else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/eutils"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


def test_a_query_is_answered_once_by_the_server_and_then_from_the_disk(
    ncbi: Ncbi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NCBI_API_KEY", "sesame-4711")
    for _ in range(2):
        found = list(Entrez(ncbi.url, tmp_path / "kept").abstracts("elm syndrome", 5))
        assert [each.pmid for each in found] == ["70000001"]
    assert [each["path"][0] for each in ncbi.asked] == ["esearch.fcgi", "efetch.fcgi"]
    assert ncbi.asked[0]["term"] == ["elm syndrome"]
    assert ncbi.asked[1]["id"] == ["70000001,70000002"]
    assert all(each["api_key"] == ["sesame-4711"] for each in ncbi.asked)
    assert not any(b"sesame-4711" in path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file())


def test_no_more_than_three_requests_a_second_go_out_without_a_key(
    ncbi: Ncbi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NCBI_API_KEY", raising=False)
    client = Entrez(ncbi.url, tmp_path)
    start = time.monotonic()
    for number in range(5):
        client.search(f"query {number}", 5)
    assert time.monotonic() - start >= 0.9
    assert len(ncbi.asked) == 5


def test_a_server_that_fails_is_told_without_the_key(ncbi: Ncbi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCBI_API_KEY", "sesame-4711")
    ncbi.fail = True
    with pytest.raises(DataMissing, match="PubMed didn't answer") as caught:
        Entrez(ncbi.url, tmp_path, backoff=0.01).search("elm", 5)
    assert "sesame" not in str(caught.value)
    assert len(ncbi.asked) == 5


# --- pairs that a model writes --------------------------------------------------------------------------------------------------


def passage(text: str = "Elm syndrome is due to variants in GENE4. Jade cornea sign is seen in most patients.") -> Passage:
    return Passage(ELM, text, "PubMed", "PMID:70000001")


def answer(question: str, reply: str, diseases: Sequence[str] = ("Elm syndrome",)) -> str:
    return json.dumps([{"question": question, "answer": reply, "diseases": list(diseases)}])


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (answer("Which gene causes Elm syndrome?", "GENE4."), None),
        ("Sure! ```json\n" + answer("Which gene causes Elm syndrome?", "GENE4.") + "\n```", None),
        (answer("Which sign is frequent in Elm syndrome?", "Jade cornea sign."), None),
        (answer("Which sign is frequent in Elm syndrome?", f"{world.name_of(16)}."), None),
        ("", "empty answer"),
        ("I can't help.", "no pair in the answer"),
        (answer("Which gene causes Elm syndrome?", " "), "question or answer is empty"),
        (answer("Which gene causes Elm syndrome?", "GENE4 " * 130), "answer of more than 120 words"),
        (answer("What did the study show of Elm syndrome?", "GENE4."), "speaks of its source"),
        (answer("Which gene is it?", "GENE4."), "doesn't name its subject"),
        (
            answer("Which gene causes Elm syndrome?", "GENE4.", ("Elm syndrome", "Qwertz disease")),
            "names a disease that isn't known",
        ),
        (answer("Which gene causes Elm syndrome?", "GENE4.", ("Fir syndrome",)), "its diseases are others than its subject"),
        (answer("Which sign has Elm syndrome?", f"{world.name_of(9)}."), "states a finding that neither facts nor text hold"),
        (answer("Which sign has Elm syndrome?", f"{world.name_of(43)}."), "states a finding that is recorded as absent"),
        (answer("Which gene causes Elm syndrome?", "GENE9."), "states a gene that neither facts nor text hold"),
    ],
)
def test_a_written_pair_is_kept_only_when_facts_and_text_agree(
    writer: Writer, gone: Counter[str], written: str, why: str | None
) -> None:
    found = list(writer.read(passage(), written))
    assert len(found) == (why is None)
    assert gone == ({} if why is None else {f"written: {why}": 1})
    if found:
        assert (found[0].kind, found[0].subject, found[0].record) == ("written", ELM, "PMID:70000001")


@dataclass
class Echo:
    """A generator that asks for the gene of whatever a prompt is about. short: it forgets the last answer."""

    short: bool = False
    prompts: list[list[dict[str, str]]] = field(default_factory=list)

    def generate(self, prompts: Sequence[list[dict[str, str]]]) -> Sequence[str]:
        self.prompts += prompts
        names = [each[-1]["content"].splitlines()[0].rstrip(":").split(maxsplit=2)[2] for each in prompts]
        texts = [answer(f"What is known of {name} here?", f"{name} is known.", ()) for name in names]
        return texts[:-1] if self.short else texts


def test_a_prompt_holds_subject_text_and_number_and_asks_for_json(writer: Writer) -> None:
    system, user = writer.prompt(passage(), 4)
    assert (system["role"], user["role"]) == ("system", "user")
    assert "Write 4 question-answer pairs" in user["content"]
    assert "GENE4" in user["content"]
    assert '[{"question"' in user["content"]
    assert set(prompts()) == {"abstract", "definition"}


def test_a_generator_is_asked_until_enough_pairs_are_written(writer: Writer, loaded: Sources) -> None:
    echo = Echo()
    texts = from_definitions(loaded.base)
    assert loaded.base.is_disease(texts[0].subject)
    assert len(writer.write(texts, echo, 3, 1)) == 3
    assert len(echo.prompts) <= 32 < len(texts)


def test_a_generator_that_answers_too_little_is_told(writer: Writer, loaded: Sources) -> None:
    with pytest.raises(BadInput, match="it must give one for each"):
        writer.write(from_definitions(loaded.base), Echo(short=True), 3, 1)


# --- general data ---------------------------------------------------------------------------------------------------------------


def chat(question: str, reply: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": reply}]}


def test_general_data_is_read_in_every_form_trl_takes(tmp_path: Path) -> None:
    rows = [chat("Say hello", "Hello."), {"prompt": "Count", "completion": "One."},
            {"prompt": [{"role": "user", "content": "Add"}], "completion": [{"role": "assistant", "content": "Two."}]},
            chat("Nothing", " ")]  # fmt: skip
    (tmp_path / "g.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pq.write_table(pa.Table.from_pylist([chat("Say hello", "Hello.")]), tmp_path / "g.parquet")
    found = read_general(tmp_path / "g.jsonl", 10, 1)
    assert {(pair.question, pair.answer) for pair in found} == {("Say hello", "Hello."), ("Count", "One."), ("Add", "Two.")}
    assert [pair.answer for pair in read_general(tmp_path / "g.parquet", 10, 1)] == ["Hello."]
    assert read_general(tmp_path / "g.jsonl", 2, 1) == found[:2]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b"{no", "line 1: not JSON"),
        ("a.jsonl", b'{"text": "x"}\n', "row 1: neither messages nor prompt"),
        ("a.jsonl", b'{"messages": [1, 2]}\n', "row 1: messages need role and content"),
        ("a.jsonl", b"", "holds no row"),
        ("a.parquet", b"PAR1 no", "no readable Parquet"),
    ],
)
def test_bad_general_data_is_told(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read_general(tmp_path / name, 5, 1)


def test_everything_together_is_one_set(root: Path, tmp_path: Path, ncbi: Ncbi) -> None:
    (tmp_path / "a.xml").write_text(XML)
    (tmp_path / "g.jsonl").write_text("".join(json.dumps(chat(f"Say {number}", f"{number}.")) + "\n" for number in range(100)))
    config = Knowledge(pairs=60, written=5, pubmed=(str(tmp_path / "a.xml"),), pubmed_search="elm", per_passage=1,
                       general=str(tmp_path / "g.jsonl"), general_ratio=0.5)  # fmt: skip
    echo = Echo()
    counts = build_knowledge(config, tmp_path / "set", root, echo, Entrez(ncbi.url, tmp_path / "kept"))
    assert "GENE4" in echo.prompts[0][-1]["content"]
    assert counts.kinds["written"] == 5
    assert counts.kinds["general"] == round(0.5 * 65)
    assert counts.sources["PubMed"] == 1
    assert counts.pairs == 60 + 5 + 32 == pq.read_metadata(tmp_path / "set" / "train.parquet").num_rows
    assert Kind.DEFINITION in {fact.kind for fact in load_sources(config, root, Counter()).base.taught}
