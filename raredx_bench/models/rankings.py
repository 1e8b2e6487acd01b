"""Files that phenotype-driven rankers write, one a case -> ranked diseases. The readers know formats, not cases.

Columns are found by name, so that further columns change nothing. Sources of the formats:

exomiser       JSON (also one gene a line) and TSV of genes and variants: exomiser.readthedocs.io, "Interpreting the Results". Of
               the JSON, every gene's HIPHIVE_PRIORITY.diseaseMatches by descending score, as
               github.com/monarch-initiative/pheval.exomiser reads them. Of genes.tsv, the disease that each gene's
               HUMAN_PHENO_EVIDENCE names; of variants.tsv, EXOMISER_ACMG_DISEASE_ID; both by descending
               EXOMISER_GENE_COMBINED_SCORE, files of several modes of inheritance together.
lirical        TSV below lines that begin with "!": lirical.readthedocs.io, "LIRICAL TSV Output". Ranks may read "1,234".
pheval         monarch-initiative.github.io/pheval, "Executing a benchmark": <case>-pheval_disease_result.tsv, later
               <case>-disease_result.parquet. Later versions add the true diagnosis with rank 0 where the ranker lacks it: rows of
               rank 0 are left out.
pubcasefinder  TSV or JSON of pubcasefinder.dbcls.jp/api, pcf_get_ranked_list: Rank, Score, OMIM_ID or ORPHA_ID, Disease_Name.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from raredx_bench.domain import BadInput

Row = Mapping[str, Any]  # lower-case column -> value


class Ranked(NamedTuple):
    """A disease of a ranking: its id as the file has it, and its name, empty where the file has none."""

    id: str
    name: str


class Columns(NamedTuple):
    """Where a table has the id and the name: the first of these columns that a row fills."""

    ids: tuple[str, ...]
    names: tuple[str, ...]


COLUMNS = {
    "lirical": Columns(("diseasecurie",), ("diseasename",)),
    "pheval": Columns(("disease_identifier",), ("disease_name",)),
    "pubcasefinder": Columns(("omim_id", "orpha_id", "id"),
                             ("disease_name", "omim_disease_name_en", "orpha_disease_name_en", "name")),
}  # fmt: skip
FORMATS = ("exomiser", *COLUMNS)
_EVIDENCE = re.compile(r'"?(.*?)\s*\(([A-Za-z]+:\d+)\):')
_SNIFFED = 65536  # bytes of a JSON file that are looked at to tell whose it is


def format_of(path: Path) -> str | None:
    """The format of a file by its name and first lines; None for a file that is no ranking of diseases. Raises BadInput."""
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".genes.tsv", ".variants.tsv", ".jsonl")):
        return "exomiser"
    if name.endswith((".parquet", ".json")):
        return _format_of_binary(name, path)
    if not name.endswith(".tsv"):
        return None
    with _opened(path) as handle:
        header = set(_header(handle)[0])
    fits = [kind for kind, columns in COLUMNS.items() if "rank" in header and header & set(columns.ids)]
    return fits[0] if fits else "pheval" if not header and "disease_result" in name else None


def _format_of_binary(name: str, path: Path) -> str | None:
    if name.endswith(".parquet"):
        return "pheval" if "disease_result" in name else None
    with _opened(path) as handle:
        start = handle.read(_SNIFFED)
    return "exomiser" if '"geneSymbol"' in start else "pubcasefinder" if '"rank"' in start and '"id"' in start else None


def read_ranking(paths: Sequence[Path], kind: str) -> list[Ranked]:
    """The diseases of one case's files, best first; ties in the order of the file. Raises BadInput naming file and fault."""
    if kind == "exomiser":
        return _exomiser(paths)
    scored = []
    for path in paths:
        for place, row in _rows(path, quoted=kind == "pheval"):
            rank = _number(row.get("rank"), "rank", place)
            if rank >= 1:
                scored.append((rank, _ranked(row, COLUMNS[kind], place)))
    return [ranked for _, ranked in sorted(scored, key=lambda each: each[0])]


def _exomiser(paths: Sequence[Path]) -> list[Ranked]:
    """The kind of file that tells most: JSON, else genes, else variants."""
    names = {path: path.name.lower().removesuffix(".gz") for path in paths}
    readers: tuple[tuple[tuple[str, ...], Callable[[Path], Iterable[tuple[float, Ranked]]]], ...] = (
        ((".json", ".jsonl"), _disease_matches), ((".genes.tsv",), _genes), ((".variants.tsv",), _variants),
    )  # fmt: skip
    for endings, reader in readers:
        if chosen := [path for path, name in names.items() if name.endswith(endings)]:
            scored = [each for path in chosen for each in reader(path)]
            return [ranked for _, ranked in sorted(scored, key=lambda each: -each[0])]
    raise BadInput(f"{paths[0]} is no file of Exomiser's: expected .json, .jsonl, .genes.tsv or .variants.tsv")


