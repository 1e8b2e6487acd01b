"""What is told of a knowledge set: counts, coverage, what was left out and why, and whose data is in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment

from raredx_bench.domain import DataMissing, UsageError
from raredx_train.knowledge.choices import Choice
from raredx_train.knowledge.facts import Fact
from raredx_train.knowledge.pairs import Pair
from raredx_train.knowledge.settings import Knowledge

LICENCES = {  # how a source's name begins: whose it is
    "HPO": "HPO licence, https://hpo.jax.org/license (attribution; contents unaltered); OMIM entries are cited by number",
    "Mondo": "CC BY 4.0, https://mondo.monarchinitiative.org",
    "ORDO": "CC BY 4.0, https://www.orphadata.com",
    "ordo": "CC BY 4.0, https://www.orphadata.com",
    "mondo": "CC BY 4.0, https://mondo.monarchinitiative.org",
    "en_product": "CC BY 4.0, https://www.orphadata.com",
    "PubMed": "abstracts may be under their publishers' copyright: https://www.ncbi.nlm.nih.gov/books/about/copyright/",
}
NOTE = "For research on models only. Not for clinical use."


@dataclass(frozen=True)
class KnowledgeCounts:
    """What build_knowledge wrote. pairs: in train.parquet; heldout: questions by part; tokens: of train alone.

    kinds, sources: pairs by each; diseases: that at least one pair is about; facts: taught by at least one pair, of how many known;
    left_out: by reason.
    """

    pairs: int
    heldout: Mapping[str, int]
    diseases: int
    findings: int
    facts_taught: int
    facts_known: int
    tokens: int
    kinds: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)


def counted(
    pairs: Sequence[Pair], choices: Sequence[Choice], facts: Sequence[Fact], left_out: Counter[str], tokenizer: str
) -> KnowledgeCounts:
    """The counts of a set. Raises DataMissing or UsageError for a tokenizer that can't be loaded."""
    count = token_counter(tokenizer)
    subjects = {pair.subject for pair in pairs if pair.subject}
    return KnowledgeCounts(
        pairs=len(pairs),
        heldout=dict(Counter(choice.part for choice in choices)),
        diseases=sum(not each.startswith("HP:") for each in subjects),
        findings=sum(each.startswith("HP:") for each in subjects),
        facts_taught=len({key for pair in pairs for key in pair.facts}),
        facts_known=len(facts),
        tokens=sum(count(pair.question) + count(pair.answer) for pair in pairs),
        kinds=dict(Counter(pair.kind for pair in pairs).most_common()),
        sources=dict(Counter(source for pair in pairs for source in pair.source.split("; ")).most_common()),
        left_out=dict(sorted(left_out.items())),
    )


def token_counter(tokenizer: str) -> Any:
    """A function from a text to its number of tokens: words, or those of a tokenizer.json (or a folder that holds one)."""
    if not tokenizer:
        return lambda text: len(text.split())
    path = Path(tokenizer) / "tokenizer.json" if Path(tokenizer).is_dir() else Path(tokenizer)
    if not path.is_file():
        raise DataMissing(f"{path} is not there: name a tokenizer.json, or a folder with one, in knowledge.tokenizer")
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise UsageError("knowledge.tokenizer needs the package tokenizers: pip install 'raredx[train]'") from error
    try:
        loaded = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises plain Exception
        raise UsageError(f"{path} is no tokenizer.json ({error}): name another in knowledge.tokenizer") from error
    return lambda text: len(loaded.encode(text, add_special_tokens=False).ids)


def write_card(counts: KnowledgeCounts, settings: Knowledge, releases: str, folder: Path) -> None:
    """Write card.json and card.md."""
    licences = {source: next((text for start, text in LICENCES.items() if source.startswith(start)), "see its file")
                for source in counts.sources}  # fmt: skip
    card = {"schema": "raredx-knowledge-1", "note": NOTE, "settings": asdict(settings), "releases": releases, **asdict(counts),
            "licences": licences}  # fmt: skip
    (folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    text = Environment(autoescape=False, trim_blocks=True, lstrip_blocks=True).from_string(_CARD).render(card)  # Markdown, no HTML
    (folder / "card.md").write_text(text, encoding="utf-8")


_CARD = """\
# RareKnowledgeQA

{{ note }}

Question-answer pairs on rare diseases, made from {{ releases }} by the stage `knowledge` of raredx. `train.parquet` has the columns
prompt, completion (TRL's conversational format), kind, disease, source, record and id; `heldout.parquet` has choices, values
(what each choice names), answer (the index of the right one) and part as well.

| | |
|---|---|
| pairs | {{ "{:,}".format(pairs) }} |
| diseases | {{ "{:,}".format(diseases) }} |
| findings asked about by themselves | {{ "{:,}".format(findings) }} |
| facts taught, of all known | {{ "{:,}".format(facts_taught) }} of {{ "{:,}".format(facts_known) }} |
| tokens ({{ settings.tokenizer or "words" }}) | {{ "{:,}".format(tokens) }} |
| held out: facts taught, asked in another wording of the same kind | {{ "{:,}".format(heldout.taught or 0) }} |
| held out: facts taught, asked in words that no pair uses | {{ "{:,}".format(heldout.rephrased or 0) }} |
| held out: facts that no pair teaches | {{ "{:,}".format(heldout.unseen or 0) }} |
| diseases of the split `unseen` | {{ settings.unseen_diseases }} |
| seed | {{ settings.seed }} |

Diseases of `unseen` are {{ "taught like others: their cases are held out, not what is known of them" if
settings.unseen_diseases == "keep" else "left out" }}. What no pair states is not thereby false: a "no" says that something is not
recorded.

## Kinds
{% for kind, n in kinds.items() %}
* {{ kind }}: {{ "{:,}".format(n) }}
{% endfor %}

## Left out
{% for why, n in left_out.items() %}
* {{ why }}: {{ "{:,}".format(n) }}
{% endfor %}

## Sources and licences
{% for source, n in sources.items() %}
* {{ source }}: {{ "{:,}".format(n) }} pairs. {{ licences[source] }}
{% endfor %}
"""
