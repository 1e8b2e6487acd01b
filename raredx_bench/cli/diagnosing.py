"""diagnose."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from raredx_bench import sources
from raredx_bench.cli.options import DataDir, write_json, write_text
from raredx_bench.cli.printing import err, out
from raredx_bench.domain import BadInput, UsageError

if TYPE_CHECKING:
    from raredx_bench.hpo import Hpo
    from raredx_bench.recognition import Recognised

_STANDARD = "-"
_COLOURS = {"supports": "green", "contradicts": "red", "unexplained": "yellow", "missing": "dim"}


def diagnose(
    case: Annotated[
        str | None,
        typer.Argument(metavar="[CASE]", help="A description (text), a GA4GH phenopacket (JSON), or - for standard input."),
    ] = None,
    hpo: Annotated[list[str] | None, typer.Option("--hpo", help="An observed finding: HPO id or name; may be repeated.")] = None,
    absent: Annotated[list[str] | None, typer.Option("--not", help="A finding that is absent; may be repeated.")] = None,
    onset: Annotated[str, typer.Option(help="Age of onset (3 months, 12 years) or HPO's term for it.")] = "",
    sex: Annotated[str, typer.Option(help="female or male.")] = "",
    top: Annotated[int, typer.Option(min=1, max=100, help="Diseases that are listed.")] = 10,
    evidence: Annotated[int, typer.Option(min=0, help="Of how many the evidence is printed.")] = 3,
    as_json: Annotated[
        str, typer.Option("--json", metavar="FILE", help="Write the whole answer as JSON (- for standard output).")
    ] = "",
    html: Annotated[Path | None, typer.Option(help="Write a page on its own, findings marked in the text.")] = None,
    extract_with: Annotated[
        str, typer.Option(metavar="MODEL", help="A language model that points at findings of a text as well; needs --base-url.")
    ] = "",
    base_url: Annotated[
        str, typer.Option(help="Its OpenAI-compatible endpoint, mostly ending in /v1: the text is sent there.")
    ] = "",
    data_dir: DataDir = None,
) -> None:
    """Rank rare diseases for one patient's findings, with evidence. For research only, not for clinical use.

    Nothing leaves the machine unless --extract-with names a language model. Its API key is read from OPENAI_API_KEY.
    """
    from raredx_bench.definitions import defined
    from raredx_bench.diagnosis import Vocabulary, document_of, from_file, from_terms, page_of
    from raredx_bench.diagnosis.patient import checked, merged
    from raredx_bench.hpo import load_hpo
    from raredx_bench.ontology import load_ontology
    from raredx_bench.phenotype import Diagnoser

    if case is None and not hpo and not absent:
        raise UsageError("no patient is given: name a text or phenopacket, or findings with --hpo (such as --hpo Seizure)")
    if bool(extract_with) != bool(base_url):
        raise UsageError("--extract-with and --base-url go together: a language model, and the endpoint that the text is sent to")
    text = None if case is None else _read(case)
    root = sources.data_dir(data_dir)
    terms = load_hpo(root)
    ontology = load_ontology(root, terms)
    vocabulary = Vocabulary(terms, ontology)
    patient = from_terms(vocabulary, hpo or (), absent or (), onset, sex)
    if text is not None:
        path = None if case == _STANDARD else Path(str(case))
        patient = merged(from_file(vocabulary, path, text, _reader(terms, extract_with, base_url)), patient)
    patient = checked(patient)
    diagnoser = Diagnoser(terms, ontology, definitions=defined(root, ontology) if patient.text else None)
    found = diagnoser.diagnose(
        patient.observed, patient.excluded, text=patient.text, onset=patient.onset, sex=patient.sex, most=top
    )
    document = document_of(patient, found, terms)
    if html is not None:
        write_text(html, page_of(document))
        err.print(f"page    {escape(str(html))}", soft_wrap=True)
    if as_json == _STANDARD:
        typer.echo(json.dumps(document, indent=1, ensure_ascii=False))
        return
    if as_json:
        write_json(Path(as_json), document)
        err.print(f"JSON    {escape(as_json)}", soft_wrap=True)
    _print(document, evidence)


def _reader(terms: Hpo, model: str, base_url: str) -> Callable[[str], Recognised] | None:
    """What reads a text's findings with the help of a model; None without one."""
    if not model:
        return None
    from raredx_bench.endpoint import Endpoint
    from raredx_bench.extraction import Extractor
    from raredx_bench.models.egress import shown

    extractor = Extractor(terms, Endpoint(base_url, model))

    def read(text: str) -> Recognised:
        err.print(f"[yellow]the text is sent to {escape(shown(base_url))}[/]", soft_wrap=True)
        return extractor.read(text)

    return read


