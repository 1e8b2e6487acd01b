"""Entries: what they hold and what they don't, verification finds what was changed, rescoring keeps the old ones in sight."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import raredx_bench
from raredx_bench import sources
from raredx_bench.domain import BadInput, UnknownName, UsageError
from raredx_bench.leaderboard import (
    Entry,
    chosen_entries,
    entry_name,
    read_entries,
    read_entry,
    twins,
    withdraw,
    write_entries,
)
from raredx_bench.leaderboard.exporting import FORMS, exported
from raredx_bench.leaderboard.rescoring import rescore
from raredx_bench.leaderboard.rows import columns, rows_digest, write_rows
from raredx_bench.leaderboard.store import TABLES, asked, write_store
from raredx_bench.leaderboard.verifying import Checked, State, verified, verify
from raredx_bench.report import RunReport
from raredx_bench.reported import read_reported

ROOT = Path(__file__).parents[1]
COMMITTED = ROOT / "leaderboards/entries"
HERE = (sources.SHIPPED,)


def marfan(prompt: str) -> str:
    """A model that always says the same."""
    return "1. Marfan syndrome\n2. Loeys-Dietz syndrome 1"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[RunReport]:
    """Two models on the vignettes; one of them under every protocol, one asked twice."""
    folder = tmp_path_factory.mktemp("runs")
    return [
        raredx_bench.run("phenotype", ["raredx_vignettes"], output=folder, data_dir=sources.SHIPPED,
                         protocols=["raredx", "malco", "rareagentbench"]),
        raredx_bench.run(marfan, ["raredx_vignettes"], output=folder, data_dir=sources.SHIPPED, repeats=2,
                         card={"training": "nothing at all", "cutoff": "2024-06"}),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def made(reports: list[RunReport], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("entries")
    for report in reports:
        write_entries(report, folder, who="A. Tester", links=["https://example.org/paper"])
    return folder


@pytest.fixture
def entries(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(made, tmp_path / "entries"))


def only(folder: Path, model: str = "phenotype") -> Entry:
    (found,) = [entry for entry in read_entries(folder) if entry.model == model]
    return found


def rewritten(entry: Entry, change: Callable[[dict[str, Any]], None], rename: bool = False) -> Entry:
    """entry.json changed by hand; with rename, by somebody who knows how entries are named."""
    document = json.loads(json.dumps(entry.document))
    change(document)
    folder = entry.folder
    (folder / "entry.json").write_text(json.dumps(document))
    if rename:
        folder = folder.rename(folder.with_name(entry_name(document)))
    return read_entry(folder)


def forged(entry: Entry, change: Callable[[dict[str, Any]], object]) -> Entry:
    """The first row of the verdicts changed by somebody who makes digests and name fit again."""
    rows = entry.table().to_pylist()
    change(rows[0])
    write_rows(rows, entry.folder / "verdicts.parquet")
    return rewritten(entry, lambda document: document["verdicts"].update(digest=rows_digest(rows)), rename=True)


def test_an_entry_lies_under_its_benchmark_and_is_named_for_model_date_and_content(made: Path) -> None:
    for entry in read_entries(made):
        assert entry.folder.parent.name == "raredx_vignettes"
        assert entry.name == entry_name(entry.document)
        assert entry.name.startswith(f"{entry.model}@{entry.document['created'][:10]}-")
        assert (entry.document["split"], entry.document["form"], entry.document["n"]) == ("all", "text", 135)


def test_an_entry_says_who_ran_it_and_what_the_model_was_trained_on(made: Path) -> None:
    entry = only(made, "marfan")
    assert entry.document["who"] == "A. Tester"
    assert entry.document["links"] == ["https://example.org/paper"]
    assert entry.document["training"] == {"data": "nothing at all"}  # stated in the model's card
    assert only(made).document["training"] is None


def test_an_entry_holds_no_case_text_and_no_gold(made: Path) -> None:
    case = raredx_bench.benchmarks.load_cases("raredx_vignettes", ROOT)[0]
    for entry in read_entries(made):
        text = (entry.folder / "entry.json").read_text() + json.dumps(entry.table().to_pylist())
        assert case.presentation[:40] not in text
        assert set(entry.table().column_names) == set(columns().names)
        assert "gold" not in columns().names


def test_ranks_as_vectors_are_those_of_the_verdicts(made: Path) -> None:
    entry = only(made)
    ranks = entry.ranks()
    relation = raredx_bench.Relation
    assert ranks.exact.tolist() == [verdict.rank(relation.EXACT) or 11 for verdict in entry.rounds[0]]
    both = [verdict.rank(relation.EXACT, relation.NARROWER) or 11 for verdict in entry.rounds[0]]
    assert ranks.within("exact", "narrower").tolist() == both
    assert ranks.case_ids.tolist() == [verdict.case_id for verdict in entry.rounds[0]]


def test_several_rounds_are_all_in_the_entry(made: Path) -> None:
    entry = only(made, "marfan")
    assert len(entry.rounds) == 2
    assert entry.document["verdicts"]["rows"] == 270
    assert entry.document["repeats"]["runs"] == 2


def test_a_partial_run_makes_no_entry(tmp_path: Path) -> None:
    report = raredx_bench.run(marfan, ["raredx_vignettes"], limit=2, output=tmp_path)
    with pytest.raises(BadInput, match="saw only the first 2 cases"):
        write_entries(report, tmp_path / "entries")


def test_entries_are_verified_from_their_names_alone(made: Path) -> None:
    assert [each.state for each in verify([entry.folder for entry in read_entries(made)], HERE)] == [State.VERIFIED] * 2


CARELESS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "an estimate": (lambda d: d["estimates"]["recall@1"].update(value=0.99), "estimates/recall@1/value: stated 0.99"),
    "the bound of an interval": (lambda d: d["estimates"]["mrr"].update(high=0.9), "estimates/mrr/high: stated 0.9"),
    "n": (lambda d: d.update(n=134), "135 rows of 135 cases and rounds don't go with n = 134"),
    "the signature's version": (lambda d: d.update(signature=d["signature"].replace("|v:1|", "|v:2|")), "signature: stated v:2"),
    "the signature's cases": (lambda d: d.update(signature=d["signature"].replace("n:135", "n:500")), "signature: stated n:500"),
    "the model's name": (lambda d: d["model"].update(name="gpt-9"), "no longer fits the entry's name"),
    "the date": (lambda d: d.update(created="2020-01-01T00:00:00+00:00"), "no longer fits the entry's name"),
    "the benchmark": (lambda d: d.update(benchmark="raredx_sim"), "it lies under raredx_vignettes, but is about raredx_sim"),
    "a stratum": (lambda d: next(iter(next(iter(d["strata"].values())).values()))["recall@1"].update(value=1.0), "strata/"),
    "a protocol's estimate": (lambda d: d["protocols"]["malco"]["estimates"]["recall@1"].update(value=0.5), "protocols/malco"),
    "what the same list would get": (lambda d: d["references"]["prior_only"]["mrr"].update(value=0.0), "references/prior_only"),
    "the counts of failures": (lambda d: d["counts"].update(abstained=23), "counts/abstained: stated 23, recomputed 0"),
    "the licence": (lambda d: d.update(licence="public domain"), "licence: stated 'public domain'"),
    "the cost": (lambda d: d["cost"].update(seconds=0.1), "no longer fits the entry's name"),
    "the training data": (lambda d: d.update(training={"data": "none"}), "no longer fits the entry's name"),
}  # fmt: skip


@pytest.mark.parametrize("what", CARELESS)
def test_a_changed_entry_is_found(what: str, entries: Path) -> None:
    change, said = CARELESS[what]
    found = verified(rewritten(only(entries), change), HERE)
    assert found.state is State.DIFFERS
    assert any(said in sentence for sentence in found.said), found.said


SKILLED = ("an estimate", "the bound of an interval", "n", "the signature's version", "the signature's cases", "a stratum",
           "a protocol's estimate", "what the same list would get", "the counts of failures", "the licence")  # fmt: skip


@pytest.mark.parametrize("what", SKILLED)
def test_it_is_found_too_when_the_name_was_made_to_fit(what: str, entries: Path) -> None:
    change, said = CARELESS[what]
    found = verified(rewritten(only(entries), change, rename=True), HERE)
    assert found.state is State.DIFFERS
    assert not any("no longer fits" in sentence for sentence in found.said)
    assert any(said in sentence for sentence in found.said), found.said


FORGED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a rank": (lambda row: row.update(exact=1), "its ranks are not those of its names' relations"),
    "a relation and the rank with it": (
        lambda row: (row.update(exact=1), row["predictions"][0].update(relation="exact")),
        "predictions/1/relation: stated 'exact'"),
    "a name": (lambda row: row["predictions"][0].update(name="Fabry disease"), "predictions/1/id"),
    "a link": (lambda row: row["predictions"][0].update(id="OMIM:154700"), "predictions/1/id: stated 'OMIM:154700'"),
    "the order of the names": (lambda row: row["predictions"].reverse(), "estimates/"),
    "the publication": (lambda row: row.update(group="another"), "group: stated 'another'"),
    "the case": (lambda row: row.update(case_id="no such case"), "holds no verdict on 1 cases"),
    "the reading": (lambda row: row.update(reading="empty"), "counts/"),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGED)
def test_forged_verdicts_are_found(what: str, entries: Path) -> None:
    entry = only(entries)
    rows = entry.table().to_pylist()
    hit = next(index for index, row in enumerate(rows) if row["exact"] and row["exact"] > 1)
    rows[0], rows[hit] = rows[hit], rows[0]  # a case that is right at a lower rank comes first, so that each change matters
    write_rows(rows, entry.folder / "verdicts.parquet")
    change, said = FORGED[what]
    (found,) = verify([forged(entry, change).folder], HERE)
    assert found.state is State.DIFFERS
    assert any(said in sentence for sentence in found.said), found.said


def test_verdicts_that_were_swapped_for_others_are_found(entries: Path) -> None:
    entry, other = only(entries), only(entries, "marfan")
    shutil.copy(other.folder / "verdicts.parquet", entry.folder / "verdicts.parquet")
    assert "verdicts.parquet is not the file that entry.json was made with" in verified(entry, HERE).said


def test_a_number_that_is_not_finite_is_found(entries: Path) -> None:
    entry = only(entries)
    rows = entry.table().to_pylist()
    next(row for row in rows if row["predictions"])["predictions"][0]["score"] = float("nan")
    write_rows(rows, entry.folder / "verdicts.parquet")
    assert "verdicts.parquet holds a number that is not finite" in verified(entry, HERE).said
    path = entry.folder / "entry.json"
    path.write_text(path.read_text().replace(f'"n": {entry.document["n"]}', '"n": NaN', 1))
    with pytest.raises(BadInput, match=r"entry\.json is not JSON \(it holds NaN, which is no number\)"):
        read_entry(entry.folder)


def damaged(kind: str, entry: Entry) -> None:
    path, verdicts = entry.folder / "entry.json", entry.folder / "verdicts.parquet"
    if kind == "newer":
        path.write_text(path.read_text().replace("raredx-entry-2", "raredx-entry-3"))
    elif kind == "older":
        path.write_text(path.read_text().replace("raredx-entry-2", "raredx-entry-1"))
    elif kind == "no verdicts":
        verdicts.unlink()
    elif kind == "broken verdicts":
        verdicts.write_bytes(verdicts.read_bytes()[:1000])
    elif kind == "foreign verdicts":
        pq.write_table(entry.table().drop_columns(["reading"]), verdicts)
    elif kind == "no mrr":
        path.write_text(json.dumps({**entry.document, "estimates": {}}))


DAMAGE = {
    "newer": r"follows raredx-entry-3, this version reads raredx-entry-2; the file is newer: upgrade raredx",
    "older": r"follows raredx-entry-1, this version reads raredx-entry-2; the file is older",
    "no verdicts": r"verdicts\.parquet is missing: .* add the run again",
    "broken verdicts": r"verdicts\.parquet can't be read as Parquet",
    "foreign verdicts": r"has not the columns of an entry's verdicts \(reading\)",
    "no mrr": r"entry\.json is not a raredx entry: at estimates, 'recall@1' is a required property",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_entry_names_file_and_fault_and_the_others_are_still_checked(kind: str, entries: Path) -> None:
    entry = only(entries)
    damaged(kind, entry)
    with pytest.raises(BadInput, match=DAMAGE[kind]):
        read_entry(entry.folder).table()
    states = {each.folder.name: each.state for each in verify(sorted(entries.glob("*/*")), HERE)}
    assert states.pop(entry.name) is State.DIFFERS
    assert list(states.values()) == [State.VERIFIED]


def test_without_its_terminology_an_entry_is_not_checked_which_is_no_pass(entries: Path) -> None:
    def elsewhere(document: dict[str, Any]) -> None:
        document["terminology"].update(release="Mondo 2030-01", digest="f" * 64)

    found = verified(rewritten(only(entries), elsewhere, rename=True), HERE)
    assert found.state is State.UNCHECKED
    assert found.said[0].startswith("its terminology, Mondo 2030-01 (ffffffffffff), isn't at hand; here: HPO 2025-01-16")


def test_made_by_another_linker_an_entry_is_not_checked(entries: Path) -> None:
    def older(document: dict[str, Any]) -> None:
        document["signature"] = document["signature"].replace("|linker:linker-", "|linker:linker-0")

    found = verified(rewritten(only(entries), older, rename=True), HERE)
    assert found.state is State.UNCHECKED
    assert "made under other conditions (linker:linker-0" in found.said[0]


def test_of_a_submission_made_twice_the_second_is_found(entries: Path) -> None:
    entry = only(entries)
    twin = shutil.copytree(entry.folder, entry.folder.with_name(f"{entry.name}-again"))
    (pair,) = twins(read_entries(entries))
    assert [each.folder for each in pair] == [entry.folder, twin]
    found: list[Checked] = list(verify([entry.folder, twin], HERE))
    assert [each.state for each in found] == [State.VERIFIED, State.DIFFERS]
    assert f"the same submission as {entry.name}" in found[1].said[-1]


def test_a_withdrawn_entry_stays_and_still_fits_its_name(entries: Path) -> None:
    entry = only(entries)
    withdraw(entry, "the prompt held the answers")
    again = read_entry(entry.folder)
    assert again.withdrawn is not None
    assert again.withdrawn["why"] == "the prompt held the answers"
    assert verified(again, HERE).state is State.VERIFIED
    with pytest.raises(UsageError, match="was withdrawn already"):
        withdraw(again, "twice")


def test_rescoring_without_a_change_leaves_entries_as_they_are(entries: Path) -> None:
    found = rescore(read_entries(entries), entries, sources.SHIPPED)
    assert [(each.new, each.why) for each in found] == [(None, ""), (None, "")]


def test_rescored_entries_succeed_the_old_ones_which_stay_withdrawn(entries: Path, small_root: Path) -> None:
    before = read_entries(entries)
    found = rescore(before, entries, small_root)
    assert all(each.new and not each.why for each in found)
    for each in found:
        assert each.new is not None
        assert each.old.withdrawn is not None
        assert each.old.withdrawn["by"] == each.new.name
        assert each.new.document["rescored"]["from"] == each.old.name
        assert each.new.document["created"] == each.old.document["created"]  # when the model was asked
        assert verified(each.new, [small_root]).state is State.VERIFIED
    assert len(read_entries(entries)) == 2 * len(before)


def test_what_cannot_be_rescored_is_said(entries: Path) -> None:
    def elsewhere(document: dict[str, Any]) -> None:
        document["cases"] = "0" * 64

    rewritten(only(entries), elsewhere)
    found = {each.old.model: each for each in rescore(read_entries(entries), entries, sources.SHIPPED)}
    assert "at hand are others than it is about" in found["phenotype"].why
    assert found["marfan"].why == ""


def test_entries_are_chosen_by_path_or_name(entries: Path) -> None:
    entry = only(entries)
    for named in (entry.name, str(entry.folder), str(entry.folder / "entry.json")):
        assert [each.name for each in chosen_entries([named], entries)] == [entry.name]
    assert len(chosen_entries([], entries)) == 2
    with pytest.raises(UnknownName, match="did you mean phenotype@"):
        chosen_entries([entry.name[:-1]], entries)


def test_exports_hold_every_entry_and_escape_what_the_format_gives_a_meaning(entries: Path) -> None:
    rewritten(only(entries, "marfan"), lambda document: document["model"].update(name="a|b_c & <i>d"))
    found = {form: exported(read_entries(entries), form) for form in FORMS if form != "hf"}
    assert found["csv"].count("\n") == 3
    assert "a|b_c & <i>d" in found["csv"]
    assert r"a|b\_c \& <i>d" in found["latex"]
    assert r"a\|b_c & &lt;i>d" in found["markdown"]
    assert {each["model"]["name"] for each in json.loads(found["json"])} == {"phenotype", "a|b_c & <i>d"}
    assert "16.3 (11.0–23.4)" in found["markdown"]


def test_a_model_card_block_is_about_one_model(entries: Path) -> None:
    with pytest.raises(UsageError, match="about one model"):
        exported(read_entries(entries), "hf")
    from huggingface_hub import ModelCard, ModelCardData

    card = ModelCard(exported([only(entries)], "hf"))
    assert isinstance(card.data, ModelCardData)
    assert card.data.model_name == "phenotype"
    value = next(each.metric_value for each in card.data.eval_results or () if each.metric_name == "recall@1")
    assert value == pytest.approx(0.162963)


def test_entries_are_asked_with_sql(entries: Path) -> None:
    found = read_entries(entries)
    names, rows = asked("select model, count(*) n from entries join verdicts using (entry) group by 1 order by 2", found)
    assert (names, rows) == (["model", "n"], [("phenotype", 135), ("marfan", 270)])
    ((hits,),) = asked("select count(*) from predictions where relation = 'exact' and rank = 1 and entry like 'pheno%'", found)[1]
    assert hits == sum(only(entries).ranks().exact == 1)
    for table in TABLES:
        assert asked(f"select count(*) from {table}", found, read_reported())[1][0][0] > 0


@pytest.mark.parametrize("query", ["select * from read_csv('/etc/hostname')", "copy entries to 'out.csv'", "selec 1"])
def test_a_query_sees_the_tables_alone_and_a_bad_one_says_so(query: str, entries: Path) -> None:
    with pytest.raises(UsageError, match=r"the query fails: .*tables: entries, estimates"):
        asked(query, read_entries(entries))


def test_a_store_is_one_file_that_needs_no_entries(entries: Path, tmp_path: Path) -> None:
    import duckdb

    path = write_store(read_entries(entries), read_reported(), tmp_path / "leaderboard.duckdb")
    shutil.rmtree(entries)
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("select count(*) from verdicts").fetchone() == (405,)
        said = "select count(*) from predictions where name = 'Marfan syndrome' and entry like 'marfan%'"
        assert connection.execute(said).fetchone() == (270,)


def test_the_committed_entries_verify_where_their_cases_are_shipped_and_contradict_themselves_nowhere() -> None:
    found = {f"{each.folder.parent.name}/{each.folder.name}": each for each in verify(sorted(COMMITTED.glob("*/*")), HERE)}
    assert len({name.partition("/")[0] for name in found}) >= 6
    for name, each in found.items():
        wanted = State.VERIFIED if name.startswith("raredx_") else State.UNCHECKED
        assert each.state is wanted, (name, each.said)


def test_no_entries_at_all_are_no_error(tmp_path: Path) -> None:
    assert list(verify([], HERE)) == []
    assert asked("select 1", [])[1] == [(1,)]
    with pytest.raises(UsageError, match="there is no folder of entries"):
        read_entries(tmp_path / "nowhere")
