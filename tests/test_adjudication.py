"""Export, readers, import: numbers by hand, round trips with perfect and noisy readers, and what spreadsheets do to files."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from raredx_bench.adjudication import Adjudication, adjudicate, adjudication_document
from raredx_bench.domain import BadInput, Case, Reading, Relation, UsageError, Verdict
from raredx_bench.judging import Judge
from raredx_bench.report import verdict_row
from raredx_bench.sampling import Pair, Sample, draw, pairs_from, pairs_of, read_runs
from raredx_bench.sheets import COLUMNS, GUIDE, LETTERS, Sheet, escaped, read_key, read_sheet, read_sheets, unescaped, write_sample

E, N, B, D = Relation.EXACT, Relation.NARROWER, Relation.BROADER, Relation.DIFFERENT
LETTER = {relation: letter for letter, relation in LETTERS.items()}


def pair(name: str, relation: Relation, *, link: str | None = "X", benchmark: str = "one", count: int = 1) -> Pair:
    return Pair(name, ("G:1",), ("Gold disease",), benchmark, relation, link, "by hand", count)


def many(relation: Relation, number: int, link: str | None = "X", benchmark: str = "one") -> list[Pair]:
    return [pair(f"{benchmark} {relation} {link} {i}", relation, link=link, benchmark=benchmark) for i in range(number)]


POPULATION = [*many(E, 300), *many(N, 20), *many(B, 40), *many(D, 500), *many(D, 200, link=None), *many(E, 50, benchmark="two")]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))


def fill(path: Path, target: Path, letter: Callable[[str], str], *, delimiter: str = ",", encoding: str = "utf-8-sig") -> Path:
    """A reader's work: the sheet with a letter for each id."""
    head, *rows = rows_of(path)
    with target.open("w", encoding=encoding, newline="") as handle:
        writer = csv.writer(handle, delimiter=delimiter)
        writer.writerow(head)
        writer.writerows([*row[:3], letter(row[0]), row[4]] for row in rows)
    return target


@pytest.fixture
def sample() -> Sample:
    return draw(POPULATION, size=120, seed=3)


@pytest.fixture
def sheet(sample: Sample, tmp_path: Path) -> Path:
    write_sample(sample, tmp_path / "sheet.csv", tmp_path / "key.json")
    return tmp_path / "sheet.csv"


def truth(sample: Sample) -> Callable[[str], str]:
    ours = {each.id: LETTER[each.relation] for each in sample.pairs}
    return lambda identifier: ours[identifier]


# drawing


def test_strata_get_even_shares_and_small_ones_leave_theirs_to_the_others(sample: Sample) -> None:
    drawn = Counter(each.stratum for each in sample.pairs)
    assert drawn == {
        "one/narrower": 20,
        "one/broader": 20,
        "two/exact": 20,
        "one/exact": 20,
        "one/different": 20,
        "one/unlinked": 20,
    }
    small = Counter(each.stratum for each in draw([*many(E, 3), *many(D, 100), *many(B, 50)], size=30).pairs)
    assert small == {"one/exact": 3, "one/broader": 13, "one/different": 14}
    assert len(draw(POPULATION, size=10_000).pairs) == len(POPULATION)


def test_the_seed_decides_what_is_drawn(sample: Sample) -> None:
    assert draw(reversed(POPULATION), size=120, seed=3) == sample
    assert draw(POPULATION, size=120, seed=4) != sample


def test_a_pair_that_occurs_often_is_read_once_and_weighs_more() -> None:
    drawn = draw([*[pair("often", E)] * 7, pair("once", E)], size=2)
    assert {each.prediction: each.count for each in drawn.pairs} == {"often": 7, "once": 1}
    assert sorted(drawn.weights(each.id for each in drawn.pairs).values()) == [1, 7]


def test_weights_add_up_to_the_population(sample: Sample) -> None:
    assert sum(sample.weights(each.id for each in sample.pairs).values()) == pytest.approx(len(POPULATION))
    some = [each.id for each in sample.pairs][::2]
    strata = {each.stratum for each in sample.pairs if each.id in some}
    assert sum(sample.weights(some).values()) == pytest.approx(sum(sample.strata[name] for name in strata))


