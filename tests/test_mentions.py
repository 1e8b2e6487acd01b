"""Where a text names a disease, and where it only seems to."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raredx_bench.domain import Case
from raredx_bench.judging import Judge
from raredx_bench.leaks import Said, names_its_answer, said_of, strictly
from raredx_bench.mentions import KINDS, Mention, MentionFinder
from raredx_bench.ontology import Ontology

MARFAN, FANCONI, CMT4J, NF1, SCA2, DCM, CF = (
    "OMIM:154700", "OMIM:227650", "OMIM:611228", "OMIM:162200", "OMIM:183090", "OMIM:115200", "OMIM:219700",
)  # fmt: skip


@pytest.fixture(scope="module")
def finder(embedded: Ontology) -> MentionFinder:
    return MentionFinder(embedded)


def found(finder: MentionFinder, text: str, *answers: str) -> list[tuple[str, str]]:
    """(kind, text) of each mention."""
    return [(mention.kind, mention.text) for mention in finder.find(text, answers)]


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        # case, possessive, plural, hyphens, accents, spelling, order, numerals
        ("She has Marfan syndrome.", MARFAN, [("name", "Marfan syndrome")]),
        ("MARFAN'S SYNDROME", MARFAN, [("name", "MARFAN'S SYNDROME")]),
        ("two Marfan syndromes", MARFAN, [("name", "Marfan syndromes")]),
        ("signs of Marfan’s disease", MARFAN, [("synonym", "Marfan’s disease")]),
        ("known Fanconi anaemia", FANCONI, [("name", "Fanconi anaemia")]),
        ("aplasia (anemia, Fanconi)", FANCONI, [("name", "anemia, Fanconi")]),
        ("neurofibromatosis type I", NF1, [("name", "neurofibromatosis type I")]),
        ("type 1 neurofibromatosis", NF1, [("name", "1 neurofibromatosis")]),
        ("spinocerebellar ataxia type II", SCA2, [("name", "spinocerebellar ataxia type II")]),
        ("dilated cardiomyopathy 1A", DCM, [("name", "dilated cardiomyopathy 1A")]),
        # an eponym by itself is a name inside a sentence, with its capital, and no person
        ("a habitus as in Marfan was seen", MARFAN, [("stem", "Marfan")]),
        ("Marfan described it.", MARFAN, []),
        ("seen by Dr. Marfan himself", MARFAN, []),
        ("a marfan habitus", MARFAN, []),
        # abbreviations and initials: letter case counts, other forms of the mark don't
        ("CMT4J or CMT-4J", CMT4J, [("abbreviation", "CMT4J"), ("abbreviation", "CMT-4J")]),
        ("CMT type 4J", CMT4J, [("abbreviation", "CMT type 4J")]),
        ("cmt4j", CMT4J, []),
        ("SCA II was found", SCA2, [("abbreviation", "SCA II")]),
        ("he had SCA3", SCA2, []),
        ("diagnosed with CF at birth", CF, [("abbreviation", "CF")]),
        ("CF was 3 mm", CF, []),
        ("patients with cranial fasciitis (CF) are rare; CF is benign", CF, []),
        # the gene, where a text speaks of genes
        ("a variant in FBN1 was found", MARFAN, [("gene", "FBN1")]),
        ("FBN1 stains were normal", MARFAN, []),
        ("an fbn1 variant", MARFAN, []),
        ("the gene FBN2 was sequenced", MARFAN, []),
        # the family, but no finding that stands for one
        ("Charcot–Marie–Tooth disease runs in the family", CMT4J, [("parent", "Charcot–Marie–Tooth disease")]),
        ("CMT was suspected", CMT4J, [("parent", "CMT")]),
        ("spinocerebellar ataxia", SCA2, [("parent", "spinocerebellar ataxia")]),
        ("dilated cardiomyopathy", DCM, []),
        # another disease
        ("neurofibromatosis type 2", NF1, []),
        ("pseudo-Marfan syndrome", MARFAN, []),
        ("Fanconi syndrome and anemia", FANCONI, []),
        ("He is well.", MARFAN, []),
        ("", MARFAN, []),
    ],
)  # fmt: skip
def test_a_text_names_a_disease(finder: MentionFinder, text: str, answer: str, expected: list[tuple[str, str]]) -> None:
    assert found(finder, text, answer) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Alder-Birch syndrome", [("synonym", "Alder-Birch syndrome")]),
        ("ABS was excluded", [("abbreviation", "ABS")]),
        ("Alder syndrome type 2", [("form", "Alder syndrome type 2")]),
        ("a birch spectrum", [("parent", "birch spectrum")]),
        ("the antilock braking system (ABS) and ABS", []),
    ],
)
def test_scopes_and_the_hierarchy_say_how_a_name_relates(small: Judge, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(MentionFinder(small.ontology), text, "MONDO:0000010") == expected


def test_a_form_names_its_family_by_the_name_of_its_parent(small: Judge) -> None:
    assert found(MentionFinder(small.ontology), "the Alder-Birch syndrome", "OMIM:100011") == [("parent", "Alder-Birch syndrome")]


def test_a_name_that_is_a_finding_too_is_told_apart(finder: MentionFinder) -> None:
    assert found(finder, "bilateral cystinuria was found", "OMIM:220100") == [("finding", "cystinuria")]


def test_ids_of_any_vocabulary_and_unknown_ones(finder: MentionFinder) -> None:
    text = "She has Marfan syndrome."
    assert finder.find(text, ["ORPHA:558"]) == finder.find(text, ["OMIM:154700", "ORPHA:999999999"]) != []
    assert finder.find(text, ["ORPHA:999999999"]) == []


def test_further_names_are_looked_for_as_well(finder: MentionFinder) -> None:
    mentions = finder.find("a deficiency of ELF4 and Marfan syndrome", [MARFAN], names=["ELF4 deficiency"])
    assert [(each.kind, each.text) for each in mentions] == [("name", "deficiency of ELF4"), ("name", "Marfan syndrome")]


def test_of_overlapping_mentions_the_longer_stays(finder: MentionFinder) -> None:
    mentions = finder.find("Charcot-Marie-Tooth disease, type 4J (CMT4J)", [CMT4J])
    assert [(each.kind, each.text) for each in mentions] == [
        ("name", "Charcot-Marie-Tooth disease, type 4J"),
        ("abbreviation", "CMT4J"),
    ]


@given(st.text(alphabet="MarfnsyndoeCMT4J1A ,.'-()FBN\n", max_size=120))
def test_mentions_lie_in_order_inside_the_text_and_apart(finder: MentionFinder, text: str) -> None:
    mentions = finder.find(text, [MARFAN, CMT4J])
    assert all(text[each.start : each.end] == each.text and each.kind in KINDS for each in mentions)
    assert all(before.end <= after.start for before, after in pairwise(mentions))


@pytest.mark.parametrize(
    ("before", "behind", "said"),
    [
        ("She was diagnosed with ", ".", Said.STATED),
        ("There was no evidence of ", ".", Said.DENIED),
        ("", " was ruled out by testing.", Said.DENIED),
        ("No fever. She has ", ".", Said.STATED),
        ("Her mother has ", ".", Said.FAMILY),
        ("The differential diagnosis included ", ".", Said.DIFFERENTIAL),
        ("We suspected ", ".", Said.UNCERTAIN),
        ("The findings were consistent with ", ".", Said.UNCERTAIN),
    ],
)
def test_what_a_text_says_of_the_name(before: str, behind: str, said: Said) -> None:
    name = "Marfan syndrome"
    assert said_of(before + name + behind, Mention(len(before), len(before) + len(name), name, "name", name)) is said


def case(text: str, *answers: str) -> Case:
    return Case(text[:20], "made", text, answers)


def test_a_case_that_denies_its_answer_names_it(finder: MentionFinder) -> None:
    leaking = case("Marfan syndrome was excluded.", MARFAN)
    gene = case("A pathogenic variant in FBN1.", MARFAN)
    family = case("CMT was suspected.", CMT4J)
    silent = case("He is tall and has long fingers.", MARFAN)
    other = case("He has Marfan syndrome.", CF)
    assert [len(names_its_answer(each, finder)) for each in (leaking, gene, family, silent, other)] == [1, 1, 1, 0, 0]
    assert not strictly(names_its_answer(family, finder))
