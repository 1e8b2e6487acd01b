"""What is published -> its model card, with the metadata that the hub reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from raredx_train.exporting import ladder
from raredx_train.exporting.found import Published
from raredx_train.exporting.licences import Learnt, noncommercial
from raredx_train.settings import FROM_SCRATCH

USE = """\
## Intended use

Research on language models: how far a model learns to rank rare diseases, and how this is measured. **Not for clinical use**: not
for diagnosis, triage, advice to patients or anything else that a person's care depends on. It is no medical device, and no
physician has examined it."""
LIMITS = """\
## Limits

* It ranks diseases that it has names for; the right one may be missing from its list, and wrong ones stand there with equal ease.
* What it writes before its list reads like reasoning. It was rewarded for its list, and its reasoning was checked against records
  at most: it may be wrong where the list is right.
* It knows HPO's, Mondo's and Orphanet's records as of their releases, with their gaps and their bias towards well-known diseases.
* Patients from other languages, countries and kinds of notes than it learnt from were not looked at, unless the ladder says so.
* Do not give it the data of real patients: nothing here protects them."""
STUDENT = """\
* It was built from nothing at a size that knows next to no language: it shows that training works, and nothing about medicine."""
READ = """\
## How to use it

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer, model = AutoTokenizer.from_pretrained(FOLDER), AutoModelForCausalLM.from_pretrained(FOLDER)
```

`raredx-bench run --model hf:FOLDER --tasks raredx_vignettes` asks it as it was taught to be asked, and judges what it answers."""


def card(published: Published, works: Sequence[Learnt], rungs: Sequence[Mapping[str, Any]], made: str) -> str:
    """README.md. made: the card that the stage wrote beside its weights, whose figures are kept."""
    name, stage = f"{published.recipe['name']}-{published.stage}", published.stage
    lines = [
        "---", metadata(published, works, rungs, name), "---", "", f"# {name}", "",
        "**For research on models only. Not for clinical use.**", "",
        f"A model of the RareDxR1 recipe (arXiv 2607.00147) as the project raredx has it: stage `{stage}` of the recipe "
        f"`{published.recipe['name']}`, after {', '.join(f'`{each}`' for each in published.before if each != stage) or 'nothing'}.",
        "", USE, "", LIMITS, *([STUDENT] if published.recipe["student"]["model"] == FROM_SCRATCH else []), "", READ, "",
        "## The ladder", "", *_ladder(rungs, stage), "", "## Training", "", *_training(published), "", *_figures(made), "",
        "## What it learnt from", "", *(f"* {each.work}: {each.part}. {each.terms}" for each in works), "",
        "[LICENSES.md](LICENSES.md) has the terms" + (", one of which forbids commercial use" if noncommercial(list(works)) else "")
        + (f"; [cards](cards) has the data cards of {', '.join(published.cards)}." if published.cards else "."), "",
    ]  # fmt: skip
    return "\n".join(lines)


def metadata(published: Published, works: Sequence[Learnt], rungs: Sequence[Mapping[str, Any]], name: str) -> str:
    """The YAML between the card's rules, as https://huggingface.co/docs/hub/model-cards has it.

    license is "other": no single licence covers a model that learnt from works under several. Results are the published stage's.
    """
    from huggingface_hub import ModelCardData

    results, model = ladder.results(rungs, published.stage), published.recipe["student"]["model"]
    datasets = sorted({each.dataset for each in works if each.dataset})
    about = ModelCardData(
        language="en", license="other", license_name="see-licenses", license_link="LICENSES.md", library_name="transformers",
        pipeline_tag="text-generation", tags=["raredx", "rare-disease", "medical", "research", "trl"], datasets=datasets or None,
        base_model=model if re.fullmatch(r"[\w.-]+/[\w.-]+", model) else None,
        model_name=name if results else None, eval_results=results or None,
    )  # fmt: skip
    return str(about.to_yaml()).strip()


def _ladder(rungs: Sequence[Mapping[str, Any]], stage: str) -> list[str]:
    if not rungs:
        return ["Nothing was measured: this run has no ladder."]
    said = "Shares of cases with the right disease among the first names, with 95 % intervals, by raredx's deterministic judge."
    rows = ladder.table(rungs, stage)
    simulated = ["", "`raredx_sim` are patients drawn from the annotations that are taught: they test plumbing, not medicine."]
    return [said, "", *rows, *(simulated if any(rung["benchmark"].startswith("raredx_sim") for rung in rungs) else [])]


def _training(published: Published) -> list[str]:
    """A row for each stage: when, how long, from which revision."""
    lines = ["| stage | finished | seconds | seed | raredx | revision |", "|---|---|---|---|---|---|"]
    for name, made in published.before.items():
        revision = (made.revision or "unknown")[:12]
        lines.append(f"| {name} | {made.finished} | {made.seconds:,.0f} | {made.seed} | {made.raredx} | {revision} |")
    return lines


def _figures(made: str) -> list[str]:
    """The body of the stage's own card, below its heading and its warning."""
    body = made.split("---\n", 2)[-1]
    kept = [line for line in body.splitlines() if not line.startswith(("# ", "**For research"))]
    return "\n".join(kept).strip().splitlines()
