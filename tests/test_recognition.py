"""Findings read from free text: names in many forms, values, and what a sentence says of them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from raredx_bench.benchmarks.forms import shown
from raredx_bench.hpo import Hpo
from raredx_bench.recognition import Recogniser
from raredx_bench.recognition.words import bag

PASSAGES = Path(__file__).parents[1] / "benchmarks/recognition_passages.tsv"


@pytest.fixture(scope="module")
def recogniser(hpo: Hpo) -> Recogniser:
    return Recogniser(hpo)


OBSERVED = [
    ("She has ectopia lentis and arachnodactyly.", ["Ectopia lentis", "Arachnodactyly"]),
    ("Haematuria and ANAEMIA were found.", ["Hematuria", "Anemia"]),
    ("He is dystonic, tachypnoeic and hypotonic.", ["Dystonia", "Tachypnea", "Hypotonia"]),  # adjectives
    ("Weakness of the muscles was marked.", ["Muscle weakness"]),  # order, plural
    ("A history of hearing loss.", ["Hearing impairment"]),  # a related synonym
    ("Renal tumours were seen.", ["Renal neoplasm"]),
    ("Edema in both eyelids.", ["Palpebral edema"]),
    ("There was muscle and joint pain.", ["Myalgia", "Arthralgia"]),
    ("Flexion contractures at elbows, wrist and knees.",
     ["Elbow flexion contracture", "Wrist flexion contracture", "Knee flexion contracture"]),
    ("Combined factor V and factor VIII deficiency.", ["Reduced coagulation factor V activity", "Reduced factor VIII activity"]),
    ("An echo showed a VSD.", ["Ventricular septal defect"]),
    ("He attends the adhd clinic and collected basophilic cells.", []),  # no abbreviation in small letters, no loose guess
    ("A rare allele of PDA (PDA) was sought.", []),  # an abbreviation that the text itself defines
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "observed"), OBSERVED)
def test_names_are_read_in_many_forms(recogniser: Recogniser, hpo: Hpo, text: str, observed: list[str]) -> None:
    found = recogniser.read(text)
    assert [hpo.name(each) for each in found.observed] == observed
    assert found.excluded == ()


@pytest.mark.parametrize(
    ("text", "observed", "excluded"),
    [
        ("Head circumference was 44 cm (-3 SD).", ["Microcephaly"], []),
        ("Head circumference +2.5 SD.", ["Macrocephaly"], []),
        ("Head circumference was at the mean (-0.3 SD).", [], []),
        ("Height below the 3rd centile.", ["Short stature"], []),
        ("He was 149 cm tall (−1.5 SD).", [], []),
        ("Platelets 40 x 10^9/L.", ["Thrombocytopenia"], []),
        ("Platelets of 25,000/µL and haemoglobin 7.8 g/dL.", ["Thrombocytopenia", "Anemia"], []),
        ("Haemoglobin was 13.2 g/dL.", [], []),
        ("Creatinine 154 μM (normal 53–106 μM).", ["Elevated circulating creatinine concentration"], []),
        ("CK was 3057 U/L.", ["Elevated circulating creatine kinase concentration"], []),
        ("Serum creatine kinase was normal.", [], ["Elevated circulating creatine kinase concentration"]),
        ("Lactate of 6 mmol/L.", ["Increased circulating lactate concentration"], []),
        ("CSF lactate of 1.1 mmol/L.", [], []),
        ("ALT was elevated.", ["Elevated circulating alanine aminotransferase concentration"], []),
        ("Overall IQ of 60.", ["Intellectual disability, mild"], []),
        ("A BMI of 41.", ["Class III obesity"], []),
        ("Visual acuity was counting fingers.", ["Severely reduced visual acuity"], []),
        ("Elevated hemoglobin A1c.", ["Elevated hemoglobin A1c"], []),  # a name goes before words about an analyte
    ],
)
def test_values_become_terms(recogniser: Recogniser, hpo: Hpo, text: str, observed: list[str], excluded: list[str]) -> None:
    found = recogniser.read(text)
    assert [hpo.name(each) for each in found.observed] == observed
    assert [hpo.name(each) for each in found.excluded] == excluded


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("He has seizures but no ataxia.", {"Seizure": "observed", "Ataxia": "excluded"}),
        ("No history of seizures, ataxia or vertigo.", dict.fromkeys(("Seizure", "Ataxia", "Vertigo"), "excluded")),
        ("These were looked for and are absent: Ataxia; Seizure.", {"Ataxia": "excluded", "Seizure": "excluded"}),
        ("These were looked for and are absent: Hallux valgus.", {"Hallux valgus": "excluded"}),
        ("Without fever, he developed ataxia.", {"Fever": "excluded", "Ataxia": "observed"}),
        ("There was no scoliosis; kyphosis was marked.", {"Scoliosis": "excluded", "Kyphosis": "observed"}),
        ("Absent speech, seizures.", {"Absent speech": "observed", "Seizure": "observed"}),
        ("Cataract was ruled out.", {"Cataract": "excluded"}),
        ("Hepatitis serology negative; deafness panel negative.", {"Hepatitis": "observed", "Hearing impairment": "observed"}),
        ("Scoliosis was suspected but ruled out.", {"Scoliosis": "excluded"}),
        ("Seizures are unlikely to recur.", {"Seizure": "observed"}),
        ("Scoliosis was suspected at birth and confirmed by radiography.", {"Scoliosis": "observed"}),
        ("Scoliosis was initially suspected.", {"Scoliosis": "hypothetical"}),
        ("Seizures were considered febrile.", {"Seizure": "observed"}),
        ("Scoliosis had been excluded, kyphosis was later ruled out.", {"Scoliosis": "excluded", "Kyphosis": "excluded"}),
        ("An MRI was done to rule out hydrocephalus.", {"Hydrocephalus": "hypothetical"}),
        ("She is at risk of stroke.", {"Stroke": "hypothetical"}),
        ("If seizures occur, call.", {"Seizure": "hypothetical"}),
        ("No response of the seizures to valproate.", {"Seizure": "observed"}),
        ("Her mother has migraine.", {"Migraine": "family"}),
        ("No family history of deafness.", {"Hearing impairment": "family"}),
        ("Ataxia was seen in his brother.", {"Ataxia": "family"}),
        ("He was born at term and walked at eighteen months. An uncle died of\nkidney failure.", {"Renal insufficiency": "family"}),
        ("No fever\nseizures", {"Fever": "excluded", "Seizure": "observed"}),
        ("His mother reported vomiting.", {"Vomiting": "observed"}),
        ("Family history: seizures. Migraine.\nPhysical examination: ataxia.",
         {"Seizure": "family", "Migraine": "family", "Ataxia": "observed"}),
        ("Normal renal function and normal hearing.", {"Renal insufficiency": "excluded", "Hearing impairment": "excluded"}),
        ("The electrocardiography results were normal.", {"Abnormal EKG": "excluded"}),
    ],
)  # fmt: skip
def test_what_a_sentence_says_of_a_finding(recogniser: Recogniser, hpo: Hpo, text: str, said: dict[str, str]) -> None:
    assert {str(hpo.name(each.term)): each.polarity for each in recogniser.read(text).mentions} == said


def test_places_and_cues_are_those_of_the_text(recogniser: Recogniser) -> None:
    text = "First seen in May.\n\nHe denied vertigo. Ataxia was present."
    first, second = recogniser.read(text).mentions
    assert (text[first.start : first.end], first.polarity, first.cue) == ("vertigo", "excluded", "denied")
    assert (text[second.start : second.end], second.polarity, second.cue) == ("Ataxia", "observed", "")


def test_a_finding_that_is_both_denied_and_stated_counts_as_observed(recogniser: Recogniser) -> None:
    found = recogniser.read("No ataxia at first. Later ataxia appeared.")
    assert (found.observed, found.excluded) == (("HP:0001251",), ())


@pytest.mark.parametrize("form", ["hpo", "text"])
def test_a_listed_case_is_read_back(recogniser: Recogniser, hpo: Hpo, form: str) -> None:
    observed, excluded = ["HP:0001344", "HP:0000252", "HP:0001250", "HP:0003236"], ["HP:0001332", "HP:0000365", "HP:0000483"]
    present, absent = ([str(hpo.name(each)) for each in side] for side in (observed, excluded))
    found = recogniser.read(shown(form, present, absent, sex="female", age="3 years"))
    assert (list(found.observed), list(found.excluded)) == (observed, excluded)


def test_equal_words_share_a_form() -> None:
    assert bag(("muscular", "atrophy")) == bag(("wasting", "of", "the", "muscles"))
    assert bag(("anaemic",)) == bag(("anemia",))
    assert bag(("hypertonia",)) != bag(("hypotonia",))


def test_the_annotated_passages_name_findings_of_hpo(hpo: Hpo) -> None:
    with PASSAGES.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    assert [row["part"] for row in rows] == ["development"] * 40 + ["held"] * 20
    assert len({row["case"] for row in rows}) == 60
    for row in rows:
        observed, excluded = row["observed"].split(), row["excluded"].split()
        assert all(each in hpo.position for each in (*observed, *excluded)), row["case"]
        assert not set(observed) & set(excluded)
