"""Training cases and a teacher -> RareDxCOT in a folder: the stages "rers" and "rejection" from end to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from raredx_bench.domain import BadInput, Case
from raredx_bench.findings import FindingReader
from raredx_bench.fingerprints import Fingerprint
from raredx_bench.judging import Judge
from raredx_bench.linking import Linker
from raredx_bench.prices import load_prices, price_of
from raredx_bench.strata import stratified
from raredx_train.generate import Generator, Kept, generator_for
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import place
from raredx_train.knowledge.grounds import Grounds, fingerprints_at_hand, load_grounds
from raredx_train.knowledge.withheld import unseen_diseases
from raredx_train.reasoning import corpus
from raredx_train.reasoning.card import composition, write_card
from raredx_train.reasoning.cases import Wanted, is_apart, training_cases
from raredx_train.reasoning.constraint import Constraint
from raredx_train.reasoning.experts import Baseline, Expert, Model
from raredx_train.reasoning.funnel import Funnel, stages
from raredx_train.reasoning.masking import source_of, variants
from raredx_train.reasoning.reflection import Outcome, Panel, Reflection, Told
from raredx_train.reasoning.retrieval import Retriever
from raredx_train.reasoning.settings import Rers
from raredx_train.reasoning.teacher import OntologyTeacher, options_from
from raredx_train.settings import Teacher

ROWS = 20_000  # attempts in one group of the file


def build_reasoning(
    rers: Rers, teacher: Teacher, knowledge: Knowledge, folder: Path, root: Path, told: Told = lambda done, total, said: None
) -> dict[str, Any]:  # fmt: skip
    """The figures of the corpus that is written to a folder: train.parquet, heldout.parquet, attempts.parquet, card.json, card.md.

    knowledge: the settings of the stage whose facts K and the teacher know. A teacher of whom nothing can be kept leaves the cards
    and attempts.parquet alone, and the figures' notes say why. Raises DataMissing, UsageError or UnknownName for what can't be
    used, RunIncomplete when the teacher can't be asked now.
    """
    gone: Counter[str] = Counter()
    told(0, 0, "loading what is known")
    grounds = load_grounds(knowledge, root, Counter())
    trained, forms = cases_for(rers, grounds, gone)
    cases = stratified(forms, grounds.base.ontology, grounds.base.hpo, root)
    panel = panel_for(rers, teacher, grounds.base, trained, folder)
    funnel = Funnel()
    outcomes = _attempts_kept(Reflection(rers, panel, told).run(cases), funnel, folder / "attempts.parquet")
    found = list(corpus.without_repeats(corpus.examples(outcomes, rers, grounds.base.ontology), gone))
    told(0, 0, "checking for leaks")
    held = unseen_diseases(grounds.base.ontology)
    found = corpus.unleaked(found, _held_out(rers, grounds.cases, trained), held, gone)
    found = corpus.balanced(found, rers, gone)
    loss = [each for each in found if is_apart(each.case)]
    taught = [each for each in found if not is_apart(each.case)]
    for name, part in (("train", taught), ("heldout", loss)):
        _write([corpus.row(each) for each in part], folder / f"{name}.parquet")
    document = funnel.document(price_of(teacher.model, load_prices()))
    composed = composition(taught, rers.tokenizer)
    write_card(folder, rers, teacher, document, composed, gone, grounds.base.ontology.release)
    return {**{name: count for name, count in stages(document) if count}, "examples": len(taught), "diseases": composed["diseases"],
            "held out": len(loss), "notes": document["symptoms"]}  # fmt: skip


def cases_for(rers: Rers, grounds: Grounds, gone: Counter[str]) -> tuple[tuple[Case, ...], list[Case]]:
    """(the training cases, those of the part with their masked forms). gone: what was left out, by reason."""
    wanted = Wanted(rers.benchmarks, rers.simulated, rers.cases, rers.seed, rers.diseases, rers.beside)
    trained = training_cases(wanted, grounds.cases, grounds.base, gone)
    reader = FindingReader(grounds.base.hpo)
    number, of = map(int, rers.part.split("/"))
    mine = [case for case in trained if int(place("part", case.group) * of) == number - 1]
    return trained, [each for case in mine for each in variants(case, reader, rers.variants, rers.drop, rers.seed)]


def panel_for(rers: Rers, teacher: Teacher, base: Base, trained: Sequence[Case], folder: Path) -> Panel:
    """Who is asked and who decides, as the settings name them; what they say is kept in the folder."""
    linker = Linker(base.ontology)
    baseline, reads = rers.baseline and rers.rounds > 0, rers.records > 0 and (rers.rounds > 0 or rers.knowledge_first)
    retriever = Retriever(base, trained, rers.encoder) if baseline or reads else None
    experts: list[Expert] = [Baseline(retriever)] if retriever and baseline else []
    experts += [Model(each.model, generator_for(each, folder / "opinions" / str(at))) for at, each in enumerate(rers.experts)]
    return Panel(
        base=base,
        judge=Judge(linker),
        teacher=teacher_for(teacher, base, folder / "replies"),
        retriever=retriever if reads else None,
        experts=experts,
        constraint=Constraint(base, linker) if rers.filtered else None,
    )


def teacher_for(teacher: Teacher, base: Base, folder: Path) -> Generator:
    """The generator that a recipe names; the ontology teacher knows the base's facts. Raises UsageError for one that can't be."""
    if teacher.backend == "ontology":
        return Kept(OntologyTeacher(base, options_from(teacher)), folder)
    return generator_for(teacher, folder)


def _held_out(rers: Rers, cases: Mapping[str, tuple[Case, ...]], trained: Sequence[Case]) -> tuple[Fingerprint, ...]:
    """Fingerprints of every case at hand that is not trained on, and of the files that the settings name."""
    mine = {(case.benchmark, case.id) for case in trained}
    return fingerprints_at_hand(rers.fingerprints, ([each for each in found if (each.benchmark, each.id) not in mine]
                                                    for found in cases.values()))  # fmt: skip


def _attempts_kept(outcomes: Iterator[Outcome], funnel: Funnel, path: Path) -> Iterator[Outcome]:
    """The outcomes, each counted and its attempts written down as it passes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = []
    try:
        with pq.ParquetWriter(path, _schema()) as writer:
            for outcome in outcomes:
                funnel.add(outcome)
                rows += _rows(outcome)
                if len(rows) >= ROWS:
                    writer.write_table(pa.Table.from_pylist(rows, _schema()))
                    rows.clear()
                yield outcome
            writer.write_table(pa.Table.from_pylist(rows, _schema()))
    except OSError as error:
        raise BadInput(f"{path} can't be written ({error}): free some space or name another folder") from error


