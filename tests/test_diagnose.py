"""One patient's findings: read from terms, a phenopacket or a text, ranked, told, and what can't be read is said in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from raredx_bench.cli import app
from raredx_bench.diagnosis import Patient, Vocabulary, document_of, from_file, from_terms, page_of
from raredx_bench.diagnosis.page import percent
from raredx_bench.diagnosis.patient import MANY, checked, merged
from raredx_bench.domain import BadInput, RaredxError, UsageError
from raredx_bench.hpo import Hpo
from raredx_bench.ontology import Ontology
from raredx_bench.phenotype import Candidate, Diagnoser, Diagnosis, Evidence
from raredx_bench.recognition import Recogniser
from raredx_bench.validation import validate

SEIZURE, MICROCEPHALY, ATAXIA = "HP:0001250", "HP:0000252", "HP:0002066"
TEXT = ("A girl with seizures and gait ataxia. She had no microcephaly.\nHer brother has <b>asthma</b>.\n"
        "Examination: scoliosis; hearing impairment was excluded.")  # fmt: skip
Ask = Callable[..., Result]


@pytest.fixture(scope="module")
def vocabulary(hpo: Hpo, embedded: Ontology) -> Vocabulary:
    return Vocabulary(hpo, embedded)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ask:
    """Runs `diagnose` with what the package has; errors come back as exceptions."""
    monkeypatch.setenv("RAREDX_DATA", str(tmp_path))

    def run(*args: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, ["diagnose", *args], input=typed)

    return run


@pytest.mark.parametrize("written", ["HP:0001250", "hp_0001250", "Seizure", "seizures", "Epileptic seizure"])
def test_a_finding_may_be_an_id_a_label_or_a_synonym(vocabulary: Vocabulary, written: str) -> None:
    assert vocabulary.finding(written) == (SEIZURE, "")


@pytest.mark.parametrize(("written", "said"), [
    ("Siezure", "did you mean Seizure (HP:0001250)"),
    ("HP:9999999", "look the finding up at"),
    ("HP:00012", "look the finding up at"),
    ("OMIM:154700", "is a disease (Marfan syndrome), no finding"),
    ("ORPHA:558", "is a disease (Marfan syndrome), no finding"),
    ("Marfan syndrome", "is a disease (Marfan syndrome), no finding"),
    ("HP:0003577", "(Congenital onset) is an age of onset: give it with --onset"),
    ("HP:0000006", "(Autosomal dominant inheritance) is no abnormal finding"),
    ("HP:0003494", "(Loss of heterozygosity, multiple chromosomes) is obsolete and nothing replaces it"),
    ("xyzzyplugh qqq", "look the finding up at"),
])  # fmt: skip
def test_what_is_no_finding_is_said_with_what_it_is(vocabulary: Vocabulary, written: str, said: str) -> None:
    with pytest.raises(RaredxError) as caught:
        vocabulary.finding(written)
    assert said in str(caught.value)


def test_an_id_that_was_replaced_counts_as_the_new_one_and_a_note_says_so(vocabulary: Vocabulary) -> None:
    old, new = next((old, new) for old, new in vocabulary.hpo.alias.items() if vocabulary.is_below(new, "HP:0000118"))
    identifier, note = vocabulary.finding(old)
    assert identifier == new
    assert note.startswith(f"{old} was replaced by {new} (")


@pytest.mark.parametrize(("written", "term"), [
    ("0 d", "HP:0003577"), ("3 days", "HP:0003623"), ("8 months", "HP:0003593"), ("P2Y6M", "HP:0011463"), ("15y", "HP:0003621"),
    ("16 years", "HP:0011462"),
    ("40 y", "HP:0003596"), ("71 years", "HP:0003584"), ("Infantile onset", "HP:0003593"),
    ("HP:0003577", "HP:0003577"),
])  # fmt: skip
def test_an_onset_is_an_age_or_a_term(vocabulary: Vocabulary, written: str, term: str) -> None:
    assert vocabulary.onset(written) == term


@pytest.mark.parametrize("written", ["Seizure", "soon", "12"])
def test_anything_else_is_no_onset(vocabulary: Vocabulary, written: str) -> None:
    with pytest.raises(UsageError):
        vocabulary.onset(written)


def test_mentions_lie_where_the_text_has_them(hpo: Hpo) -> None:
    found = [(TEXT[each.start : each.end], each.term, each.polarity) for each in Recogniser(hpo).read(TEXT).mentions]
    assert found == [
        ("seizures", SEIZURE, "observed"), ("gait ataxia", ATAXIA, "observed"), ("microcephaly", MICROCEPHALY, "excluded"),
        ("asthma", "HP:0002099", "family"), ("scoliosis", "HP:0002650", "observed"),
        ("hearing impairment", "HP:0000365", "excluded"),
    ]  # fmt: skip


def test_a_text_is_a_patient_with_its_mentions(vocabulary: Vocabulary) -> None:
    patient = from_file(vocabulary, Path("case.txt"), TEXT)
    assert patient.observed == (SEIZURE, ATAXIA, "HP:0002650")
    assert patient.excluded == (MICROCEPHALY, "HP:0000365")
    assert (patient.text, patient.source) == (TEXT, "case.txt")


def packet(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": "p", "subject": {"id": "s", "sex": "FEMALE"},
        "phenotypicFeatures": [{"type": {"id": SEIZURE}}, {"type": {"id": MICROCEPHALY}, "excluded": True},
                               {"type": {"id": "HP:9999999", "label": "newer"}}],
        "diseases": [{"term": {"id": "OMIM:154700"}, "onset": {"age": {"iso8601duration": "P8M"}}}],
    }  # fmt: skip
    return {**found, **changes}


def test_a_phenopacket_is_a_patient_and_its_diagnosis_is_not_read(vocabulary: Vocabulary) -> None:
    patient = from_file(vocabulary, Path("p.json"), json.dumps(packet()))
    assert (patient.observed, patient.excluded) == ((SEIZURE,), (MICROCEPHALY,))
    assert (patient.sex, patient.onset) == ("female", "HP:0003593")
    assert [note.partition(":")[0] for note in patient.notes] == ["phenotypicFeatures[3] is passed over"]
    assert "154700" not in repr(patient)


def test_a_family_is_its_proband(vocabulary: Vocabulary) -> None:
    patient = from_file(vocabulary, None, json.dumps({"id": "f", "proband": packet(), "relatives": [packet()]}))
    assert patient.observed == (SEIZURE,)
    assert "proband" in patient.notes[0]


@pytest.mark.parametrize(("name", "text", "said"), [
    ("a.txt", " \n", "a.txt is empty"),
    ("a.json", "{", "a.json is not JSON"),
    ("a.json", "[]", "expected a JSON object, a GA4GH phenopacket"),
    ("a.json", '{"id": "x"}', "has no phenotypicFeatures"),
    ("a.json", '{"phenotypicFeatures": "Seizure"}', "has no phenotypicFeatures"),
    ("a.json", '{"members": [{}, {}]}', "is a cohort of 2 patients"),
    ("a.txt", "He feels fine.", "no finding of the patient is recognised in a.txt"),
    ("a.txt", "Her mother has migraine.", "recognised in a.txt (1 of relatives or only supposed)"),
])  # fmt: skip
def test_a_file_that_is_no_patient_is_said_to_be_none(vocabulary: Vocabulary, name: str, text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        from_file(vocabulary, Path(name), text)
    assert said in str(caught.value)


@pytest.mark.parametrize("features", [[{}], [None], [{"type": None}], [{"type": {"id": None}}]])
def test_a_feature_without_an_id_hides_no_other(vocabulary: Vocabulary, features: list[Any]) -> None:
    text = json.dumps(packet(phenotypicFeatures=[*features, {"type": {"id": SEIZURE}}], subject=None, diseases=None))
    assert from_file(vocabulary, None, text).observed == (SEIZURE,)


def test_what_is_given_comes_beside_what_was_read_and_counts_more(vocabulary: Vocabulary) -> None:
    read = from_file(vocabulary, None, json.dumps(packet()))
    both = merged(read, from_terms(vocabulary, ["Microcephaly"], ["Gait ataxia"], "2 years", "male"))
    assert (both.observed, both.excluded) == ((SEIZURE, MICROCEPHALY), (ATAXIA,))
    assert (both.sex, both.onset) == ("male", "HP:0011463")
    assert both.notes[-1] == f"{MICROCEPHALY} is stated as observed and as absent: taken as observed"


@pytest.mark.parametrize(("patient", "said"), [
    (Patient((), ()), "no finding is given"), (Patient((), (SEIZURE,)), "only absent findings are given"),
])  # fmt: skip
def test_without_an_observed_finding_nothing_is_ranked(patient: Patient, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        checked(patient)


def test_two_hundred_findings_are_ranked_with_a_note(hpo: Hpo, embedded: Ontology) -> None:
    below = [each for at, each in enumerate(hpo.ids) if hpo.position["HP:0000118"] in hpo.ancestors(at)]
    patient = checked(Patient(tuple(below[: 4 * MANY]), ()))
    assert patient.notes[0].startswith("200 findings: the ranking was fitted on fewer")
    assert len(Diagnoser(hpo, embedded).diagnose(patient.observed).candidates) == 10


def test_the_page_escapes_what_it_shows_and_marks_every_mention(vocabulary: Vocabulary, hpo: Hpo, embedded: Ontology) -> None:
    patient = replace(from_file(vocabulary, Path("<i>.txt"), TEXT), sex="female")
    document = document_of(patient, Diagnoser(hpo, embedded).diagnose(patient.observed, patient.excluded, most=3), hpo)
    page = page_of(document)
    assert "&lt;b&gt;<mark" in page
    assert "<i>" not in page
    text, _, rest = page.partition('class="legend"')
    assert text.count("<mark") == len(patient.mentions) == 6
    assert rest.count("<mark") == 3  # the legend
    assert "because of: was excluded" in text
    assert "Not for clinical use" in page
    assert "http" not in page  # nothing is loaded, nothing is linked
    for each in document["candidates"]:
        assert each["id"] in page


def test_an_annotation_at_the_top_of_the_ontology_is_told_as_none(hpo: Hpo) -> None:
    said = (Evidence(SEIZURE, "unexplained", "HP:0000001", 0.9, -3.4), Evidence(ATAXIA, "unexplained", "HP:0000707", 0.5, -1.0))
    found = Diagnosis((Candidate("OMIM:1", ("OMIM:1",), "Alder syndrome", 1.0, 0.6, said),), 0.4, ())
    shown = document_of(Patient((SEIZURE, ATAXIA), ()), found, hpo)["candidates"][0]["evidence"]
    assert [(each["annotated"] and each["annotated"]["id"], each["frequency"]) for each in shown] == [
        (None, None),
        ("HP:0000707", 0.5),
    ]


def test_what_is_only_supposed_or_of_a_relative_does_not_count_and_is_told(ask: Ask) -> None:
    text = "She has seizures. Her mother has migraine. There was suspicion of ataxia."
    document = json.loads(ask("-", "--json", "-", typed=text).stdout)
    assert [each["label"] for each in document["patient"]["observed"]] == ["Seizure"]
    assert [(each["label"], each["polarity"]) for each in document["patient"]["mentions"]] == [
        ("Seizure", "observed"), ("Migraine", "family"), ("Ataxia", "hypothetical"),
    ]  # fmt: skip
    shown = ask("-", typed=text).stdout
    assert "relatives' Migraine" in shown
    assert "supposed   Ataxia" in shown


@pytest.mark.parametrize(("share", "said"), [(0.0, "0.0 %"), (0.0001, "< 0.1 %"), (0.123, "12.3 %"), (None, "")])
def test_a_share_that_is_not_nothing_never_reads_nothing(share: float | None, said: str) -> None:
    assert percent(share) == said


def test_the_command_prints_writes_and_warns(ask: Ask, tmp_path: Path) -> None:
    case = tmp_path / "case.txt"
    case.write_text(TEXT, encoding="utf-8")
    page, answer = tmp_path / "out" / "page.html", tmp_path / "out" / "answer.json"
    result = ask(str(case), "--html", str(page), "--json", str(answer), "--top", "5", "--evidence", "1")
    assert result.exit_code == 0, result.exception
    for said in (
        "Seizure HP:0001250",
        "Microcephaly HP:0000252",
        "none of these",
        "frequent, not mentioned",
        "not for clinical use",
    ):
        assert said in result.stdout
    document = json.loads(answer.read_text(encoding="utf-8"))
    validate(document, "diagnosis")
    assert [each["rank"] for each in document["candidates"]] == [1, 2, 3, 4, 5]
    assert page.is_file()


def test_standard_input_and_output_can_be_used(ask: Ask) -> None:
    document = json.loads(ask("-", "--json", "-", typed=json.dumps(packet())).stdout)
    assert document["patient"]["onset"] == {"id": "HP:0003593", "label": "Infantile onset"}
    assert document["patient"]["source"] == "standard input"


@pytest.mark.parametrize(("args", "said"), [
    ((), "no patient is given"), (("nowhere.txt",), "nowhere.txt is not there"), (("--not", "Seizure"), "only absent findings"),
    (("--hpo", "Seizure", "--sex", "x"), "give female or male"), (("--hpo", "Siezure"), "did you mean Seizure"),
])  # fmt: skip
def test_a_mistake_on_the_command_line_is_one_sentence(ask: Ask, args: tuple[str, ...], said: str) -> None:
    result = ask(*args)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_a_file_in_another_encoding_is_said_to_be_one(ask: Ask, tmp_path: Path) -> None:
    case = tmp_path / "case.txt"
    case.write_bytes("Krämpfe".encode("latin-1"))
    assert "is no text in UTF-8" in str(ask(str(case)).exception)
