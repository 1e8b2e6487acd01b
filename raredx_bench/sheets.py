"""Sample <-> the files of an adjudication: a sheet for readers that shows no verdict, and its key, to be kept from them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput, Relation, UsageError
from raredx_bench.sampling import Pair, Sample

SCHEMA = "raredx-adjudication-1"
COLUMNS = ("id", "prediction", "gold names", "verdict", "comment")
LETTERS = {"E": Relation.EXACT, "N": Relation.NARROWER, "B": Relation.BROADER, "D": Relation.DIFFERENT}
UNSURE = "?"
_FORMULA = re.compile(r"['=+\-@\t\r＝＋－＠]")  # how a cell begins that a spreadsheet would calculate; ' marks an escaped one
GUIDE = """For each row, compare the predicted name with the gold names (any of them counts) and write one letter under "verdict":

E  the prediction is the gold disease itself, under whatever name, spelling or language
N  the prediction is a form or subtype of the gold
B  the prediction is a wider disease or group that includes the gold, and still a diagnosis
D  anything else: another disease, a sibling form, a finding, a whole field of medicine
?  you can't say

Judge the names alone; what kind of patient it was does not matter. Leave the other columns as they are; "comment" is yours.
Rows may be sorted as a whole. Save as CSV (UTF-8). Please don't compare notes with other readers before all are done.
"""


@dataclass(frozen=True)
class Sheet:
    """One reader's verdicts by pair id; unsure: those marked "?"; blank: those left empty."""

    reader: str
    relations: Mapping[str, Relation]
    unsure: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    comments: Mapping[str, str] = field(default_factory=dict)


def write_sample(sample: Sample, sheet: Path, key: Path) -> None:
    """The sheet (UTF-8 with a mark, so that spreadsheets read it rightly), what readers must know beside it (.txt), and its key.

    Raises UsageError when one of them exists already, or can't be written: a filled sheet must not be lost.
    """
    guide = sheet.with_suffix(".txt")
    for path in (sheet, guide, key):
        if path.exists():
            raise UsageError(f"{path} exists: name another file, it may hold a reader's work")
    if len({path.resolve() for path in (sheet, guide, key)}) < 3:
        raise UsageError(f"{sheet}, the instructions {guide} and the key {key} must be three files: name the sheet .csv")
    document = json.dumps(_document(sample), indent=1, ensure_ascii=False) + "\n"
    try:
        for path, content in ((key, document), (guide, GUIDE), (sheet, "\ufeff" + _table(sample))):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"can't write {error.filename}: {error.strerror}") from error


def _table(sample: Sample) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows((pair.id, escaped(pair.prediction), escaped(_names(pair)), "", "") for pair in sample.pairs)
    return text.getvalue()


def _document(sample: Sample) -> dict[str, Any]:
    drawn = Counter(pair.stratum for pair in sample.pairs)
    return {
        "schema": SCHEMA,
        "seed": sample.seed,
        "unreadable": sample.unreadable,
        "strata": {
            name: {"pairs": pairs, "drawn": drawn[name], "weight": pairs / drawn[name]} for name, pairs in sample.strata.items()
        },
        "pairs": [asdict(pair) for pair in sample.pairs],
    }


def read_key(path: Path) -> Sample:
    """The sample of a key file. Raises BadInput when it is not one."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA:
            raise BadInput(f"{path} is the key of another version ({document['schema']}, not {SCHEMA})")
        pairs = tuple(
            replace(Pair(**row), gold=tuple(row["gold"]), names=tuple(row["names"]), relation=Relation(row["relation"]))
            for row in document["pairs"]
        )
        strata = {name: int(each["pairs"]) for name, each in document["strata"].items()}
        return Sample(pairs, strata, document["seed"], document["unreadable"])
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is not the key of an adjudication ({error!r}): it is the JSON file that export wrote") from error


def read_sheets(paths: Sequence[Path], sample: Sample) -> list[Sheet]:
    """One reader's sheet per file, named by the file. Raises UsageError for a file named twice, BadInput as read_sheet does."""
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError("the same sheet is named twice: give each reader's file once")
    names = [path.stem for path in paths]
    return [read_sheet(path, sample, path.stem if names.count(path.stem) == 1 else path.as_posix()) for path in paths]


