"""A small invented world of knowledge: an HPO release with two organ systems, annotations, genes, and a Mondo file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from raredx_bench.splits import held_out
from raredx_train.knowledge.withheld import listed_publications

EYE, NERVE = "HP:0000478", "HP:0000707"
HEADER = (
    "#version: 2030-02-02\n"
    "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration\n"
)
TRAITS = {
    "HP:0000005": ("Mode of inheritance", "HP:0000001"),
    "HP:0034335": ("Inheritance qualifier", "HP:0000005"),
    "HP:0000006": ("Autosomal dominant inheritance", "HP:0000005"),
    "HP:0000007": ("Autosomal recessive inheritance", "HP:0000005"),
    "HP:0001417": ("X-linked inheritance", "HP:0000005"),
    "HP:0001427": ("Mitochondrial inheritance", "HP:0000005"),
    "HP:0012823": ("Clinical modifier", "HP:0000001"),
    "HP:0031797": ("Clinical course", "HP:0012823"),
    "HP:0003676": ("Progressive", "HP:0031797"),
    "HP:0003674": ("Onset", "HP:0031797"),
    "HP:0003577": ("Congenital onset", "HP:0003674"),
    "HP:0011463": ("Childhood onset", "HP:0003674"),
    "HP:0003581": ("Adult onset", "HP:0003674"),
    "HP:0003593": ("Infantile onset", "HP:0003674"),
    "HP:0000118": ("Phenotypic abnormality", "HP:0000001"),
    EYE: ("Abnormality of the eye", "HP:0000118"),
    NERVE: ("Abnormality of the nervous system", "HP:0000118"),
}
COLOURS = ("amber", "azure", "coral", "ivory", "jade", "khaki", "lilac", "olive", "ruby", "teal", "umber", "violet")
TREES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ilex", "Juniper", "Larch", "Maple", "Nyssa", "Oak")
CITED = min(listed_publications())  # what one annotation cites: the publication of a held-out case
UNSEEN = min(each for each in held_out("unseen") if each.startswith("ORPHA:"))  # an id of the last disease
TWIN = "ORPHA:88"  # Orphanet's entry of the first disease, which HPO's names don't join with OMIM's


def finding(number: int) -> str:
    """The id of an invented finding, 0 to 47: odd ones are of the nervous system, the others of the eye."""
    return f"HP:90000{number:02}"


def name_of(number: int) -> str:
    """The name of an invented finding."""
    what, kind = ("tremor" if number % 2 else "cornea"), ("of kind two" if number >= 24 else "sign")
    return f"{COLOURS[number % 12].capitalize()} {what} {kind}{' mild' if number % 24 >= 12 else ''}"


def terms() -> str:
    """hp.obo: findings from 24 on lie below the finding 24 before."""
    found = ["format-version: 1.2\ndata-version: hp/releases/2030-01-01\n", "[Term]\nid: HP:0000001\nname: All\n"]
    found += [f"[Term]\nid: {each}\nname: {name}\nis_a: {above}\n" for each, (name, above) in TRAITS.items()]
    for number in range(48):
        above = finding(number - 24) if number >= 24 else NERVE if number % 2 else EYE
        found.append(f"[Term]\nid: {finding(number)}\nname: {name_of(number)}\n"
                     f'def: "An anomaly in which tissue {number} shows the hue {COLOURS[number % 12]} under light." [x:1]\n'
                     f'synonym: "Synonym {number} of hue" EXACT []\nsynonym: "Plain words {number}" EXACT layperson []\n'
                     f'synonym: "{name_of(number).replace("tremor", "tremors")}" EXACT layperson []\n'
                     f"is_a: {above}\n")  # fmt: skip
    return "\n".join([found[0] + '\nsynonymtypedef: layperson "layperson term"\n', *found[1:]])


def annotation_rows() -> str:
    """phenotype.hpoa: fourteen diseases with seven findings each, of which neighbours share two and one is a disease's own."""
    rows = []
    for at, tree in enumerate(TREES):
        disease = f"OMIM:9000{at:02}\t{tree} syndrome"
        for place in range(6):
            number = (at * 4 + place) % 24
            share = ("10/10", "HP:0040281", "4/10", "HP:0040283", "1/1", "")[place]
            sex = "FEMALE" if place == 2 else ""
            onset = "HP:0011463" if place == 1 else ""
            cited = CITED if at == 3 and place == 5 else f"OMIM:9000{at:02}"
            rows.append(f"{disease}\t\t{finding(number)}\t{cited}\tTAS\t{onset}\t{share}\t{sex}\t\tP\tHPO:x")
        rows.append(f"{disease}\t\t{finding(24 + at)}\tOMIM:9000{at:02}\tTAS\t\t\t\t\tP\tHPO:x")
        rows.append(f"{disease}\tNOT\t{finding(47 - at)}\tOMIM:1\tTAS\t\t\t\t\tP\tHPO:x")
        mode, onset = ("HP:0000006", "HP:0000007", "HP:0001417")[at % 3], ("HP:0003577", "HP:0011463")[at % 2]
        rows.append(f"{disease}\t\t{mode}\tOMIM:1\tTAS\t\t\t\t\tI\tHPO:x")
        rows.append(f"{disease}\t\t{onset}\tOMIM:1\tTAS\t\t\t\t\tC\tHPO:x")
        rows.append(f"{disease}\t\tHP:0003676\tOMIM:1\tTAS\t\t\t\t\tC\tHPO:x")
    twin = [row for row in rows if row.startswith("OMIM:900000\t") and "\tNOT\t" not in row]
    rows += [row.replace("OMIM:900000\tAlder syndrome", f"{TWIN}\tDisease of alders") for row in twin]
    return HEADER + "\n".join(rows) + "\n"


