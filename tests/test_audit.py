"""The audit finds what was planted, and nothing else; its report holds no case text; the command writes it."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from benchmarks.audit_sample import READINGS, compared, read_readings, scanned
from raredx_bench.audit import Audit, Benchmarked, Check, audit
from raredx_bench.audit.checks import flags_of, identifiers_in, is_animal
from raredx_bench.audit.copies import copies_of_findings, copies_of_texts, matches_in, texts_in
from raredx_bench.audit.report import audit_document, write_audit
from raredx_bench.benchmarks import load_cases
from raredx_bench.domain import BadInput, Case
from raredx_bench.fingerprints import fingerprints, overlaps, read_fingerprints, shingles, words_of, write_fingerprints
from raredx_bench.hpo import Hpo
from raredx_bench.mentions import MentionFinder
from raredx_bench.ontology import Ontology, load_ontology
from tests.test_cli import raredx

MARFAN, CF = "OMIM:154700", "OMIM:219700"
NOW = "2026-01-01T00:00:00+00:00"
WORDS = [f"word{number}" for number in range(4000)]


@pytest.fixture(scope="module")
def finder(embedded: Ontology) -> MentionFinder:
    return MentionFinder(embedded)


def made(identifier: str, text: str, *answers: str, **more: Any) -> Case:
    return Case(identifier, more.pop("benchmark", "made"), text, answers or (CF,), **more)


def prose(seed: int, size: int = 150) -> str:
    """A text of random words."""
    return " ".join(random.Random(seed).choices(WORDS, k=size))


def reworded(text: str, share: float) -> str:
    """The text with this share of its words replaced, evenly."""
    words = text.split()
    step = round(1 / share)
    return " ".join("other" if at % step == 0 else word for at, word in enumerate(words))


# --- one case ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        (f"She has cystic fibrosis. {prose(1)}", (CF,), {Check.NAMED}),
        (f"Cystic fibrosis was excluded. {prose(1)}", (CF,), {Check.NAMED}),
        (f"CMT runs in the family. {prose(1)}", ("OMIM:611228",), {Check.FAMILY}),
        (f"CMT, in fact CMT4J. {prose(1)}", ("OMIM:611228",), {Check.NAMED}),
        (f"Cystinuria was found. {prose(1)}", ("OMIM:220100",), {Check.FINDING}),
        (prose(1), ("OMIM:999999999",), {Check.UNKNOWN}),
        (prose(1), ("OMIM:999999999", CF), set()),
        (prose(1, 20), (CF,), {Check.SHORT}),
        (f"Born on May 2, 2022. {prose(1)}", (CF,), {Check.IDENTIFYING}),
        (f"A 6-year-old male St. Bernard dog came. {prose(1)}", (CF,), {Check.ANIMAL}),
        (prose(1), (CF,), set()),
    ],
)
def test_a_case_is_flagged_for_what_it_is(finder: MentionFinder, text: str, answers: tuple[str, ...], expected: set[Check]) -> None:
    assert {flag.check for flag in flags_of(made("a", text, *answers), finder, coded=False)} == expected


def test_a_gold_with_many_diseases_below_is_a_group(small_root: Path, hpo: Hpo) -> None:
    many = "".join(f"\n[Term]\nid: MONDO:00001{at}\nname: elm disease {at}\nis_a: MONDO:0000021\n" for at in range(10, 30))
    with (small_root / "ontology/mondo.obo").open("a") as handle:
        handle.write(many)
    finder = MentionFinder(load_ontology(small_root, hpo))
    flags = list(flags_of(made("a", prose(1), "MONDO:0000021"), finder, coded=False))
    assert [flag.check for flag in flags] == [Check.GROUP]
    assert "Cedar family disorder" in flags[0].why
    assert not list(flags_of(made("a", prose(1), "MONDO:0000010"), finder, coded=False))


def test_cases_given_as_findings_are_short_by_their_findings(finder: MentionFinder) -> None:
    few = made("a", "The patient has these findings: x.", CF, observed=("HP:0000001", "HP:0000002"))
    enough = made("a", "The patient has these findings: x.", CF, observed=("HP:0000001", "HP:0000002", "HP:0000003"))
    assert [flag.check for flag in flags_of(few, finder, coded=True)] == [Check.SHORT]
    assert not list(flags_of(enough, finder, coded=True))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("admitted on 12 September 2024", ["a date with its day"]),
        ("admitted on the 3rd of May", ["a date with its day"]),
        ("on August 21, 2012,", ["a date with its day"]),
        ("on July 23, she", ["a date with its day"]),
        ("on 2021-04-21", ["a date with its day"]),
        ("on 21/04/2021 and 4/21/2021", ["a date with its day"]),
        ("in May 2021", []),
        ("in March she may 12 times", []),
        ("a 92-year-old man", ["an age over 89"]),
        ("an 89-year-old man", []),
        ("aged 92 months", []),
        ("Mrs. Jones was seen", ["a person's name"]),
        ("multiple sclerosis (MS) Patients", []),
        ("write to a.b@example.org", ["an e-mail address"]),
        ("call 555-123-4567", ["a telephone or fax number"]),
        ("tel. +44 20 7946 0958", ["a telephone or fax number"]),
        ("MRN: 00123456", ["a record or account number"]),
        ("hospital number A12345", ["a record or account number"]),
        ("her number 123-45-6789", ["a social security number"]),
        ("at 12 Elm Tree Road.", ["a street address"]),
        ("see https://example.org", ["a web address"]),
        ("from 192.168.0.1", ["an internet protocol address"]),
        ("glucose 5.6 mmol/l, 1.2.3 and 140/90 mmHg on day 12", []),
    ],
)
def test_what_may_identify_a_person(text: str, kinds: list[str]) -> None:
    assert identifiers_in(text) == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A 9-year-old neutered male European shorthair cat was presented", True),
        ("A 1-year-and-11-month-old male neutered dog", True),
        ("Cat 1 was a 7-year-old, female spayed domestic shorthair", True),
        ("The dog was febrile", True),
        ("brought to the Veterinary Hospital of the university", True),
        ("A 9-year-old girl scratched by a cat", False),
        ("A 40-year-old man had a dog bite", False),
        ("A 30-year-old veterinarian with fever", False),
        ("He eats like a horse", False),
        ("cat-eye syndrome, mouse antibody, rabbit serum", False),
    ],
)
def test_animals_are_told_from_people_who_meet_them(text: str, expected: bool) -> None:
    assert is_animal(text) is expected


# --- copies -----------------------------------------------------------------------------------------------------------


def test_planted_copies_are_found_and_nothing_else() -> None:
    cases = [made(str(seed), prose(seed)) for seed in range(30)]
    cases += [
        made("same", prose(3).upper().replace(" ", ",  "), benchmark="other"),
        made("near", reworded(prose(5), 0.05)),
        made("far", reworded(prose(7), 0.25)),
    ]
    found = {(copy.first.id, copy.second.id): copy for copy in copies_of_texts(cases)}
    assert set(found) == {("3", "same"), ("5", "near")}
    assert found["3", "same"].exact
    assert found["3", "same"].similarity == 1.0
    assert not found["5", "near"].exact


def test_the_similarity_of_copies_is_the_share_of_runs_counted_by_hand() -> None:
    one, other = prose(1), reworded(prose(1), 0.05)
    (copy,) = copies_of_texts([made("a", one), made("b", other)])
    first, second = shingles(words_of(one)), shingles(words_of(other))
    assert copy.similarity == len(first & second) / len(first | second)


def test_the_same_findings_and_answer_are_a_copy_under_any_id(embedded: Ontology) -> None:
    cases = [
        made("a", "x", "OMIM:154700", observed=("HP:1", "HP:2")),
        made("b", "y", "ORPHA:558", observed=("HP:2", "HP:1")),
        made("other answer", "x", CF, observed=("HP:1", "HP:2")),
        made("other findings", "x", MARFAN, observed=("HP:1",)),
        made("absent ones", "x", MARFAN, observed=("HP:1", "HP:2"), excluded=("HP:3",)),
        made("none", "x", MARFAN),
        made("none too", "x", MARFAN),
    ]
    assert [(copy.first.id, copy.second.id) for copy in copies_of_findings(cases, embedded)] == [("a", "b")]


@pytest.mark.parametrize("around", [0, 60, 400, 1500])
def test_a_case_is_found_inside_a_longer_text(around: int) -> None:
    known = fingerprints([made(str(seed), prose(seed, 200)) for seed in range(20)])
    texts = [f"{prose(100 + seed, around)} {prose(seed, 200)} {prose(200 + seed, around)}" for seed in range(20)]
    assert {(match.case, match.text) for match in overlaps(known, texts)} == {(str(seed), seed) for seed in range(20)}


def test_fingerprints_survive_their_file_and_hold_no_text(tmp_path: Path) -> None:
    known = fingerprints([made(str(seed), prose(seed)) for seed in range(3)])
    for name in ("f.jsonl", "f.jsonl.gz"):
        write_fingerprints(known, tmp_path / name)
        again = read_fingerprints(tmp_path / name)
        assert [(each.case, each.sha256, each.words) for each in again] == [(each.case, each.sha256, each.words) for each in known]
        assert all((one.signature == other.signature).all() for one, other in zip(again, known, strict=True))
    assert "word" not in (tmp_path / "f.jsonl").read_text().replace('"words"', "")


def test_a_signature_never_changes() -> None:
    (one,) = fingerprints([made("a", prose(1))])
    assert one.signature[:3].tolist() == [3755434, 47882119, 33834886]
    assert one.sha256 == hashlib.sha256(prose(1).encode()).hexdigest()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"schema": "raredx-fingerprints-0"}\n', "no fingerprint file of this version"),
        ("{\n", "line 1: not JSON"),
        ("HEADER\n{}\n", "line 2: not a fingerprint"),
        ('HEADER\n{"benchmark": "b", "case": "c", "sha256": "", "words": 1, "minhash": "AAAA"}\n', "line 2"),
    ],
)
def test_a_bad_fingerprint_file_says_where(tmp_path: Path, content: str, said: str) -> None:
    write_fingerprints([], tmp_path / "empty.jsonl")
    path = tmp_path / "f.jsonl"
    path.write_text(content.replace("HEADER\n", (tmp_path / "empty.jsonl").read_text()))
    with pytest.raises(BadInput, match=said):
        read_fingerprints(path)


def test_training_files_of_every_shape_are_compared(tmp_path: Path) -> None:
    cases = [made(str(seed), prose(seed)) for seed in range(4)]
    rows: list[Any] = [
        {"text": prose(50)},
        {"prompt": f"Name the disease.\n{prose(0)}", "completion": "1. x"},
        {"messages": [{"role": "user", "content": prose(1)}, {"role": "assistant", "content": "x"}]},
        {"presentation": prose(2)},
    ]
    path = tmp_path / "train.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as handle:
        handle.writelines(json.dumps(row) + "\n" for row in rows)
    assert {(match.case, match.text, match.exact) for match in matches_in(path, cases)} == {
        ("0", 1, False), ("1", 2, False), ("2", 3, True),
    }  # fmt: skip
    write_fingerprints(fingerprints(cases[:2]), tmp_path / "seen.jsonl")
    assert {(match.case, match.exact) for match in matches_in(tmp_path / "seen.jsonl", cases)} == {("0", True), ("1", True)}


@pytest.mark.parametrize(
    ("content", "said"), [("{}\n", "no text in any of the fields"), ("x\n", "line 1: not JSON"), ("", "no row")]
)
def test_a_file_without_text_says_so(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "f.jsonl").write_text(content)
    with pytest.raises(BadInput, match=said):
        list(texts_in(tmp_path / "f.jsonl"))


# --- report -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(finder: MentionFinder, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """An audit of a few made cases, compared with a file that holds one of them."""
    path = tmp_path_factory.mktemp("seen") / "train.jsonl"
    path.write_text(json.dumps({"text": prose(1)}) + "\n")
    cases = [
        made("named <b>", f"She has <i>cystic fibrosis</i>. {prose(0)}"),
        made("quiet", prose(1)),
        made("again", prose(1)),
        made("clean", prose(2)),
    ]
    coded = [made("coded", "x", CF, benchmark="coded", observed=("HP:1", "HP:2", "HP:3"))]
    return audit([Benchmarked("made", cases, False), Benchmarked("coded", coded, True)], finder, [path])


def test_the_report_counts_what_was_planted_and_is_valid(found: Audit) -> None:
    document = audit_document(found, NOW)
    first, second = document["benchmarks"]
    counts = {check: each["cases"] for check, each in first["counts"].items() if each["cases"]}
    assert counts == {"names its answer": 1, "repeated": 2, "in other data": 2}
    assert first["clean"]["cases"] == 3
    assert first["unflagged"]["cases"] == 1
    assert first["kinds"] == {"name": 1}
    assert first["said"] == {"stated": 1}
    assert second["unflagged"] == {"cases": 1, "share": 1.0, "low": pytest.approx(0.206549), "high": 1.0}
    assert [len(each["matches"]) for each in document["against"]] == [2]


def test_no_case_text_leaves_without_being_asked_for(found: Audit, tmp_path: Path) -> None:
    report, page = write_audit(found, tmp_path / "a", NOW)
    files = [path for path in (tmp_path / "a").rglob("*") if path.is_file()]
    texts = [gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text() for path in files]
    assert len(files) == 4
    assert not any("word1" in text for text in texts)
    assert "Not for clinical use" in page.read_text()
    assert "named &lt;b&gt;" in page.read_text()
    assert json.loads(report.read_text())["schema"] == "raredx-audit-1"
    _, with_text = write_audit(found, tmp_path / "b", NOW, snippets=True)
    assert "She has &lt;i&gt;<mark>cystic fibrosis</mark>&lt;/i&gt;" in with_text.read_text()


def test_the_page_asks_nobody_for_anything(found: Audit, tmp_path: Path) -> None:
    _, page = write_audit(found, tmp_path, NOW)
    assert "http" not in page.read_text()
    assert "src=" not in page.read_text()


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_audits_and_writes_its_report(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(json.dumps({"text": load_cases("raredx_vignettes", tmp_path)[0].presentation}) + "\n")
    done = raredx("audit", "raredx_vignettes", "--against", "train.jsonl", "--output", "here", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for said in ("names its answer", "no flag", "134  99.3 %", "1 cases are in it", "not for clinical use", "here/audit.json"):
        assert said in done.stdout
    assert (tmp_path / "here/audit.html").is_file()
    assert len(read_fingerprints(tmp_path / "here/fingerprints/raredx_vignettes.jsonl.gz")) == 135


def test_the_command_names_its_mistakes(tmp_path: Path) -> None:
    done = raredx("audit", "raredx_vignetes", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean raredx_vignettes" in done.stderr


# --- the readings -----------------------------------------------------------------------------------------------------


def test_our_own_vignettes_never_name_their_answer(finder: MentionFinder, tmp_path: Path) -> None:
    cases = load_cases("raredx_vignettes", tmp_path)
    flags = [flag for case in cases for flag in flags_of(case, finder, coded=False)]
    assert [flag for flag in flags if flag.check is not Check.GROUP] == []


def test_the_readings_hold_no_case_text_and_give_the_published_figures() -> None:
    with READINGS.open(encoding="utf-8", newline="") as handle:
        assert all(len(row["reason"].split()) <= 8 for row in csv.DictReader(handle, delimiter="\t"))
    readings = read_readings(READINGS)
    assert len(readings) == len({each.case for each in readings}) == 100
    first = compared(readings, [each.scan for each in readings], strict=True)
    assert first.precision is not None
    assert first.recall is not None
    assert (round(first.precision.value, 3), first.precision.n) == (0.978, 46)
    assert (round(first.recall.value, 3), first.recall.n) == (0.947, 49)


def test_the_scan_still_agrees_with_the_readings(data_root: Path, tmp_path: Path) -> None:
    sample = data_root / "rarearena/RDS_format_sample.jsonl"
    if not sample.is_file():
        pytest.skip("the sample of case reports that was read is not in RAREDX_DATA")
    (tmp_path / "rarearena").mkdir()
    (tmp_path / "rarearena/RDS_benchmark.jsonl").symlink_to(sample)
    cases = {case.id: case for case in load_cases("rarearena_rds", tmp_path)}
    readings = read_readings(READINGS)
    finder = MentionFinder(load_ontology(data_root))
    now = compared(readings, [scanned(cases[each.case], finder) for each in readings], strict=True)
    assert now.precision is not None
    assert now.recall is not None
    assert (now.precision.value, now.recall.value) >= (0.97, 0.94)
    assert now.recall.value >= 0.94
