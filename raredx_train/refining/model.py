"""Collaborative refinement as a model type of lm-eval: `refined`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from lm_eval.api.registry import register_model

from raredx_bench import sources
from raredx_bench.domain import MAX_RANK, Case, DataMissing, Note, UnknownName, UsageError
from raredx_bench.linking import Linker
from raredx_bench.models.answering import AnsweringLM
from raredx_bench.ontology import load_ontology
from raredx_bench.parsing import parse, rendered
from raredx_bench.redacting import last_name
from raredx_train import manifest
from raredx_train.config import filled
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.grounds import load_grounds
from raredx_train.reasoning import asking, records
from raredx_train.reasoning.experts import Baseline
from raredx_train.reasoning.retrieval import Retriever
from raredx_train.refining.fusing import majority, reciprocal_ranks
from raredx_train.refining.members import Kept, Member, Said, spec, specs

How = Literal["crr", "k", "e", "rrf", "majority"]
BASELINE = "baseline"  # an expert's name: the phenotype baseline over what is taught
NOTHING = ("none", None)  # lm-eval reads the word as Python's own
ALL = "all"
FUSED: dict[str, Any] = {"rrf": reciprocal_ranks, "majority": majority}
AT_ONCE = 256  # cases whose answers are made, and stored, together


@register_model("refined")
class RefinedLM(AnsweringLM):
    """A lead's final differential, after it has seen K (records for the case and for what was named) and E (experts' lists).

    model_args: lead (a model), experts (models with + between them; each TYPE or TYPE(argument=value;argument=value); "baseline":
    the phenotype baseline over the same facts as K), knowledge ("all": every source at hand; a folder of a run's stage knowledge:
    with its seed and what it keeps back; "none"), how ("crr"; k: without E; e: without K; rrf and majority: the lists fused without
    a last question), records (diseases in K), shown (names of an expert in E), kept (a file for all answers in between; a run that
    was stopped asks none of them again, unless answers are sampled), data_dir, and batch_size and device of the members. What
    held-out cases' publications say is in no record.
    """

    def __init__(
        self, lead: str | None = None, experts: str | None = BASELINE, knowledge: str | None = ALL, how: How = "crr",
        records: int = 5, shown: int = 5, kept: str | None = None, data_dir: str | None = None,
        batch_size: int | str | None = None, device: str | None = None, **unknown: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        if extra := sorted(set(unknown) - {"max_batch_size"}):
            raise UsageError(
                f"refined knows no argument {', '.join(extra)}: lead, experts, knowledge, how, records, shown, kept, data_dir"
            )
        if not lead:
            raise UsageError("refined needs a lead: --model_args lead=TYPE(argument=value;argument=value)")
        if how not in get_args(How):
            raise UnknownName("way to refine", how, get_args(How))
        if min(records, shown) < 1:
            raise UsageError(f"records is {records}, shown {shown}: give numbers of 1 or more")
        self.how, self.records, self.shown = how, records, shown
        self.root = sources.data_dir(Path(data_dir) if data_dir else None)
        self._kept = store = Kept(Path(kept).expanduser() if kept else None)
        named = specs(str(experts)) if experts not in NOTHING and how != "k" else []
        listens = any(each.type == BASELINE for each in named)
        self._reads = how in ("crr", "k") and knowledge not in NOTHING
        self._retriever = self._looked_up(knowledge) if self._reads or listens else None
        self._baseline = Baseline(self._retriever) if self._retriever and listens else None
        self.lead = Member(spec(lead), "lead", store, batch_size, device)
        self.experts = [
            Member(each, f"Diagnoser {at}", store, batch_size, device) for at, each in enumerate(named, 1) if each.type != BASELINE
        ]
        base = self._retriever.base if self._retriever else None
        self._linker = Linker(base.ontology if base else load_ontology(self.root))

    @property
    def members(self) -> list[Any]:
        """The lm-eval models that are asked; egress.py looks where each of them sends prompts."""
        return [self.lead.lm, *(each.lm for each in self.experts)]

    def get_model_info(self) -> dict[str, str]:
        """What it is called: the lead's name and the way of refinement."""
        says = getattr(self.lead.lm, "get_model_info", None)
        own = dict(says()) if says and not says.__module__.startswith("lm_eval.") else {}  # lm-eval's own asks the hub
        args = self.lead.spec.args
        named = own.get("name") or next(
            (last_name(args[key]) for key in ("pretrained", "model") if args.get(key)), self.lead.spec.type
        )
        return {"name": f"{named} + {self.how}"}

    def generate_until(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
        """The final answers, in the order of the requests. Raises RunIncomplete when a member left a prompt without an answer."""
        return [text for start in range(0, len(requests), AT_ONCE) for text in self._answered(requests[start : start + AT_ONCE])]

    def _answered(self, requests: Sequence[Any]) -> list[str]:
        prompts = [str(each.args[0]) for each in requests]
        first = self.lead.ask(prompts, requests, "differential")
        heard = [[said] for said in first]
        lists: list[dict[str, tuple[str, ...]]] = [{} for _ in requests]
        for expert in self.experts:
            for at, said in enumerate(expert.ask(prompts, requests, "differential")):
                heard[at].append(said)
                lists[at][expert.name] = parse(said.text).names
        cases = [_case(each.doc) for each in requests]
        if self._baseline is not None:
            for at, names in enumerate(self._baseline.differentials(cases)):
                lists[at][Baseline.name] = names
                self._keep(prompts[at], requests[at], names)
        own = [parse(said.text).names for said in first]
        if fuse := FUSED.get(self.how):
            both = zip(own, lists, strict=True)
            texts = [rendered(fuse([mine, *others.values()], self._linker)[:MAX_RANK]) for mine, others in both]
        else:
            asked = [int(each.doc.get("asked", MAX_RANK)) for each in requests]
            last = [self._question(*each) for each in zip(cases, asked, own, lists, strict=True)]
            final = self.lead.ask(last, requests, "refinement")
            texts = [said.text for said in final]
            for each, said in zip(heard, final, strict=True):
                each.append(said)
        self.noted([_summed(each) for each in heard], texts)
        for request, text in zip(requests, texts, strict=True):
            self.cache_hook.add_partial("generate_until", request.args, text)
        return texts

    def _keep(self, prompt: str, request: Any, names: Sequence[str]) -> None:
        """Keep the baseline's list beside what members said."""
        if self._kept.get(BASELINE, prompt, request.args[1]) is None:
            self._kept.add(BASELINE, "differential", request, prompt, Said(rendered(names), Note(None, 0, 0)))

    def _question(self, case: Case, asked: int, own: Sequence[str], lists: dict[str, tuple[str, ...]]) -> str:
        known = ""
        if self._reads and self._retriever:
            named = (self._linker.link(name).id for names in (own, *lists.values()) for name in names)
            found = self._retriever.for_case(case, [each for each in named if each], self.records, 0)
            known = records.shown(found, self._retriever.base)
        opinions = asking.opinions({who: names[: self.shown] for who, names in lists.items()})
        messages = asking.refine(case.presentation, asked, rendered(own), known, opinions)
        return "\n\n".join(each["content"] for each in messages)  # many chat templates have no system role

    def _looked_up(self, knowledge: str | None) -> Retriever:
        settings = Knowledge()
        if knowledge not in (ALL, *NOTHING):
            made = manifest.read(Path(str(knowledge)).expanduser())
            if made is None:
                raise DataMissing(
                    f"{knowledge} is no finished stage of knowledge: name RUN/knowledge of a raredx-train run, or {ALL}"
                )
            settings = filled(Knowledge, made.config, ("knowledge",), {}).of_all
        return _retriever(settings, self.root)


@lru_cache(maxsize=1)  # several ways of refinement are often asked one after another
def _retriever(settings: Knowledge, root: Path) -> Retriever:
    return Retriever(load_grounds(settings, root, Counter()).base)


def _case(doc: Any) -> Case:
    """The case of a document, as far as a model may see it: its answer stays out."""
    return Case(str(doc["case_id"]), str(doc.get("benchmark", "")), str(doc["presentation"]), ("unknown",),
                tuple(doc.get("observed", ())), tuple(doc.get("excluded", ())), str(doc.get("group", "")))  # fmt: skip


def _summed(heard: Sequence[Said]) -> Note:
    """One note of several answers: tokens and seconds together, None where one is not known; why the last one ended."""
    notes = [each.note for each in heard]

    def total(values: Sequence[Any]) -> Any:
        return None if any(each is None for each in values) else sum(values)

    return Note(notes[-1].stop, total([each.prompt_tokens for each in notes]), total([each.completion_tokens for each in notes]),
                total([each.seconds for each in notes]))  # fmt: skip
