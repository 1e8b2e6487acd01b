"""Rankings by phenotype-driven tools as a model type: a folder of their files, one a case (`phenopacket-ranker`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval.api.registry import register_model

from raredx_bench import sources
from raredx_bench.answers_file import Given, Key, answers_for
from raredx_bench.compiled import digest_of, file_digest
from raredx_bench.domain import MAX_RANK, BadInput, UnknownName, UsageError
from raredx_bench.judging import Judge, judge_for
from raredx_bench.models.predicted import REMEDY, GivenLM, known_ids
from raredx_bench.models.rankings import FORMATS, Ranked, format_of, read_ranking
from raredx_bench.models.result_files import CaseNames
from raredx_bench.parsing import rendered

_ENDINGS = {
    "exomiser": (".json", ".jsonl", ".genes.tsv", ".variants.tsv"),
    "lirical": (".tsv",),
    "pheval": ("disease_result.tsv", "disease_result.parquet", "disease_results.tsv"),
    "pubcasefinder": (".tsv", ".json"),
}


@register_model("phenopacket-ranker")
class PhenopacketRankerLM(GivenLM):
    """Rankings of diseases by Exomiser, LIRICAL, PubCaseFinder or any tool that PhEval runs, as a model.

    model_args: path (a folder), format (auto unless said: exomiser, lirical, pheval, pubcasefinder; rankings.py), strict (see
    GivenLM; also of files that are nobody's, by the rule in result_files.py), data_dir (another one).
    Diseases are judged by their ids; one that the terminology doesn't know is judged by the name that the file gives it.
    """

    arguments = ("path", "format", "strict", "data_dir")

    def __init__(
        self, path: str | None = None, format: str = "auto", strict: bool = True, data_dir: str | None = None, **unknown: Any
    ) -> None:
        super().__init__(path, strict, **unknown)
        if format not in ("auto", *FORMATS):
            raise UnknownName("format", format, ("auto", *FORMATS))
        if not self.path.is_dir():
            raise BadInput(f"{self.path} is no folder: name the one that holds the ranker's files, one a case")
        self.format = format
        self.judge = judge_for(sources.data_dir(Path(data_dir) if data_dir else None))

    def given(self, wanted: Mapping[str, Collection[str]]) -> Mapping[Key, Given]:
        """The ranking of each case. Raises BadInput listing the cases and files that don't belong together, or a file's fault."""
        kind, files = self._files()
        names = CaseNames({case_id for task, ids in wanted.items() for case_id in (*ids, *known_ids(task))})
        paths: dict[str, list[Path]] = {}
        ambiguous = []
        for path in files:
            short = path.relative_to(self.path)
            case_ids = names.of(short) or [str(short)]
            if len(case_ids) > 1:
                ambiguous.append(f"{short} = {' or '.join(case_ids)}")
            else:
                paths.setdefault(case_ids[0], []).append(path)
        faults = {"repeated": [each for each, its in paths.items() if _repeated(its, kind)], "ambiguous": ambiguous}
        rows = [Given(case_id, "") for case_id in paths]
        found = answers_for(rows, wanted, str(self.path), known=known_ids, strict=self.strict, others=faults, remedy=REMEDY)
        texts = {each: ranking_text(read_ranking(paths[each], kind), self.judge) for each in {case_id for _, case_id in found}}
        return {key: Given(key[1], texts[key[1]]) for key in found}

    def get_model_info(self) -> dict[str, str]:
        """What lm-eval writes into its results: the format and a digest of all files."""
        kind, files = self._files()
        digests = [f"{path.relative_to(self.path)}:{file_digest(path)}" for path in files]
        return {"model_revision": f"{kind} {digest_of(digests)[:12]}"}

    def _files(self) -> tuple[str, list[Path]]:
        """(format, sorted files). Raises BadInput when there are none, UsageError when it can't be told whose they are."""
        every = [path for path in sorted(self.path.rglob("*")) if path.is_file()]
        if self.format != "auto":
            files = [path for path in every if path.name.lower().removesuffix(".gz").endswith(_ENDINGS[self.format])]
            kinds = dict.fromkeys(files, self.format)
        else:
            kinds = {path: kind for path in every if (kind := format_of(path))}
        if not kinds:
            raise BadInput(f"{self.path} holds no ranking of diseases by {', '.join(FORMATS)}")
        if len(set(kinds.values())) > 1:
            said = ", ".join(sorted(set(kinds.values())))
            raise UsageError(f"{self.path} holds rankings by {said}: say which with format=, or name a folder of one of them")
        return next(iter(kinds.values())), list(kinds)


def _repeated(paths: Sequence[Path], kind: str) -> bool:
    """True when a case has more files than one; Exomiser writes several kinds, and a case has one of each."""
    names = [path.name.lower() for path in paths]
    if kind != "exomiser":
        return len(names) > 1
    return len(set(names)) < len(names) or sum(".json" in name for name in names) > 1


def ranking_text(ranking: Sequence[Ranked], judge: Judge) -> str:
    """An answer with the first MAX_RANK diseases, which the judge takes for exactly the diseases of these ids.

    A disease is written by the terminology's name of it where that links to it alone, else by its id, and if the terminology
    doesn't know the id, by the file's own name. A disease under two ids counts once.
    """
    names: dict[str, str] = {}
    for each in ranking:
        canonical = judge.ontology.canonical(each.id)
        names.setdefault(canonical or each.id, _written(each, canonical, judge))
        if len(names) == MAX_RANK:
            break
    return rendered(list(names.values()))


def _written(ranked: Ranked, canonical: str | None, judge: Judge) -> str:
    if canonical is None:
        return ranked.name or ranked.id
    label = judge.ontology.name(canonical)
    link = judge.linker.link(label)
    return label if link.id == canonical and not link.form and not link.namesakes else canonical
