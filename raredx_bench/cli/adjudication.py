"""adjudicate export, adjudicate import, llm-judge: what others say of our verdicts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import Progress, TaskID

from raredx_bench import sources
from raredx_bench.cli.options import DataDir, listed, write_json
from raredx_bench.cli.printing import err, numbers, out, print_agreements, print_estimates, progress
from raredx_bench.domain import UnknownName
from raredx_bench.llmjudge import LLMJudgement

readers = typer.Typer(no_args_is_help=True, help="Let clinicians judge a blinded sample of a run's predicted names.")


@readers.command("export")
def export(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, report.json files or files of verdicts.")],
    sheet: Annotated[Path, typer.Option(help="The sheet for readers: CSV that shows no verdict.")] = Path("sheet.csv"),
    key: Annotated[
        Path | None, typer.Option(help="Its key, with our verdicts, to be kept from readers (default: SHEET's name .key.json).")
    ] = None,
    size: Annotated[int, typer.Option(min=1, help="Pairs to draw.")] = 200,
    seed: Annotated[int, typer.Option(help="Random seed of the draw.")] = 0,
    data_dir: DataDir = None,
) -> None:
    """Draw pairs of predicted and gold names, as even as may be over benchmarks and verdicts, for people to judge."""
    from raredx_bench.ontology import load_ontology
    from raredx_bench.sampling import draw, pairs_of, read_runs
    from raredx_bench.sheets import write_sample

    ontology = load_ontology(sources.data_dir(data_dir))
    sample = draw(pairs_of(read_runs(runs), ontology), size, seed)
    place = key or sheet.with_suffix(".key.json")
    write_sample(sample, sheet, place)
    drawn = Counter(pair.stratum for pair in sample.pairs)
    table = numbers("benchmark and our verdict", "pairs", "drawn", title=f"{len(sample.pairs)} pairs to judge")
    for name, pairs in sample.strata.items():
        table.add_row(escape(name), str(pairs), str(drawn[name]))
    out.print(table)
    if sample.unreadable:
        out.print(f"[yellow]{sample.unreadable} names were left out: the terminology knows no answer of their cases[/]")
    for what, path in (("sheet", sheet), ("guide", sheet.with_suffix(".txt")), ("key", place)):
        out.print(f"{what:7} {path}", soft_wrap=True)
    out.print("[dim]Give each reader a copy of the sheet and the guide; keep the key.[/]")


@readers.command("import")
def import_sheets(
    key: Annotated[Path, typer.Argument(help="The key that export wrote.")],
    sheets: Annotated[list[Path], typer.Argument(help="Filled sheets, one a reader.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="JSON (default: beside the key).")] = None,
) -> None:
    """Read filled sheets: agreement of each reader with us, of readers with each other, and every disagreement."""
    from raredx_bench.adjudication import adjudicate, adjudication_document
    from raredx_bench.sheets import read_key, read_sheets

    sample = read_key(key)
    found = adjudicate(sample, read_sheets(sheets, sample))
    everybody = [*found.readers, *([found.majority] if found.majority else [])]
    print_agreements([(f"{each.reader} ({each.unsure} unsure, {each.blank} empty)", each.sample) for each in everybody],
                     "Readers against us, pairs as drawn: percent, 95 % intervals")  # fmt: skip
    print_agreements([(each.reader, each.population) for each in everybody],
                     "The same, weighted to all names of the runs")  # fmt: skip
    if found.between:
        print_agreements([(" and ".join(two), each) for two, each in found.between.items()], "Readers with each other")
    for each in everybody:
        if each.missing:
            out.print(f"[yellow]{escape(each.reader)} read nothing of {escape(', '.join(each.missing))}[/]")
    path = output or key.with_name(f"{key.name.removesuffix('.json').removesuffix('.key')}.adjudicated.json")
    write_json(path, adjudication_document(found))
    out.print(f"{len(found.disagreements)} disagreements, all in {path}", soft_wrap=True)


def llm_judge(
    run: Annotated[Path, typer.Argument(help="The folder or report.json of a run.")],
    base_url: Annotated[str, typer.Option("--base-url", help="OpenAI-compatible endpoint, mostly ending in /v1.")],
    model: Annotated[str, typer.Option(help="The language model that judges, as the endpoint names it.")],
    rubric: Annotated[str, typer.Option(help="What it is asked: rarearena (each name) or rarebench (each list).")],
    task: Annotated[str, typer.Option(help="Tasks of the run, comma separated (default: all).")] = "",
    cache: Annotated[Path | None, typer.Option(help="Folder of kept replies (default: llm-judge/replies beside the run).")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Requests at a time.")] = 8,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Longest reply; the endpoint's own limit unless said.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Let a LANGUAGE MODEL judge a run's names beside our own judge, and say how far the two agree.

    It is never asked by default, and none of our scores depends on it: its figures change with the model and the endpoint.
    It is sent predicted names and gold names, no case. The API key is read from OPENAI_API_KEY.
    """
    from raredx_bench.llmjudge import judge_run, judgement_document, names_of_gold
    from raredx_bench.ontology import load_ontology
    from raredx_bench.report import read_report

    report = read_report(run)
    assert report.folder is not None
    ontology = load_ontology(sources.data_dir(data_dir))
    if ontology.digest != report.terminology["digest"]:
        err.print("[yellow]the run was judged with another terminology: cases whose gold this one lacks are left out[/]")
    folder = report.folder / "llm-judge"
    for name in _chosen(listed(task), report.benchmarks):
        verdicts = report.benchmarks[name].verdicts
        with progress() as bar:
            shown = bar.add_task(f"{escape(model)}: {name}", total=None)

            def heard(done: int, total: int, bar: Progress = bar, shown: TaskID = shown) -> None:
                bar.update(shown, completed=done, total=total)

            found = judge_run(
                verdicts, names_of_gold(verdicts, ontology), rubric=rubric, base_url=base_url, model=model,
                cache=cache or folder / "replies", listener=heard, workers=workers, max_tokens=max_tokens,
            )  # fmt: skip
        _print_judgement(name, found)
        path = folder / f"{name}-{found.rubric}-{re.sub(r'[^A-Za-z0-9._-]+', '-', model)}.json"
        write_json(path, judgement_document(found))
        out.print(f"judgement  {path}", soft_wrap=True)


def _chosen(tasks: list[str], known: Mapping[str, Any]) -> list[str]:
    unknown = next((name for name in tasks if name not in known), None)
    if unknown is not None:
        raise UnknownName("task of the run", unknown, known)
    return tasks or list(known)


def _print_judgement(task: str, found: LLMJudgement) -> None:
    keys = [key for key in found.estimates if key != "mrr"]
    if keys:
        print_estimates([(found.model, found.estimates)], keys,
                        f"{task}, judged by a language model ({found.rubric}): percent, 95 % intervals")  # fmt: skip
    print_agreements([("our judge against it", found.agreement)], "A hit is score 2, or the same rank: percent, 95 % intervals")
    if found.by_relation:
        grades = list(next(iter(found.by_relation.values())))
        table = numbers("our relation", *(f"its score {grade}" for grade in grades), title="Names by our relation and its score")
        for relation, counted in found.by_relation.items():
            table.add_row(relation.value, *(str(counted[grade]) for grade in grades))
        out.print(table)
    said = (f"{found.asked} replies asked now, {found.unreadable} unreadable; {len(found.undecided)} cases undecided, "
            f"{len(found.unnamed)} without a gold name; {sum(found.tokens.values()):,} tokens")  # fmt: skip
    out.print(f"[dim]{said}[/]")