def test_a_gold_without_a_name_is_counted_and_left_out() -> None:
    nameless = Pair("X", (), (), "one", D, None, "", 4)
    assert draw([nameless, pair("a", E)], size=5).unreadable == 4
    with pytest.raises(UsageError, match="no predicted name"):
        draw([nameless], size=5)


@pytest.mark.parametrize(
    ("pairs", "size", "error", "complaint"),
    [
        ([], 10, UsageError, "there is no predicted name"),
        (POPULATION, 5, UsageError, "fewer than one for each of the 6 strata"),
        ([pair("a", E), pair("a", D)], 5, BadInput, "exact in one run and different in another"),
    ],
)
def test_what_can_not_be_drawn(pairs: list[Pair], size: int, error: type[Exception], complaint: str) -> None:
    with pytest.raises(error, match=complaint):
        draw(pairs, size=size)


# where pairs come from


def test_pairs_come_from_files_of_verdicts(judge: Judge, tmp_path: Path) -> None:
    gold = next(iter(judge.ontology))
    name = judge.ontology.name(gold)
    verdict = judge.judge_names(Case("c1", "some", "text", (gold,)), (name, "no\nsuch  name"), Reading.LIST, "names")
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps(verdict_row(verdict)) + "\n", encoding="utf-8")
    known, unknown = pairs_of(read_runs([path]), judge.ontology)
    assert (known.prediction, known.names, known.benchmark, known.relation) == (name, (name,), "some", E)
    assert (unknown.prediction, unknown.stratum) == ("no such name", "some/unlinked")
    assert pairs_from(judge, [(name, (gold,))])[0].relation is E
    assert pairs_from(judge, [(name, ("OMIM:0",))])[0].names == ()


def test_verdicts_of_another_terminology_are_refused(judge: Judge) -> None:
    verdict = Verdict("c1", "c1", (), Reading.LIST, "", ("MONDO:9999999",))
    with pytest.raises(BadInput, match=r"c1 of some was judged with another terminology \(MONDO:9999999"):
        pairs_of([("some", verdict)], judge.ontology)


# the sheet


def test_the_sheet_shows_nothing_of_our_verdict(sheet: Path, sample: Sample) -> None:
    head, *rows = rows_of(sheet)
    assert tuple(head) == COLUMNS
    assert [row[0] for row in rows] == [each.id for each in sample.pairs]
    assert all(row[3:] == ["", ""] for row in rows)
    assert {row[2] for row in rows} == {"Gold disease"}
    raw = sheet.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    relations = [each.relation for each in sample.pairs]
    assert relations != sorted(relations)  # shuffled
    assert sheet.with_suffix(".txt").read_text(encoding="utf-8") == GUIDE


def test_ids_are_no_numbers_to_a_spreadsheet(sample: Sample) -> None:
    assert all(each.id[0] == "r" for each in sample.pairs)
    assert len({each.id for each in sample.pairs}) == len(sample.pairs)


def test_the_key_gives_the_sample_back_with_its_weights(sheet: Path, sample: Sample) -> None:
    key = sheet.parent / "key.json"
    assert read_key(key) == sample
    strata = json.loads(key.read_text(encoding="utf-8"))["strata"]
    assert strata["one/different"] == {"pairs": 500, "drawn": 20, "weight": 25}


@pytest.mark.parametrize("name", ["sheet.csv", "sheet.txt", "key.json"])
def test_nothing_is_overwritten(sample: Sample, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a reader's work")
    with pytest.raises(UsageError, match="exists"):
        write_sample(sample, tmp_path / "sheet.csv", tmp_path / "key.json")
    assert (tmp_path / name).read_text() == "a reader's work"


def test_the_key_is_a_file_of_its_own(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="three files"):
        write_sample(sample, tmp_path / "a.csv", tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Marfan syndrome", "Marfan syndrome"), ("=1+1", "'=1+1"), ("+46,XY", "'+46,XY"), ("-SCN1A", "'-SCN1A"), ("@x", "'@x"),
        ("＝1", "'＝1"), ("'t Hooft syndrome", "''t Hooft syndrome"), ("'=x", "''=x"), ("5q- syndrome", "5q- syndrome"), ("", ""),
    ],
)  # fmt: skip
def test_a_name_that_would_be_calculated_is_escaped_and_comes_back(text: str, cell: str) -> None:
    assert escaped(text) == cell
    assert unescaped(cell) == text


