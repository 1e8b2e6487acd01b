"""The knowledge-constraint filter: sentences and what is wrong with them, on a small invented world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from raredx_bench.domain import Case
from raredx_bench.linking import Linker
from raredx_train.knowledge import Knowledge
from raredx_train.knowledge.building import load_sources
from raredx_train.reasoning.constraint import Constraint, FaultKind
from raredx_train.reasoning.trace import Trace
from tests import knowledge_world as world

OBSERVED = tuple(map(world.finding, (0, 1, 24, 9)))  # amber cornea sign, azure tremor sign, amber cornea of kind two; teal tremor
EXCLUDED = tuple(map(world.finding, (2, 11)))  # coral cornea sign; violet tremor sign
ANSWER = ("Alder syndrome", "Birch syndrome", "Cedar syndrome")
END = " Of all the diseases that come to mind, three deserve a closer look now."

# Alder has the findings 0 to 5 and 24, Birch 4 to 9 and 25, both of GENE1, Cedar 8 to 13 and 26 and GENE2; modes are dominant,
# recessive and X-linked, onsets congenital, childhood and congenital.
SENTENCES: tuple[tuple[str, set[FaultKind]], ...] = (
    ("The most telling findings are amber cornea sign and azure tremor sign.", set()),
    ("The patient has jade cornea sign.", {FaultKind.NOT_IN_CASE}),
    ("This child presents with amber cornea sign, azure tremor sign and lilac cornea sign.", {FaultKind.NOT_IN_CASE}),
    ("The patient has coral cornea sign.", {FaultKind.EXCLUDED}),
    ("He also shows coral cornea of kind two, a striking sign.", {FaultKind.EXCLUDED}),
    ("Coral cornea sign is absent, which speaks against Alder syndrome.", set()),
    ("Looked for and absent: coral cornea sign and violet tremor sign.", set()),
    ("Notably absent is amber cornea sign.", {FaultKind.PRESENT}),
    ("There is no azure tremor sign.", {FaultKind.PRESENT}),
    ("Olive tremor sign has been ruled out.", {FaultKind.NOT_EXCLUDED}),
    ("Neither jade cornea sign nor olive tremor sign is mentioned.", set()),
    ("Plain words 0 are seen, as is azure tremors sign.", set()),
    ("Alder syndrome fits: amber cornea sign and azure tremor sign are recorded.", set()),
    ("Alder syndrome fits well, since it explains the amber cornea sign and the teal tremor sign.", {FaultKind.NOT_OF_DISEASE}),
    ("Patients with Alder syndrome typically have jade cornea sign.", set()),
    ("Alder syndrome typically shows umber cornea sign.", {FaultKind.NOT_OF_DISEASE}),
    ("In Alder woodland disorder, ivory tremor sign is a well-known feature.", set()),
    ("Against Alder syndrome speaks that coral cornea sign, which is frequent in it, is absent.", set()),
    ("Against Alder syndrome: ivory tremor sign, which most patients have, is not reported.", {FaultKind.FREQUENCY}),
    ("Against Alder syndrome speaks that amber cornea sign is not reported.", {FaultKind.PRESENT}),
    ("Cedar syndrome does not explain the azure tremor sign.", set()),
    ("Alder syndrome does not explain the azure tremor sign.", {FaultKind.OF_DISEASE}),
    ("Azure tremor sign is not recorded in Cedar syndrome.", set()),
    ("Azure tremor sign is not recorded in Alder syndrome.", {FaultKind.OF_DISEASE}),
    ("Birch syndrome accounts for the teal tremor sign. It is caused by variants in GENE1.", set()),
    ("Birch syndrome accounts for the teal tremor sign. It is caused by variants in GENE7.", {FaultKind.GENE}),
    ("Alder syndrome is associated with GENE1 rather than GENE7.", set()),
    ("Alder syndrome is an autosomal dominant disorder of the GENE1 gene.", set()),
    ("Alder syndrome is inherited in an autosomal recessive manner.", {FaultKind.INHERITANCE}),
    ("Alder syndrome has a congenital onset, as a rule.", set()),
    ("Alder syndrome typically begins in adulthood.", {FaultKind.ONSET}),
    ("Amber cornea sign occurs in 100 % of patients with Alder syndrome.", set()),
    ("Coral cornea sign occurs in 90 % of patients with Alder syndrome.", {FaultKind.FREQUENCY}),
    ("Alder syndrome always shows coral cornea sign.", {FaultKind.FREQUENCY}),
    ("Unlike Cedar syndrome, Alder syndrome is known for ivory tremor sign.", set()),
    ("If jade cornea sign were found later, Alder syndrome would be certain.", set()),
    ("His mother has jade cornea sign.", set()),
    ("The records show that amber cornea sign is frequent.", {FaultKind.SOURCE}),
    ("Orphanet lists amber cornea sign for Alder syndrome.", {FaultKind.SOURCE}),
    ("My earlier reasoning overlooked the azure tremor sign.", {FaultKind.SOURCE}),
    ("The other diagnoser also named Alder syndrome.", {FaultKind.SOURCE}),
    ("A further candidate is the Quistbach-Morenko syndrome.", {FaultKind.UNKNOWN_DISEASE}),
    ("One might think of GENE44-related foliar dysplasia.", {FaultKind.UNKNOWN_DISEASE}),
    ("GENE1-related disorders come to mind.", set()),
    ("El paciente presenta una enfermedad con los signos de la córnea.", {FaultKind.LANGUAGE}),
    ("The findings 提示 Alder syndrome here.", {FaultKind.LANGUAGE}),
    ("On balance Cedar syndrome fits best.", {FaultKind.CONCLUSION}),
    ("Taken together, Alder syndrome is the most likely diagnosis.", set()),
    ("Alder syndrome is more likely than Birch syndrome.", set()),
    ("Cedar syndrome is less likely.", set()),
    ("Alder syndrome explains amber cornea sign and azure tremor sign, but not the teal tremor sign.", set()),
    ("Without amber cornea sign, Alder syndrome would be out of the question.", set()),
    ("Cedar syndrome does not typically feature ruby cornea sign.", set()),
    ("Birch syndrome shows lilac cornea sign and olive tremor sign, neither of which is present here.", set()),
    ("**Alder syndrome** - for: amber cornea sign, azure tremor sign; against: teal tremor sign.", set()),
    ("- Against: no coral cornea sign, which is seen in about 40% of patients with Alder syndrome.", set()),
    ("There is no mention of ivory tremor sign, which one would expect in Alder syndrome.", set()),
    ("Further testing should look for jade cornea sign.", set()),
    ("Amber cornea sign is a form of jade cornea sign, which is recorded in Birch syndrome.", set()),
    ("Birch syndrome is recorded with azure tremor of kind two, a form of azure tremor sign.", set()),
    ("The most telling signs are amber cornea sign, ruby cornea sign, azure tremor sign.", {FaultKind.NOT_IN_CASE}),
    ("I would rank Larch syndrome, due to GENE11, much lower.", {FaultKind.GENE}),
)


@pytest.fixture(scope="module")
def constraint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Constraint]:
    with world.at_hand(tmp_path_factory) as root:
        base = load_sources(Knowledge(), root, Counter()).base
        yield Constraint(base, Linker(base.ontology))


def case(observed: tuple[str, ...] = OBSERVED, excluded: tuple[str, ...] = EXCLUDED, text: str = "A patient was seen.") -> Case:
    return Case("one", "", text, ("OMIM:900000",), observed, excluded)


def kinds(constraint: Constraint, trace: Trace, of: Case) -> set[FaultKind]:
    return {fault.kind for fault in constraint.faults(trace, of)}


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES, ids=[sentence[:60] for sentence, _ in SENTENCES])
def test_what_is_wrong_with_a_sentence(constraint: Constraint, sentence: str, expected: set[FaultKind]) -> None:
    faults = constraint.faults(Trace(sentence + END, ANSWER), case())
    assert {fault.kind for fault in faults} == expected, faults


@pytest.mark.parametrize(
    ("think", "names", "expected"),
    [
        ("Amber cornea sign is what this case turns on.", (), {FaultKind.NO_NAMES}),
        ("Amber cornea sign.", ANSWER, {FaultKind.NO_REASONING}),
        ("", ANSWER, {FaultKind.NO_REASONING}),
        ("Amber cornea sign is what this case turns on, and", ANSWER, {FaultKind.UNFINISHED}),
        ("Amber cornea sign is what this case turns on.", ("Alder syndrome", "Kelquist dysplasia"), {FaultKind.UNKNOWN_DISEASE}),
        ("Amber cornea sign is what this case turns on.", ("Alder syndrome", "Alder woodland disorder"), {FaultKind.REPETITION}),
        ("Amber cornea sign is what it is. Amber cornea sign is what it is.", ANSWER, {FaultKind.REPETITION}),
        ("The case turns on this, " + "and then on this again, " * 12 + "so it is.", ANSWER, {FaultKind.REPETITION}),
        ("Amber cornea sign is what this case turns on.", ANSWER, set()),
    ],
)
def test_what_is_wrong_with_a_whole_answer(
    constraint: Constraint, think: str, names: tuple[str, ...], expected: set[FaultKind]
) -> None:
    assert kinds(constraint, Trace(think, names), case()) == expected


def test_a_case_without_terms_is_read(constraint: Constraint) -> None:
    told = case((), (), "A girl has an amber cornea sign and azure tremor sign. There is no coral cornea sign.")
    fine = "The girl has amber cornea sign, while coral cornea sign is absent." + END
    assert kinds(constraint, Trace(fine, ANSWER), told) == set()
    assert kinds(constraint, Trace("The girl has jade cornea sign." + END, ANSWER), told) == {FaultKind.NOT_IN_CASE}
    assert kinds(constraint, Trace("The girl has coral cornea sign." + END, ANSWER), told) == {FaultKind.EXCLUDED}


def test_a_fault_says_where_and_why(constraint: Constraint) -> None:
    (fault,) = constraint.faults(Trace("Alder syndrome is caused by GENE7." + END, ANSWER), case())
    assert (fault.kind, fault.said) == (FaultKind.GENE, "GENE7")
    assert "Alder syndrome" in fault.why


def test_the_same_trace_always_gets_the_same_faults(constraint: Constraint) -> None:
    trace = Trace("The patient has jade cornea sign and Alder syndrome is due to GENE7." + END, ANSWER)
    assert constraint.faults(trace, case()) == constraint.faults(trace, case())