def genes() -> str:
    """genes_to_phenotype.txt: a gene for each disease, one gene for the first two, two genes for the last."""
    rows = [f"1\tGENE{max(at, 1)}\tHP:0000118\tx\t-\tOMIM:9000{at:02}" for at in range(len(TREES))]
    rows.append(f"1\tGENE1\tHP:0000118\tx\t-\t{TWIN}")
    rows.append("1\tGENE99\tHP:0000118\tx\t-\tOMIM:900013")
    return "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id\n" + "\n".join(rows) + "\n"


def orphanet(at: int) -> str:
    """The Orphanet id of a disease, as Mondo spells it."""
    known = {0: TWIN, len(TREES) - 1: UNSEEN}.get(at, f"ORPHA:99000{at}")
    return known.replace("ORPHA", "Orphanet")


def mondo() -> str:
    """mondo.obo: a family of the first three diseases, which is a phenotypic series; synonyms; a definition."""
    found = ["format-version: 1.2\ndata-version: mondo/2030-01-01\nontology: mondo\n", "[Term]\nid: MONDO:9009999\nname: disease\n",
             "[Term]\nid: MONDO:9000900\nname: grove family\nxref: OMIMPS:900900 {source=\"MONDO:equivalentTo\"}\n"
             "is_a: MONDO:9009999\n"]  # fmt: skip
    for at, tree in enumerate(TREES):
        above = "MONDO:9000900" if at < 3 else "MONDO:9000901" if at < 6 else "MONDO:9009999"
        defined = (
            f'def: "{tree} syndrome (TS{at}) is a rare disease (see this term) of leaves and bark in trees of old age." [x:1]\n'
            if at == 0
            else ""
        )
        found.append(f"[Term]\nid: MONDO:90000{at:02}\nname: {tree} syndrome\n{defined}"
                     f'synonym: "{tree} woodland disorder" EXACT []\nxref: OMIM:9000{at:02} {{source="MONDO:equivalentTo"}}\n'
                     f'xref: {orphanet(at)} {{source="MONDO:equivalentTo"}}\n'
                     f"is_a: {above}\n")  # fmt: skip
    found.append("[Term]\nid: MONDO:9000901\nname: meadow family\nis_a: MONDO:9009999\n")
    return "\n".join(found)


def prevalences() -> str:
    """en_product9_prev.xml: one disease that Mondo's file joins with an Orphanet id."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><JDBOR date="2030-01-01" version="1"><DisorderList count="1"><Disorder id="1">'
        '<OrphaCode>990001</OrphaCode><Name lang="en">Birch syndrome</Name><DisorderGroup><Name lang="en">Disorder</Name>'
        '</DisorderGroup><PrevalenceList count="1"><Prevalence id="1"><Source>x</Source><PrevalenceType><Name lang="en">'
        'Point prevalence</Name></PrevalenceType><PrevalenceQualification><Name lang="en">Class only</Name>'
        '</PrevalenceQualification><PrevalenceClass><Name lang="en">1-9 / 100 000</Name></PrevalenceClass><ValMoy>0.0</ValMoy>'
        '<PrevalenceGeographic><Name lang="en">Worldwide</Name></PrevalenceGeographic><PrevalenceValidationStatus><Name lang="en">'
        "Validated</Name></PrevalenceValidationStatus></Prevalence></PrevalenceList></Disorder></DisorderList></JDBOR>"
    )


@contextmanager
def at_hand(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data directory, written, with a cache of its own and nothing that the machine has pulled beside it."""
    folder = factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAREDX_CACHE", str(folder / "cache"))
        patch.setenv("XDG_DATA_HOME", str(folder / "nowhere"))
        yield written(folder / "data")


def written(root: Path, *, with_mondo: bool = True) -> Path:
    """The data directory, written."""
    folder = root / "ontology"
    folder.mkdir(parents=True)
    (folder / "hp.obo").write_text(terms())
    (folder / "phenotype.hpoa").write_text(annotation_rows())
    (folder / "genes_to_phenotype.txt").write_text(genes())
    if with_mondo:
        (folder / "mondo.obo").write_text(mondo())
        (folder / "en_product9_prev.xml").write_text(prevalences())
    return root