def test_escaped_names_survive_the_round_trip(tmp_path: Path) -> None:
    names = ('=HYPERLINK("x")', "'=x", "-a; b, c", "β-thalassemia", 'the "grey" syndrome')
    sample = draw([pair(name, E) for name in names], size=5)
    write_sample(sample, tmp_path / "s.csv", tmp_path / "k.json")
    assert not any(row[1].startswith(("=", "-")) for row in rows_of(tmp_path / "s.csv"))
    for delimiter in ",;\t":
        found = read_sheet(
            fill(tmp_path / "s.csv", tmp_path / "f.csv", truth(sample), delimiter=delimiter), read_key(tmp_path / "k.json")
        )
        assert len(found.relations) == 5


# what spreadsheets do


def test_a_spreadsheets_habits_are_read(sheet: Path, sample: Sample, tmp_path: Path) -> None:
    expected = {each.id: each.relation for each in sample.pairs}
    letter = truth(sample)
    filled = fill(sheet, tmp_path / "plain.csv", letter)
    text = filled.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    head, *rows = text.splitlines()
    shapes = {
        "semicolons": fill(sheet, tmp_path / "a.csv", letter, delimiter=";").read_bytes(),
        "tabs and UTF-16": fill(sheet, tmp_path / "b.csv", letter, delimiter="\t", encoding="utf-16").read_bytes(),
        "Windows' code page": fill(sheet, tmp_path / "c.csv", letter, encoding="cp1252").read_bytes(),
        "lower case": fill(sheet, tmp_path / "d.csv", lambda each: f" {letter(each).lower()} ").read_bytes(),
        "LF, no mark": text.encode(),
        "trailing empty lines": (text + "\n,,,,\n\n,,,,\n").encode(),
        "sorted by another column": "\n".join([head, *sorted(rows, key=lambda row: row.split(",")[1])]).encode(),
        "a capital header, a column more, last column cut off": "\n".join(
            [head.upper().removesuffix(",COMMENT") + ",mine", *(row.removesuffix(",") for row in rows)]
        ).encode(),
    }
    for what, raw in shapes.items():
        path = tmp_path / "shape.csv"
        path.write_bytes(raw)
        assert read_sheet(path, sample).relations == expected, what


def _line(text: str, number: int, change: Callable[[list[str]], list[str]]) -> str:
    lines = text.split("\r\n")
    lines[number - 1] = ",".join(change(lines[number - 1].split(",")))
    return "\r\n".join(lines)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: _line(text, 4, lambda row: [*row[:3], "X", ""]), r"line 4: the verdict 'X' is none of E, N, B, D and \?"),
        (lambda text: _line(text, 4, lambda row: ["r000", *row[1:]]), "line 4: the id 'r000' is not in the key"),
        (lambda text: _line(text, 4, lambda row: ["", *row[1:]]), "line 4: the id '' is not in the key"),
        (
            lambda text: _line(text, 4, lambda row: [row[0], "Other name", *row[2:]]),
            "line 4: the prediction of r.* reads 'Other name'",
        ),
        (lambda text: _line(text, 4, lambda row: [*row[:2], "Other", *row[3:]]), "line 4: the gold names of r.* reads 'Other'"),
        (lambda text: text + text.split("\r\n")[3] + "\r\n", "line 122: the id r.* stands on line 4 already"),
        (lambda text: "\r\n".join(text.split("\r\n")[:100]), r"21 of 120 rows are missing \(r.*, …\): leave the verdict empty"),
        (lambda text: text.replace("id,", "number,", 1), "no sheet for readers: its first line lacks id"),
        (lambda text: "a,b\r\n1,2\r\n", "lacks id, prediction, gold names, verdict"),
        (lambda text: "", "is empty"),
        (lambda text: "PK\x03\x04", "is a workbook, not CSV"),
    ],
)
def test_a_damaged_sheet_is_refused_with_the_place(
    sheet: Path, sample: Sample, tmp_path: Path, change: Callable[[str], str], complaint: str
) -> None:
    text = fill(sheet, tmp_path / "good.csv", truth(sample), encoding="utf-8").read_bytes().decode()
    bad = tmp_path / "bad.csv"
    bad.write_bytes(change(text).encode())
    with pytest.raises(BadInput, match=complaint):
        read_sheet(bad, sample)


