"""The ontology teacher: it reads what a case says, fails often, mends with K, and every sentence it writes is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from raredx_bench.benchmarks.forms import shown
from raredx_bench.domain import RaredxError, UnknownName, UsageError
from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology
from raredx_bench.phenotype import Ranker, expected
from raredx_train.generate import Asked, Kept, Sample
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.building import load_sources
from raredx_train.knowledge.facts import BANDS, Facts, Kind
from raredx_train.knowledge.terms import Glossary
from raredx_train.reasoning import asking, records
from raredx_train.reasoning.teacher import OntologyOptions, OntologyTeacher, options_from
from raredx_train.reasoning.teacher.reading import CaseReader
from raredx_train.reasoning.teacher.sight import Sight
from raredx_train.reasoning.teacher.wording import Names, series, wordings
from raredx_train.reasoning.trace import trace_of
from raredx_train.reasoning.views import annotated
from raredx_train.settings import Teacher
from tests import knowledge_world as world

WHOLE = OntologyOptions(view=1.0, temperature=0.0)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    with world.at_hand(tmp_path_factory) as root:
        yield load_sources(Knowledge(heldout_share=0.0), root, Counter()).base


@pytest.fixture(scope="module")
def teacher(base: Base) -> OntologyTeacher:
    return OntologyTeacher(base, OntologyOptions(view=0.6))


def own_findings(base: Base, disease: str) -> list[str]:
    return [fact.value for fact in base.taught.of(disease, Kind.FINDING)]


def listed(base: Base, findings: Sequence[str], absent: Sequence[str] = (), form: str = "hpo", **more: str) -> str:
    return shown(form, [base.name(each) for each in findings], [base.name(each) for each in absent], **more)


def diseases(base: Base) -> list[str]:
    return [each for each in base.diseases if own_findings(base, each)]


# --- reading a case ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["hpo", "text"])
def test_every_label_of_a_case_is_read_in_both_forms(base: Base, form: str) -> None:
    reader = CaseReader(base)
    for start in range(0, 44, 4):
        present = [world.finding(number) for number in range(start, start + 3)]
        absent = [world.finding(number) for number in ((start + 3) % 48, (start + 9) % 48)]
        found = reader.read(listed(base, present, absent, form, sex="female", age="7 years", onset="in childhood"))
        assert (list(found.observed), list(found.excluded)) == (present, absent)
        assert (found.sex, found.age) == ("female", "7 years" if form == "text" else "")


def packaged(hpo: Hpo, embedded: Ontology) -> Base:
    defined = {
        "x": "A sign described by Babinski in 1896, unlike the sign of seizure or speech.",
        "y": "The variant of Dandy and Walker.",
    }
    return Base(embedded, hpo, Glossary(defined, {}, {}, {}, {}), Facts([]), Facts([]), 1)


@pytest.mark.parametrize("form", ["hpo", "text"])
def test_labels_with_commas_and_negations_are_read_whole(hpo: Hpo, embedded: Ontology, form: str) -> None:
    base = packaged(hpo, embedded)
    labels = ["Absent speech", "Intellectual disability, severe", "Hypoplasia of penis and scrotum", "Seizure", "Lack of insight",
              "Febrile seizure (within the age range of 3 months to 6 years)"]  # fmt: skip
    known = [each for label in labels if (each := base.term(label))]
    assert len(known) >= 5
    assert (
        list(CaseReader(base).read(shown(form, [base.name(each) for each in known], [], "male", "2 years", "")).observed) == known
    )


def test_free_text_is_read_by_the_dictionary_and_unknown_findings_are_passed_over(base: Base) -> None:
    reader = CaseReader(base)
    found = reader.read(f"The girl showed {world.name_of(3).lower()}. There was no {world.name_of(6).lower()}.")
    assert (found.observed, found.excluded) == ((world.finding(3),), (world.finding(6),))
    assert reader.read("The patient has these findings: Green ears; Purple toes.").observed == ()


# --- ranking ----------------------------------------------------------------------------------------------------------


def test_a_profile_scores_as_the_ranker_scores_its_disease(base: Base) -> None:
    sight = Sight(base, 0.7, 1)
    ranker, observed, absent = sight.ranker, [world.finding(n) for n in (0, 5, 26, 30)], [world.finding(n) for n in (2, 7, 24)]
    scores = ranker.scores(observed, absent)
    for row, disease in enumerate(ranker.diseases):
        assert ranker.likelihood(sight.profile(disease), observed, absent) == pytest.approx(float(scores[row]), abs=1e-4)


def test_a_share_of_few_patients_is_drawn_to_the_middle() -> None:
    found = expected(np.array([1.0, 1.0, np.nan, 0.2]), np.array([1, 9, 0, 0]))
    assert found.tolist() == pytest.approx([0.75, 0.95, 0.5, 0.2])


def test_with_all_facts_and_no_noise_it_ranks_as_the_phenotype_baseline(base: Base) -> None:
    teacher, ranker = OntologyTeacher(base, WHOLE), Ranker(annotated(base.hpo, base.taught), base.ontology)
    for disease in diseases(base)[:6]:
        findings = own_findings(base, disease)[:4]
        names = trace_of(Sample(teacher.said(asking.diagnose(listed(base, findings), 5), 0)), 5).names
        expected_names = list(dict.fromkeys(each.name for each in ranker.rank(findings, [], 8)))[:5]
        assert list(names) == expected_names


def test_a_limited_view_fails_more_often_and_samples_differ(base: Base) -> None:
    cases = [(disease, own_findings(base, disease)) for disease in diseases(base)]

    def firsts(options: OntologyOptions) -> list[tuple[str, set[str]]]:
        one = OntologyTeacher(base, options)
        return [(base.name(disease), {trace_of(Sample(one.said(asking.diagnose(listed(base, found), 5), number)), 5).names[0]
                                      for number in range(12)}) for disease, found in cases]  # fmt: skip

    whole, part = firsts(WHOLE), firsts(OntologyOptions(view=0.4, noise=2.0))
    assert all(len(names) == 1 for _, names in whole)
    assert sum(name in names for name, names in whole) >= len(cases) - 2
    assert sum(names == {name} for name, names in part) < len(cases) // 2
    assert sum(len(names) > 1 for _, names in part) > len(cases) // 2


def test_records_mend_what_the_view_lacks_and_the_earlier_first_name_is_under_suspicion(base: Base) -> None:
    blind = OntologyTeacher(base, OntologyOptions(view=0.15, temperature=0.0))
    mended = failed = 0
    for disease in diseases(base):
        case = listed(base, own_findings(base, disease)[:5])
        earlier = trace_of(Sample(blind.said(asking.diagnose(case, 5), 0)), 5)
        if earlier.names[0] == base.name(disease):
            continue
        failed += 1
        record = records.Record(disease, base.name(disease), tuple((each, None) for each in own_findings(base, disease)))
        prompt = asking.reflect(case, 5, earlier.said, records.shown([record], base), "")
        again = trace_of(Sample(blind.said(prompt, 0)), 5)
        assert again.names[0] != earlier.names[0]
        mended += again.names[0] == base.name(disease)
    assert failed >= 5
    assert mended >= failed - 1


def test_opinions_bring_candidates_but_do_not_decide(base: Base) -> None:
    teacher = OntologyTeacher(base, WHOLE)
    first, *_, other = diseases(base)
    case = listed(base, own_findings(base, first))
    earlier = f"Nothing yet.\n\n{asking.FINAL}\n1. {base.name(diseases(base)[1])}"
    opinions = asking.opinions({"expert": [base.name(other)]})
    names = trace_of(Sample(teacher.said(asking.reflect(case, 5, earlier, "", opinions), 0)), 5).names
    assert names[0] == base.name(first)
    assert base.name(other) in names


# --- answers ----------------------------------------------------------------------------------------------------------


def test_the_same_prompt_and_number_give_the_same_text_in_another_process(
    base: Base, teacher: OntologyTeacher, tmp_path: Path
) -> None:
    code = (
        "import sys, os; from pathlib import Path; from collections import Counter\n"
        "from raredx_train.knowledge import Knowledge; from raredx_train.knowledge.building import load_sources\n"
        "from raredx_train.reasoning import asking; from raredx_train.reasoning.teacher import *\n"
        "from tests import knowledge_world as world\n"
        "base = load_sources(Knowledge(heldout_share=0.0), world.written(Path(sys.argv[1])), Counter()).base\n"
        "print(OntologyTeacher(base, OntologyOptions(view=0.6)).said(asking.diagnose(sys.argv[2], 5), 3), end='')"
    )
    case = listed(base, [world.finding(number) for number in (1, 4, 9)])
    other = subprocess.run([sys.executable, "-c", code, f"{tmp_path}/data", case], capture_output=True, text=True, check=True,
                               cwd=Path(__file__).parents[1])  # fmt: skip
    assert other.stdout == teacher.said(asking.diagnose(case, 5), 3)


def test_at_temperature_zero_every_sample_is_the_same(base: Base) -> None:
    teacher = OntologyTeacher(base, OntologyOptions(view=0.5, temperature=0.0))
    prompt = asking.diagnose(listed(base, own_findings(base, diseases(base)[2])), 5)
    assert len({teacher.said(prompt, number) for number in range(5)}) == 1


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": "Write five question-answer pairs on cystic fibrosis."}],
        [{"role": "system", "content": "x"}, {"role": "assistant", "content": "y"}],
        asking.diagnose("No abnormal finding is recorded.", 10),
        asking.diagnose("The patient has these findings: Unheard of.", 10),
        asking.reflect(
            "The patient has these findings: Amber cornea sign.", 3, "no list", "[1] broken (X:1)\nFindings: ?", "who knows"
        ),
        asking.reflect(
            "The patient has these findings: Amber cornea sign.", 3, "x", "[1] Nowhere (MONDO:1)\nFindings: Amber", "a: 1. B"
        ),
        asking.rewrite("The patient has these findings: Amber cornea sign.", 3, "no list at all"),
        asking.rewrite("The patient has these findings: Amber cornea sign.", 3, f"So.\n\n{asking.FINAL}\n1. An unknown disease"),
    ],
)
def test_anything_is_answered_with_plain_text(teacher: OntologyTeacher, messages: Any) -> None:
    text = teacher.said(messages, 0)
    assert text.strip()
    assert "{" not in text


def test_it_works_behind_the_store_as_any_other_backend(teacher: OntologyTeacher, base: Base, tmp_path: Path) -> None:
    prompts = [asking.diagnose(listed(base, own_findings(base, each)[:3]), 5) for each in diseases(base)[:3]]
    found = Kept(teacher, tmp_path).generate(prompts, 4)
    assert [len(row) for row in found] == [4, 4, 4]
    assert found[1][2].text == teacher.said(prompts[1], 2)
    heard: list[Sample] = []
    assert teacher.answer([Asked(prompts[0], 0)], lambda _, sample: heard.append(sample)) == []
    assert heard == [found[0][0]]


def test_the_identity_holds_whatever_changes_an_answer(base: Base, teacher: OntologyTeacher) -> None:
    changed: list[dict[str, Any]] = [{"view": 0.5}, {"noise": 0.3}, {"attention": 0.5}, {"temperature": 0.2}, {"seed": 2},
                                     {"length": "full"}]  # fmt: skip
    others = [replace(teacher.options, **each) for each in changed]
    identities = [OntologyTeacher(base, each).identity for each in (teacher.options, *others)]
    assert identities[0] == teacher.identity
    assert len(set(identities)) == len(identities)
    assert len(json.loads(teacher.identity)["facts"]) == 64


@pytest.mark.parametrize(("length", "least", "most"), [("short", 20, 110), ("full", 60, 250)])
def test_a_thought_has_its_length_and_the_list_its_names(base: Base, length: Any, least: int, most: int) -> None:
    teacher = OntologyTeacher(base, OntologyOptions(view=0.8, length=length))
    for disease in diseases(base):
        text = teacher.said(asking.diagnose(listed(base, own_findings(base, disease), [world.finding(40)]), 5), 1)
        trace = trace_of(Sample(text), 5)
        assert least <= len(trace.think.split()) <= most
        assert len(trace.names) == 5
        assert all(base.ontology.named(name) for name in trace.names)


def test_a_rewrite_keeps_the_order_and_tells_nothing_of_how_it_came_about(base: Base, teacher: OntologyTeacher) -> None:
    for disease in diseases(base)[:8]:
        case = listed(base, own_findings(base, disease), [world.finding(41)])
        record = records.Record(disease, base.name(disease), tuple((each, 0.9) for each in own_findings(base, disease)))
        earlier = f"Hm.\n\n{asking.FINAL}\n1. {base.name(diseases(base)[-1])}"
        opinions = asking.opinions({"expert": [base.name(disease)]})
        again = trace_of(Sample(teacher.said(asking.reflect(case, 5, earlier, records.shown([record], base), opinions), 0)), 5)
        assert re.search("earlier|first choice|too early", again.think)
        forward = trace_of(Sample(teacher.said(asking.rewrite(case, 5, again.said), 0)), 5)
        assert forward.names == again.names
        assert not re.search("earlier|again|second look|record of|on record|diagnoser|too early", forward.think)


# --- truth ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", ["short", "full"])
def test_every_sentence_is_true_of_the_case_and_of_what_is_taught(base: Base, length: Any) -> None:
    teacher = OntologyTeacher(base, OntologyOptions(view=0.7, length=length, noise=2.0))
    checked: Counter[str] = Counter()
    for disease in diseases(base):
        absent = [world.finding(number) for number in (2, 13, 45)]
        observed = [each for each in own_findings(base, disease)[1:] if each not in absent] + [world.finding(20)]
        for number in range(6):
            case = listed(base, observed, absent)
            text = teacher.said(asking.diagnose(case, 5), number)
            checked += untrue_or_kinds(base, case, trace_of(Sample(text), 5).think)
    assert checked["untrue"] == 0
    assert {"for", "foreign", "missing", "absent_band"} & checked.keys() >= {"for", "foreign"}


def untrue_or_kinds(base: Base, case: str, thought: str) -> Counter[str]:
    """Kinds of the sentences of a thought; a sentence that no reading of it holds for counts as untrue."""
    reading = CaseReader(base).read(case)
    checker = Checker(base, set(reading.observed), set(reading.excluded))
    return Counter(checker.kind(sentence) for sentence in re.split(r"(?<=\.) (?=[A-Z0-9])", thought))


class Checker:
    """Reads a sentence back by the wordings and looks up what it says, without the code that wrote it."""

    def __init__(self, base: Base, observed: set[str], excluded: set[str]) -> None:
        self.base, self.observed, self.excluded = base, observed, excluded
        self.names = {name.lower(): identifier for identifier, name in zip(base.hpo.ids, base.hpo.names, strict=True)}

    def kind(self, sentence: str) -> str:
        for kind, texts in wordings().items():
            for text in texts:
                match = re.fullmatch(_pattern(text), sentence, re.IGNORECASE)
                if match and self.holds(kind.removesuffix("_one"), match.groupdict()):
                    return kind.removesuffix("_one")
        return "untrue"

    def holds(self, kind: str, said: dict[str, str]) -> bool:
        name = said.get("disease", "")
        own = [each for each in self.base.ontology.named(name) if self.base.name(each).lower() == name.lower()]
        disease = own[0] if own else ""
        known = {fact.value: fact for fact in self.base.taught.of(disease, Kind.FINDING)}
        finding, recorded = (self.names.get(said.get(name, "").lower(), "") for name in ("finding", "recorded"))
        band = known[finding].band if finding in known else None
        rules: dict[str, Callable[[], object]] = {
            "salient": lambda: self.all_in(said, self.observed),
            "excluded": lambda: self.all_in(said, self.excluded),
            "candidates": lambda: all(self.base.ontology.named(each) for each in _parts(said["names"])),
            "for": lambda: self.all_in(said, self.observed & known.keys(), known),
            "special": lambda: finding in self.observed and recorded in known and self.below(finding, recorded),
            "general": lambda: finding in self.observed and recorded in known and self.below(recorded, finding),
            "foreign": lambda: self.all_in(said, {each for each in self.observed if self.base.lacks(disease, each)}),
            "missing": lambda: band == said["band"] and not self.touched(finding),
            "absent": lambda: finding in self.excluded and finding in known,
            "absent_band": lambda: finding in self.excluded and band == said["band"],
            "absent_below": lambda: finding in self.excluded and recorded in known and self.below(recorded, finding),
            "agreed": lambda: finding in self.excluded and finding in self.base.taught.values(disease, Kind.ABSENT),
            "gene": lambda: self.linked(disease, said),
            "inheritance": lambda: self.linked(disease, said),
            "gene_and_inheritance": lambda: self.linked(disease, said),
            "conclusion": lambda: bool(disease), "before": lambda: bool(disease), "nothing": lambda: bool(disease),
            "person": lambda: True, "system": lambda: True,
        }  # fmt: skip
        return kind in rules and bool(rules[kind]())

    def all_in(self, said: dict[str, str], allowed: Any, known: Any = None) -> bool:
        for part in _parts(said["names"]):
            name, _, band = part.removesuffix(")").rpartition(" (")
            band = band if part.endswith(")") and band in {each for _, each, _ in BANDS} else ""
            identifier = self.names.get((name if band else part).lower())
            if identifier not in allowed or (band and known[identifier].band != band):
                return False
        return True

    def linked(self, disease: str, said: dict[str, str]) -> bool:
        genes, modes = (self.base.taught.values(disease, kind) for kind in (Kind.GENE, Kind.INHERITANCE))
        return set(_parts(said.get("gene", ""))) <= set(genes) and set(_parts(said.get("mode", ""))) <= {
            Names(self.base)(each) for each in modes
        }

    def below(self, special: str, general: str) -> bool:
        position = self.base.hpo.position
        return special != general and position[general] in self.base.hpo.ancestors(position[special])

    def touched(self, finding: str) -> bool:
        return any(finding == each or self.below(finding, each) or self.below(each, finding)
                   for each in (*self.observed, *self.excluded))  # fmt: skip


def _pattern(text: str) -> str:
    return re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(text))


def _parts(text: str) -> list[str]:
    parts = re.split(r"; and |; " if ";" in text else r", | and ", text)
    return [part for part in parts if part]


# --- wording and options ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "text"),
    [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), (["a, x", "b"], "a, x; and b"), ([], "")],
)
def test_a_series_of_names(names: list[str], text: str) -> None:
    assert series(names) == text


def test_names_within_a_sentence_keep_acronyms_and_names_of_people(hpo: Hpo, embedded: Ontology) -> None:
    base = packaged(hpo, embedded)
    names = Names(base)
    table = {"Seizure": "seizure", "EEG abnormality": "EEG abnormality", "X-linked inheritance": "X-linked inheritance",
             "Dandy-Walker malformation": "Dandy-Walker malformation", "Babinski sign": "Babinski sign",
             "Absent speech": "absent speech", "3-Methylglutaconic aciduria": "3-Methylglutaconic aciduria"}  # fmt: skip
    assert {label: names(base.term(label) or "") for label in table} == table


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"veiw": 0.5}, UnknownName), ({"temperature": 0.5}, UnknownName), ({"view": 0.0}, UsageError), ({"view": 1.2}, UsageError),
        ({"view": "much"}, UsageError), ({"attention": True}, UsageError), ({"noise": -1}, UsageError),
        ({"noise": float("nan")}, UsageError), ({"length": "long"}, UnknownName),
    ],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(options: dict[str, Any], error: type[RaredxError]) -> None:
    with pytest.raises(error, match="ontology teacher"):
        options_from(Teacher("ontology", "ontology", options=options))


def test_options_come_from_a_recipes_teacher() -> None:
    found = options_from(Teacher("ontology", "ontology", temperature=0.5, seed=7, options={"view": 0.3, "length": "full"}))
    assert found == OntologyOptions(view=0.3, temperature=0.5, seed=7, length="full")
    assert options_from(Teacher("ontology", "ontology", temperature=None, seed=None)) == OntologyOptions(seed=0)