def read_sheet(path: Path, sample: Sample, reader: str = "") -> Sheet:
    """The verdicts of one filled sheet; letters in either case; separated by commas, semicolons or tabs; rows in any order.

    Raises BadInput: the line of a row that is unknown, repeated, changed or has another letter; the ids that are missing.
    """
    pairs = {pair.id: pair for pair in sample.pairs}
    relations: dict[str, Relation] = {}
    comments: dict[str, str] = {}
    rest: dict[str, list[str]] = {UNSURE: [], "": []}
    seen: dict[str, int] = {}
    for line, row in _rows(path):
        pair = pairs.get(row["id"])
        if pair is None:
            raise BadInput(f"{path}, line {line}: the id {row['id']!r} is not in the key: it was changed, or the sheet belongs to "
                           "another export")  # fmt: skip
        if pair.id in seen:
            raise BadInput(f"{path}, line {line}: the id {pair.id} stands on line {seen[pair.id]} already: delete one of the rows")
        seen[pair.id] = line
        _check_text(path, line, row, pair)
        letter = row["verdict"].upper()
        if letter in rest:
            rest[letter].append(pair.id)
        elif letter in LETTERS:
            relations[pair.id] = LETTERS[letter]
        else:
            raise BadInput(f"{path}, line {line}: the verdict {row['verdict']!r} is none of E, N, B, D and ?")
        if row.get("comment"):
            comments[pair.id] = unescaped(row["comment"])
    missing = [each for each in pairs if each not in seen]
    if missing:
        raise BadInput(f"{path}: {len(missing)} of {len(pairs)} rows are missing ({', '.join(missing[:5])}"
                       f"{', …' if len(missing) > 5 else ''}): leave the verdict empty rather than delete the row")  # fmt: skip
    return Sheet(reader or path.stem, relations, tuple(rest[UNSURE]), tuple(rest[""]), comments)


def escaped(text: str) -> str:
    """The text with ' in front when a spreadsheet would calculate it (or when it begins with ' itself)."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """The inverse of escaped; a text that was never escaped comes back as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _names(pair: Pair) -> str:
    return " | ".join(" ".join(name.split()) for name in pair.names)


def _check_text(path: Path, line: int, row: Mapping[str, str], pair: Pair) -> None:
    """Raises BadInput when a row shows another text than was sent out: one column sorted alone shifts every verdict."""
    for column, sent in (("prediction", pair.prediction), ("gold names", _names(pair))):
        if " ".join(row[column].split()) not in (sent, escaped(sent)):
            raise BadInput(f"{path}, line {line}: the {column} of {pair.id} reads {row[column]!r}, but {sent!r} was sent out: rows "
                           "were mixed up, or letters lost (save as CSV UTF-8)")  # fmt: skip


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by column) of every row that is not empty, cells stripped, columns in lower case."""
    text = _text(path)
    head = text.lstrip("\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    header: list[str] = []
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if header:
                yield reader.line_num, dict(zip(header, _padded(cells, len(header)), strict=False))
                continue
            header = [cell.lower() for cell in cells]
            _check_header(path, header)
    except csv.Error as error:
        raise BadInput(f"{path}, line {reader.line_num} is not CSV: {error}") from error
    if not header:
        raise BadInput(f"{path} is empty")


def _padded(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))


def _check_header(path: Path, header: Iterable[str]) -> None:
    lacking = [column for column in COLUMNS[:-1] if column not in header]
    if lacking:
        raise BadInput(f"{path} is no sheet for readers: its first line lacks {', '.join(lacking)}")


def _text(path: Path) -> str:
    """The text of a file as spreadsheets save it: UTF-8, UTF-16 with a mark, or Windows' Western code page."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}") from error
    if raw.startswith(b"PK"):
        raise BadInput(f"{path} is a workbook, not CSV: save it as CSV UTF-8")
    for encoding in ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(f"{path} is not text: save it as CSV UTF-8")