def _rows(outcome: Outcome) -> Iterator[dict[str, Any]]:
    for attempt in outcome.attempts:
        yield {
            "case": outcome.case.id, "source": source_of(outcome.case.id), "state": outcome.state.value, "call": attempt.call.value,
            "round": attempt.round, "rank": attempt.rank, "kept": attempt.kept, "faults": list(attempt.faults),
            "think": attempt.trace.think, "names": list(attempt.trace.names), **asdict(attempt.note),
        }  # fmt: skip


def _schema() -> Any:
    import pyarrow as pa

    text, listed = pa.string(), pa.list_(pa.string())
    return pa.schema({
        "case": text, "source": text, "state": text, "call": text, "round": pa.int64(), "rank": pa.int64(), "kept": pa.bool_(),
        "faults": listed, "think": text, "names": listed, "stop": text, "prompt_tokens": pa.int64(),
        "completion_tokens": pa.int64(), "seconds": pa.float64(),
    })  # fmt: skip


def _write(rows: list[dict[str, Any]], path: Path) -> None:
    """Write a file of rows; one without any is not written, and an older one is removed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.unlink(missing_ok=True)
    if not rows:
        return
    try:
        pq.write_table(pa.Table.from_pylist(rows), path)
    except OSError as error:
        raise BadInput(f"{path} can't be written ({error}): free some space or name another folder") from error
