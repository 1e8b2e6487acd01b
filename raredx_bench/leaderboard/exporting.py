"""Entries -> CSV, JSON, LaTeX, Markdown, or the model-index block of a model card on the Hugging Face hub."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from raredx_bench.domain import UsageError
from raredx_bench.extras import extra
from raredx_bench.leaderboard.entries import Entry
from raredx_bench.tasks import task_named

SHOWN = ("recall@1", "recall@5", "recall@10", "recall@10/narrower", "recall@10/broader", "mrr", "median_rank")
_TITLES = MappingProxyType(
    {"recall@10/narrower": "+ narrower", "recall@10/broader": "+ broader", "mrr": "MRR", "median_rank": "median rank"}
)


def exported(entries: Sequence[Entry], form: str) -> str:
    """The entries in one of FORMS, best recall@1 first within a benchmark.

    csv and json hold every estimate as fractions with its interval; latex and markdown the headline in percent; hf the block of one
    model. Raises UsageError for hf of several models.
    """
    return FORMS[form](sorted(entries, key=lambda each: (each.benchmark, each.signature, -_value(each, "recall@1"))))


def _value(entry: Entry, metric: str) -> float:
    return float(entry.document["estimates"][metric]["value"])


def _rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """One flat row an entry, every estimate with its interval."""
    return [
        {
            **_head(entry), "split": entry.document["split"], "form": entry.document["form"], "created": entry.document["created"],
            "who": entry.document["who"], "terminology": entry.document["terminology"]["release"],
            "withdrawn": (entry.withdrawn or {}).get("why"), "signature": entry.signature,
            **{f"{metric} {part}".removesuffix(" value"): each[part]
               for metric, each in entry.document["estimates"].items() for part in ("value", "low", "high")},
        }
        for entry in entries
    ]  # fmt: skip


def _head(entry: Entry) -> dict[str, Any]:
    revision = (entry.document["model"].get("card") or {}).get("revision")
    return {"benchmark": entry.benchmark, "model": entry.model, "revision": revision, "entry": entry.name, "n": entry.document["n"]}


def _csv(entries: Sequence[Entry]) -> str:
    import pandas as pd

    written = io.StringIO()
    pd.DataFrame(_rows(entries)).to_csv(written, index=False)
    return written.getvalue()


def _json(entries: Sequence[Entry]) -> str:
    return json.dumps([{**entry.document, "entry": entry.name} for entry in entries], indent=1, ensure_ascii=False) + "\n"


def _printed(entries: Iterable[Entry]) -> tuple[list[str], list[list[str]]]:
    """Titles and cells of the headline; rates in percent, intervals in brackets."""
    titles = ["benchmark", "model", "n", *(_TITLES.get(metric, metric) for metric in SHOWN)]
    return titles, [
        [entry.benchmark, f"{entry.model}{' (withdrawn)' if entry.withdrawn else ''}", str(entry.document["n"]),
         *(_cell(metric, entry.document["estimates"][metric]) for metric in SHOWN)]
        for entry in entries
    ]  # fmt: skip


def _cell(metric: str, each: Mapping[str, float]) -> str:
    if metric == "median_rank":
        return f"{each['value']:g} ({each['low']:g}–{each['high']:g})"
    digits, factor = (3, 1) if metric == "mrr" else (1, 100)
    value, low, high = (f"{factor * each[part]:.{digits}f}" for part in ("value", "low", "high"))
    return f"{value} ({low}–{high})"


def _latex(entries: Sequence[Entry]) -> str:
    import pandas as pd

    titles, cells = _printed(entries)
    table = pd.DataFrame(cells, columns=titles)
    text = table.style.hide(axis="index").format(escape="latex").format_index(escape="latex", axis=1)
    drawn: str = text.to_latex(hrules=True, column_format="ll" + "r" * (len(titles) - 2))
    return drawn.replace("–", "--")


def _markdown(entries: Sequence[Entry]) -> str:
    from pytablewriter import MarkdownTableWriter

    titles, cells = _printed(entries)
    escaped = [[cell.replace("<", "&lt;") for cell in row] for row in cells]  # the writer escapes what Markdown gives a meaning
    return str(MarkdownTableWriter(headers=titles, value_matrix=escaped, type_hints=["str"] * len(titles), flavor="github").dumps())


def _hf(entries: Sequence[Entry]) -> str:
    """https://huggingface.co/docs/hub/model-cards#evaluation-results"""
    hub = extra("huggingface_hub", "hf", "a model card's block")
    names = {entry.model for entry in entries}
    if len(names) != 1:
        raise UsageError(f"a model card is about one model: name its entries ({', '.join(sorted(names)) or 'there is none here'})")
    found = [
        hub.EvalResult(
            task_type="text-generation", task_name="Rare-disease diagnosis",
            dataset_type=str(task_named(entry.benchmark).base),
            dataset_name=str(task_named(entry.benchmark).metadata.get("title") or entry.benchmark),
            dataset_split=entry.document["split"], dataset_config=entry.document["form"],
            metric_type="recall", metric_name=_TITLES.get(metric, metric), metric_value=_value(entry, metric),
            metric_args={key: entry.document["estimates"][metric][key] for key in ("low", "high", "n")} | {"entry": entry.name},
            source_url=next(iter(entry.document["links"]), None),
        )
        for entry in entries if not entry.withdrawn
        for metric in ("recall@1", "recall@5", "recall@10")
    ]  # fmt: skip
    block = hub.ModelCardData(eval_results=found, model_name=next(iter(names)))
    return f"---\n{block.to_yaml()}\n---\n"


FORMS: Mapping[str, Callable[[Sequence[Entry]], str]] = MappingProxyType(
    {"csv": _csv, "json": _json, "latex": _latex, "markdown": _markdown, "hf": _hf}
)