def _read(case: str) -> str:
    if case == _STANDARD:
        return sys.stdin.read()
    path = Path(case)
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(
            f"{path} is not there: name a file with a description or a phenopacket, or give findings with --hpo"
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no text in UTF-8 ({error.reason} at byte {error.start}): save it as one") from error
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}): name a file") from error


def _print(document: Mapping[str, Any], evidence: int) -> None:
    patient = document["patient"]
    _print_terms("observed", patient["observed"])
    _print_terms("absent", patient["excluded"])
    for title, polarity in (("relatives'", "family"), ("supposed", "hypothetical")):
        said = {each["id"]: each for each in patient["mentions"] if each["polarity"] == polarity}
        _print_terms(title, list(said.values()))
    if patient["sex"] or patient["onset"]:
        onset = patient["onset"]["label"] if patient["onset"] else ""
        out.print(f"[dim]patient[/]    {', '.join(filter(None, (patient['sex'], onset)))}")
    for note in document["notes"]:
        out.print(f"[yellow]note[/]       {escape(note)}", soft_wrap=True)
    out.print()
    out.print(_ranked(document))
    for candidate in document["candidates"][:evidence]:
        out.print()
        out.print(_weighed(candidate))
    out.print(f"\n[bold]{document['warning']}[/] [dim]HPO {document['hpo']}; probabilities are calibrated on published cases "
              "(docs/phenotype.md).[/]")  # fmt: skip


def _print_terms(title: str, terms: Sequence[Mapping[str, str]]) -> None:
    if terms:
        said = "; ".join(f"{escape(each['label'])} [dim]{each['id']}[/]" for each in terms)
        out.print(f"[dim]{title:10}[/] {said}")


def _ranked(document: Mapping[str, Any]) -> Table:
    from raredx_bench.diagnosis.page import percent, supporting

    table = Table("", "disease", "probability", "what speaks for it", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.columns[2].justify = "right"
    for each in document["candidates"]:
        found = supporting(each)
        shown = "; ".join(map(escape, found[:3]))
        more = f" [dim]and {len(found) - 3} more[/]" if len(found) > 3 else ""
        table.add_row(
            f"{each['rank']}",
            f"{escape(each['name'])}\n[dim]{' '.join(each['ids'])}[/]",
            percent(each["probability"]),
            shown + more + (f"\n[dim]words: {escape(', '.join(each['words']))}[/]" if each["words"] else ""),
        )
    table.add_row("", "[dim]none of these[/]", percent(document["none_of_these"]), "")
    return table


def _weighed(candidate: Mapping[str, Any]) -> Table:
    from raredx_bench.diagnosis.page import KINDS, percent

    table = Table("finding", "", "in the disease", "frequency", "weight", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False,
                  title=f"{candidate['rank']}. {escape(candidate['name'])}", title_justify="left")  # fmt: skip
    for name in ("frequency", "weight"):
        next(each for each in table.columns if each.header == name).justify = "right"
    for one in candidate["evidence"]:
        other = one["annotated"]["label"] if one["annotated"] and one["annotated"]["id"] != one["finding"]["id"] else ""
        table.add_row(escape(one["finding"]["label"]), f"[{_COLOURS[one['kind']]}]{KINDS[one['kind']]}[/]", escape(other),
                      percent(one["frequency"]), f"{one['weight']:+.1f}")  # fmt: skip
    return table