def _disease_matches(path: Path) -> Iterator[tuple[float, Ranked]]:
    for place, gene in _objects(path):
        for match in _inside(gene, place, "priorityResults", "HIPHIVE_PRIORITY").get("diseaseMatches") or ():
            model = _inside(match, place, "model")
            nested = _inside(model, place, "disease")
            found = Ranked(str(model.get("diseaseId") or nested.get("diseaseId") or ""),
                           str(model.get("diseaseTerm") or nested.get("diseaseName") or ""))  # fmt: skip
            if not found.id:
                raise BadInput(f"{place}: a disease match has no diseaseId")
            yield _number(match.get("score"), "score", place), found


def _genes(path: Path) -> Iterator[tuple[float, Ranked]]:
    for place, row in _rows(path, quoted=True):
        if "human_pheno_evidence" not in row:
            raise BadInput(f"{place}: expected a column HUMAN_PHENO_EVIDENCE")
        if evidence := _EVIDENCE.match(row["human_pheno_evidence"] or ""):
            yield _combined(row, place), Ranked(evidence[2], evidence[1])


def _variants(path: Path) -> Iterator[tuple[float, Ranked]]:
    columns = Columns(("exomiser_acmg_disease_id",), ("exomiser_acmg_disease_name",))
    for place, row in _rows(path, quoted=True):
        if row.get(columns.ids[0]):
            yield _combined(row, place), _ranked(row, columns, place)


def _combined(row: Row, place: str) -> float:
    return _number(row.get("exomiser_gene_combined_score"), "EXOMISER_GENE_COMBINED_SCORE", place)


def _ranked(row: Row, columns: Columns, place: str) -> Ranked:
    identifier = next((str(row[each]).strip() for each in columns.ids if row.get(each)), "")
    if not identifier:
        raise BadInput(f"{place}: expected a disease's id in a column {' or '.join(columns.ids)}")
    return Ranked(identifier, next((str(row[each]).strip() for each in columns.names if row.get(each)), ""))


def _number(value: Any, what: str, place: str) -> float:
    try:
        return float(str(value).replace(",", ""))
    except ValueError as error:
        raise BadInput(f"{place}: expected {what} to be a number, not {value!r}") from error


def _rows(path: Path, *, quoted: bool) -> Iterator[tuple[str, Row]]:
    """(place, row) of a table."""
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".parquet"):
        for number, record in enumerate(_parquet(path), 1):
            yield f"{path}, row {number}", {key.lower(): value for key, value in record.items()}
        return
    if name.endswith((".json", ".jsonl")):
        for place, row in _objects(path):
            yield place, {key.lower(): value for key, value in row.items()}
        return
    with _opened(path) as handle:
        header, before = _header(handle)
        reader = csv.DictReader(handle, header, delimiter="\t", quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
        for cells in reader:
            yield f"{path}, line {before + reader.line_num}", cells


def _header(handle: IO[str]) -> tuple[list[str], int]:
    """(lower-case columns, lines read): the first line that is no comment; no columns in an empty file."""
    number = 0
    for number, line in enumerate(iter(handle.readline, ""), 1):
        if line.strip() and not line.startswith("!"):
            return [cell.strip(' #"\r\n').lower() for cell in line.split("\t")], number
    return [], number


def _objects(path: Path) -> Iterator[tuple[str, Row]]:
    """(place, object) of a JSON list, or of JSON lines."""
    with _opened(path) as handle:
        text = handle.read()
    lined = path.name.lower().removesuffix(".gz").endswith(".jsonl")
    try:
        found = [json.loads(line) for line in text.split("\n") if line.strip()] if lined else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is not JSON ({error})") from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadInput(f"{path}: expected a list of JSON objects")
    for number, each in enumerate(found, 1):
        yield f"{path}, object {number}", each


def _inside(found: Any, place: str, *keys: str) -> Row:
    """The object under a path of keys, an empty one where there is none. Raises BadInput for what is no object."""
    for key in keys:
        found = (found or {}).get(key) if isinstance(found, dict) or found is None else found
    if found is not None and not isinstance(found, dict):
        raise BadInput(f"{place}: expected {'.'.join(keys)} to be an object")
    return found or {}


def _parquet(path: Path) -> list[dict[str, Any]]:
    import pyarrow
    import pyarrow.parquet

    try:
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    except (OSError, pyarrow.ArrowException) as error:
        raise BadInput(f"{path} can't be read as Parquet: {error}") from error
    return rows


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """A text file, plain or gzipped. Raises BadInput when it can't be read, also half-way."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig", newline="")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig", newline="")
        ) as handle:
            yield handle
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise BadInput(f"{path} can't be read: {error}") from error