def test_the_sheet_of_another_export_is_refused(sheet: Path) -> None:
    with pytest.raises(BadInput, match="belongs to another export"):
        read_sheet(sheet, draw(POPULATION, size=120, seed=4))


def test_what_is_no_key_is_refused(sheet: Path, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text('{"schema": "raredx-adjudication-0"}')
    (tmp_path / "report.json").write_text('{"schema": "raredx-adjudication-1", "pairs": [{"id": "r1"}]}')
    complaints = {"old": "key of another version", "report": "is not the key", "key": "can't be read"}
    (tmp_path / "key.json").unlink()
    for name, complaint in complaints.items():
        with pytest.raises(BadInput, match=complaint):
            read_key(tmp_path / f"{name}.json")
    with pytest.raises(BadInput, match="is not the key"):
        read_key(sheet)


def test_a_sheet_is_named_once_and_readers_by_their_files(sheet: Path, sample: Sample, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    one, two = fill(sheet, tmp_path / "a/s.csv", truth(sample)), fill(sheet, tmp_path / "b/s.csv", truth(sample))
    other = fill(sheet, tmp_path / "anna.csv", truth(sample))
    readers = [each.reader for each in read_sheets([one, two, other], sample)]
    assert readers == [one.as_posix(), two.as_posix(), "anna"]
    with pytest.raises(UsageError, match="named twice"):
        read_sheets([one, one], sample)


# readers


def study(sheet: Path, sample: Sample, readers: dict[str, Callable[[str], str]]) -> Adjudication:
    paths = [fill(sheet, sheet.parent / f"{name}.csv", letter) for name, letter in readers.items()]
    return adjudicate(read_key(sheet.parent / "key.json"), read_sheets(paths, sample))


def test_perfect_readers_agree_with_us_and_each_other(sheet: Path, sample: Sample) -> None:
    found = study(sheet, sample, {"anna": truth(sample), "ben": truth(sample)})
    for each in found.readers:
        assert (each.read, each.unsure, each.blank, each.missing) == (120, 0, 0, ())
        assert each.sample.accuracy.value == each.population.accuracy.value == 1
        assert each.sample.kappa == pytest.approx(1)
        assert sum(map(sum, each.population.table)) == pytest.approx(len(POPULATION))
    both = found.between["anna", "ben"]
    assert both is not None
    assert (both.n, both.kappa) == pytest.approx((120, 1))
    assert found.disagreements == ()


def test_what_a_reader_says_is_weighted_back_to_the_population(sheet: Path, sample: Sample) -> None:
    # the reader calls 4 of the 20 unlinked names exact: each stands for 200 / 20 = 10 occurrences
    unlinked = [each.id for each in sample.pairs if each.stratum == "one/unlinked"]
    letter = truth(sample)
    found = study(sheet, sample, {"anna": lambda each: "E" if each in unlinked[:4] else letter(each)}).readers[0]
    assert found.sample.recall is not None
    assert found.population.recall is not None
    assert found.population.precision is not None
    assert found.sample.recall.value == pytest.approx(40 / 44)
    assert found.population.recall.value == pytest.approx(350 / 390)
    assert found.population.precision.value == 1
    assert found.population.accuracy.value == pytest.approx(1070 / 1110)
    assert found.population.accuracy.low < 1070 / 1110 < found.population.accuracy.high
    width = found.population.accuracy.high - found.population.accuracy.low
    assert width > found.sample.accuracy.high - found.sample.accuracy.low  # uneven weights: fewer effective pairs


def test_noisy_readers_are_measured_as_noisy_as_they_are(tmp_path: Path) -> None:
    sample = draw(POPULATION, size=1000)
    write_sample(sample, tmp_path / "sheet.csv", tmp_path / "key.json")
    rng = random.Random(1)
    letter = truth(sample)

    def noisy(rate: float) -> Callable[[str], str]:
        return lambda each: rng.choice("ENBD".replace(letter(each), "")) if rng.random() < rate else letter(each)

    found = study(tmp_path / "sheet.csv", sample, {"steady": noisy(0.05), "hasty": noisy(0.3)})
    for reader, expected in zip(found.readers, (0.95, 0.7), strict=True):
        assert reader.sample.accuracy.low < expected < reader.sample.accuracy.high
        assert reader.population.accuracy.value == pytest.approx(expected, abs=0.04)
    both = found.between["steady", "hasty"]
    assert both is not None
    assert both.accuracy.low < 0.95 * 0.7 + 0.05 * 0.3 / 3 < both.accuracy.high
    assert len(found.disagreements) == len({d.pair.id for d in found.disagreements})


def test_question_marks_and_empty_cells_are_counted_and_the_rest_weighs_more(sheet: Path, sample: Sample) -> None:
    exact = [each.id for each in sample.pairs if each.stratum == "one/exact"]
    letter = truth(sample)
    marks = {**dict.fromkeys(exact[:5], "?"), **dict.fromkeys(exact[5:10], "")}
    found = study(sheet, sample, {"anna": lambda each: marks.get(each, letter(each))}).readers[0]
    assert (found.read, found.unsure, found.blank) == (110, 5, 5)
    assert sum(map(sum, found.population.table)) == pytest.approx(len(POPULATION))
    none = study(sheet, sample, {"ben": lambda each: "?" if each in exact else letter(each)}).readers[0]
    assert none.missing == ("one/exact",)
    assert sum(map(sum, none.population.table)) == pytest.approx(len(POPULATION) - 300)


def test_disagreements_name_the_pair_and_who_said_what(sample: Sample) -> None:
    first, second = sample.pairs[:2]
    other = {pair.id: D if pair.relation is E else E for pair in (first, second)}
    same = {pair.id: pair.relation for pair in sample.pairs}
    sheets = [
        Sheet("anna", {**same, first.id: other[first.id]}, comments={first.id: "see Orphanet", second.id: "sure"}),
        Sheet("ben", {key: each for key, each in same.items() if key != first.id}, unsure=(first.id,)),
    ]
    found = adjudicate(sample, sheets)
    assert len(found.disagreements) == 1
    assert found.disagreements[0].pair == first
    assert found.disagreements[0].said == {"anna": other[first.id].value, "ben": "?"}
    assert found.disagreements[0].comments == {"anna": "see Orphanet"}
    assert found.majority is not None
    assert (found.majority.read, found.majority.unsure, found.majority.sample.accuracy.value) == (119, 1, 1.0)
    assert json.loads(json.dumps(adjudication_document(found)))["disagreements"][0]["said"] == {"anna": other[first.id], "ben": "?"}


@pytest.mark.parametrize(
    ("votes", "majority"),
    [("EEE", E), ("EED", E), ("ED?", None), ("E??", None), ("EE?", E), ("END", None), ("DDE", D)],
)
def test_a_majority_is_more_than_half_of_all_readers(votes: str, majority: Relation | None) -> None:
    sample = draw([pair("a", E), pair("b", D)], size=2)
    a, b = (next(each.id for each in sample.pairs if each.prediction == name) for name in "ab")
    sheets = [
        Sheet(f"reader {i}", {b: D}, (a,)) if vote == "?" else Sheet(f"reader {i}", {a: LETTERS[vote], b: D})
        for i, vote in enumerate(votes)
    ]
    found = adjudicate(sample, sheets).majority
    assert found is not None
    expected = Counter({(D, D): 1}) + Counter({(majority, E): 1} if majority else {})
    assert (found.read, found.unsure) == (sum(expected.values()), majority is None)
    assert found.sample.table == tuple(tuple(expected[theirs, ours] for ours in Relation) for theirs in Relation)


def test_a_sheet_nobody_filled_is_refused(sheet: Path, sample: Sample) -> None:
    with pytest.raises(BadInput, match=r"no verdict .* is filled in by sheet"):
        adjudicate(sample, [read_sheet(sheet, sample)])
    with pytest.raises(BadInput, match="anybody"):
        adjudicate(sample, [])
