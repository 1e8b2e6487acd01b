"""Claims of a clause -> faults: findings against the case and the disease, genes, inheritance and onset against the disease."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from raredx_bench.mentions.shorts import NO_SYMBOLS, ORDINARY, SHORT
from raredx_bench.strata.levels import inheritance_levels, onset_levels
from raredx_train.knowledge.base import Base
from raredx_train.knowledge.facts import Kind
from raredx_train.reasoning.constraint.claims import Claim, Of, claims, diseases_of, is_of_patient
from raredx_train.reasoning.constraint.faults import Fault, FaultKind
from raredx_train.reasoning.constraint.patient import Patient
from raredx_train.reasoning.constraint.polarity import Polarity
from raredx_train.reasoning.constraint.prose import DISEASE, Clause
from raredx_train.reasoning.constraint.shares import shares

_SYMBOL = re.compile(r"(?<![A-Za-z0-9_-])[A-Z][A-Za-z0-9]{1,9}(?:-[A-Z0-9]{1,4})?(?![A-Za-z0-9_-])")
_SAID_GENE = re.compile(
    r"(?:\bgenes?\b(?: is| are|:)?|\b(?:mutations?|variants?|deletions?|defects?) (?:in|of)(?: the)?(?: genes?)?|"
    r"\bcaused by(?: the genes?| (?:mutations?|variants?) (?:in|of))?|\bdue to|"
    r"\b(?:associated with|linked to|encoded by)(?: the gene)?)\s+$",
    re.IGNORECASE,
)
_GENE_SAID = re.compile(
    r"\s*(?:gene|mutation|variant|-related|-associated|is the gene|is (?:linked|associated)|causes)", re.IGNORECASE
)
_NOT_GENE = re.compile(
    r"\b(?:not|no|rather than|without|exclud\w+|negative for|instead of)\s+"
    r"(?:(?:in|by|of|to|the|a|variants?|mutations?)\s+)*$",
    re.IGNORECASE,
)
_MODES = {
    "HP:0000006": re.compile(r"\bautosomal[- ]dominant(?:ly)?\b|\bdominantly inherited\b"),
    "HP:0000007": re.compile(r"\bautosomal[- ]recessive(?:ly)?\b|\brecessively inherited\b"),
    "HP:0001417": re.compile(r"\bx[- ]linked\b|\bx[- ]chromosomal\b"),
    "HP:0001427": re.compile(
        r"\bmitochondrial(?:ly)? inherit\w+\b|\bmaternal(?:ly)? (?:inherit\w+|transmi\w+)\b|\binherited maternally\b"
    ),
    "HP:0001450": re.compile(r"\by[- ]linked\b"),
}
_AGES = (
    ("antenatal", r"antenatal|fetal|foetal|prenatal|before birth|in utero"),
    ("neonatal", r"congenital|neonatal|birth|the neonatal period|newborns?"),
    ("infancy", r"infantile|infancy|the first year(?: of life)?"),
    ("childhood", r"childhood|juvenile|early childhood|late childhood"),
    ("adolescence", r"adolescen(?:t|ce)|teenage"),
    ("adult", r"adult(?:hood)?|middle age|mid-adulthood|young adulthood"),
    ("elderly", r"late(?:-| )adult|elderly|old age"),
)
_ANY_AGE = "|".join(pattern for _, pattern in _AGES)
_ONSET = re.compile(
    rf"\b(?P<a>{_ANY_AGE})[- ]onset\b|"
    rf"\bonset (?:is |usually |typically )*(?:in|at|during|from|before)? ?(?:the )?(?P<b>{_ANY_AGE})\b|"
    r"\b(?:begins?|starts?|manifests?|appears?|becomes? apparent|sets in|presents?) (?:\w+ )?"
    rf"(?:in|at|during|from) (?:the )?(?P<c>{_ANY_AGE})\b"
)
_SAME_AGE = {"childhood": {"childhood", "adolescence"}, "adolescence": {"childhood", "adolescence"}, "adult": {"adult", "elderly"},
             "elderly": {"adult", "elderly"}}  # fmt: skip  # HPO's juvenile onset spans the first two, its late onset the others
_FAMILY = re.compile(r"\b(?:pedigree|family history|consanguin\w+|parents|siblings)\b")


class Checker:
    """Looks claims up. All facts count, whatever is taught."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self._genes = frozenset(base.every.known_values(Kind.GENE)) - NO_SYMBOLS
        self._stated = lru_cache(maxsize=65536)(self._make_stated)
        self._levels = lru_cache(maxsize=16384)(self._make_levels)

    def clause(self, clause: Clause, patient: Patient, answer: Sequence[str]) -> Iterator[Fault]:
        """The faults of one clause. answer: ids that a gene may belong to where no disease is spoken of."""
        made = list(claims(clause))
        for claim in made:
            yield from self._finding(claim, patient)
        yield from self._shares(clause, made)
        diseases = diseases_of(clause) or clause.context
        yield from self._gene(clause, patient, diseases or tuple(answer))
        if diseases and not _FAMILY.search(clause.text):
            yield from self._traits(clause, diseases)

    def _finding(self, claim: Claim, patient: Patient) -> Iterator[Fault]:
        if claim.polarity is Polarity.OPEN:
            return
        if claim.of is Of.EITHER:
            if not patient.has(claim.term, claim.words) and not self._has(claim.term, claim.diseases):
                yield self._fault(FaultKind.NOT_IN_CASE, claim, "neither the case nor the disease has it")
            return
        if claim.of in (Of.PATIENT, Of.BOTH):
            yield from self._in_case(claim, patient)
        if claim.of in (Of.DISEASE, Of.BOTH):
            yield from self._in_disease(claim)

    def _in_case(self, claim: Claim, patient: Patient) -> Iterator[Fault]:
        has = patient.has(claim.term, claim.words)
        if claim.polarity in (Polarity.MISSING, Polarity.RULED_OUT):
            if patient.has(claim.term) and claim.term not in patient.terms_out:
                yield self._fault(FaultKind.PRESENT, claim, "the case states it")
            elif claim.polarity is Polarity.RULED_OUT and not patient.rules_out(claim.term) and not has:
                yield self._fault(FaultKind.NOT_EXCLUDED, claim, "the case says nothing of it")
        elif claim.polarity is not Polarity.DENIED and not has:
            out = patient.rules_out(claim.term)
            yield self._fault(FaultKind.EXCLUDED if out else FaultKind.NOT_IN_CASE, claim,
                              "the case rules it out" if out else "the case does not state it")  # fmt: skip

    def _in_disease(self, claim: Claim) -> Iterator[Fault]:
        if not claim.diseases:
            return
        names = " / ".join(map(self.base.name, claim.diseases))
        if claim.polarity in (Polarity.UNEXPLAINED, Polarity.DENIED):
            if all(claim.term in self._findings(each) for each in claim.diseases):
                yield self._fault(FaultKind.OF_DISEASE, claim, f"it is recorded with {names}")
        elif not self._has(claim.term, claim.diseases, tolerant=claim.of is Of.BOTH):
            yield self._fault(FaultKind.NOT_OF_DISEASE, claim, f"it is not recorded with {names}")

    def _has(self, term: str, diseases: Sequence[str], *, tolerant: bool = False) -> bool:
        """True when one of the diseases has a finding or a more special one recorded; tolerant: or a more general one."""
        if tolerant:
            return any(not self.base.lacks(each, term) for each in diseases)
        having = self.base.carried_by(term)
        return any(not having.isdisjoint(self.base.relatives(each)) for each in diseases)

    def _findings(self, disease: str) -> frozenset[str]:
        """The findings of a disease's own records."""
        return self._stated(disease, Kind.FINDING, False)

    def _shares(self, clause: Clause, made: Sequence[Claim]) -> Iterator[Fault]:
        for share in shares(clause.text, [each for each in made if each.of is not Of.PATIENT]):
            claim = share.claim
            known = [recorded for each in claim.diseases for recorded in self._recorded(each, claim.term)]
            if not any(map(share.holds, known)):
                stated = ", ".join(f"{each:.0%}" for each in sorted(set(known))) or "no share"
                yield Fault(FaultKind.FREQUENCY, f"{claim.words} … {share.words}", f"recorded: {stated}")

    def _recorded(self, disease: str, term: str) -> list[float]:
        """The shares recorded of a finding or more special ones in a disease and its relatives."""
        index, above = self.base.hpo.position[term], self.base.above
        return [fact.frequency for each in self.base.relatives(disease) for facts in (self.base.every, self.base.taught)
                for fact in facts.of(each, Kind.FINDING)
                if fact.frequency is not None and index in above[self.base.hpo.position[fact.value]]]  # fmt: skip

    def _gene(self, clause: Clause, patient: Patient, diseases: Sequence[str]) -> Iterator[Fault]:
        for match in _SYMBOL.finditer(clause.raw):
            symbol = match.group()
            if DISEASE in clause.text[match.start() : match.end()] or not self._means_gene(clause.raw, match):
                continue
            if _NOT_GENE.search(clause.raw[: match.start()]) or f" {symbol} " in f" {patient.presentation} ":
                continue
            if not any(symbol in self._stated(each, Kind.GENE, True) for each in diseases):
                names = " / ".join(map(self.base.name, diseases[:3]))
                yield Fault(FaultKind.GENE, symbol, f"no gene that is recorded with {names}")

    def _means_gene(self, text: str, match: re.Match[str]) -> bool:
        """True for a known symbol of four letters or more, and for any symbol in capitals beside words that speak of genes."""
        symbol = match.group()
        beside = bool(_SAID_GENE.search(text[: match.start()]) or _GENE_SAID.match(text, match.end()))
        if symbol in self._genes:
            return beside or (len(symbol) > SHORT and symbol not in ORDINARY)
        return beside and len(symbol) >= SHORT and symbol.isupper() and symbol not in ORDINARY and any(map(str.isdigit, symbol))

    def _traits(self, clause: Clause, diseases: Sequence[str]) -> Iterator[Fault]:
        names = " / ".join(map(self.base.name, diseases))
        for mode, pattern in _MODES.items():
            match = pattern.search(clause.text)
            if match and inheritance_levels([mode], (), self.base.hpo).isdisjoint(self._all_levels(diseases, Kind.INHERITANCE)):
                yield Fault(FaultKind.INHERITANCE, match.group(), f"not among the modes recorded with {names}")
        if is_of_patient(clause):
            return
        for match in _ONSET.finditer(clause.text):
            said = next(filter(None, match.groups()))
            level = next(age for age, pattern in _AGES if re.fullmatch(pattern, said))
            if _SAME_AGE.get(level, {level}).isdisjoint(self._all_levels(diseases, Kind.ONSET)):
                yield Fault(FaultKind.ONSET, match.group(), f"not among the ages of onset recorded with {names}")

    def _all_levels(self, diseases: Sequence[str], kind: Kind) -> Collection[str]:
        return frozenset().union(*(self._levels(each, kind) for each in diseases))

    def _make_levels(self, disease: str, kind: Kind) -> frozenset[str]:
        terms = self._stated(disease, kind, True)
        return frozenset((inheritance_levels if kind is Kind.INHERITANCE else onset_levels)(terms, (), self.base.hpo))

    def _make_stated(self, disease: str, kind: Kind, near: bool) -> frozenset[str]:
        """The values recorded of a disease. near: and of its relatives."""
        subjects = self.base.relatives(disease) if near else (disease,)
        return frozenset(value for each in subjects for value in self.base.every.values(each, kind))

    def _fault(self, kind: FaultKind, claim: Claim, why: str) -> Fault:
        return Fault(kind, claim.words, f"{self.base.name(claim.term)}: {why}")
