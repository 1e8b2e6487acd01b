"""Simulated patients drawn from HPO's annotations: findings by frequency, imprecision, noise, excluded findings, a note.

The same seed, size and HPO release give the same patients; a larger size keeps the smaller one as its beginning.
A ranker built on the same annotations is at home here: these cases test plumbing and self-consistency, not medicine.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from raredx_bench.domain import Case
from raredx_bench.hpo import ROOT, Hpo
from raredx_bench.naming import plain

VERSION = "1"
FEWEST_ANNOTATIONS = 4  # diseases with fewer findings are not drawn
FEWEST, MOST = 3, 12  # observed findings of a patient
UNKNOWN_FREQUENCY = 0.5
IMPRECISE = 0.2  # chance that a finding is reported as its parent term
NOISE = 0.7  # mean number of unrelated findings
MOST_EXCLUDED = 3


def simulate(hpo: Hpo, size: int, seed: int) -> Iterator[Case]:
    """Patients of diseases drawn evenly from the annotated ones; answers hold the annotated disease's own id."""
    phenotypes = hpo.position[ROOT]
    usable = np.array([phenotypes in hpo.ancestors(index) and index != phenotypes for index in range(len(hpo.ids))])
    rows = np.flatnonzero(~hpo.negated & usable[hpo.term])
    count = np.bincount(hpo.disease[rows], minlength=len(hpo.diseases))
    drawable = np.flatnonzero(count >= FEWEST_ANNOTATIONS)
    order = rows[np.argsort(hpo.disease[rows], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(count)])
    for number in range(size):
        rng = np.random.default_rng([seed, number])
        disease = int(rng.choice(drawable))
        own = order[starts[disease] : starts[disease + 1]]
        yield _patient(hpo, disease, own, usable, rng, f"sim-{seed}-{number:05d}")


def _patient(hpo: Hpo, disease: int, own: np.ndarray, usable: np.ndarray, rng: np.random.Generator, name: str) -> Case:
    banned = {plain(each) for each in hpo.disease_names[disease]}
    own = np.array([row for row in own if plain(hpo.names[hpo.term[row]]) not in banned])
    share = np.nan_to_num(hpo.frequency[own], nan=UNKNOWN_FREQUENCY)
    present = rng.random(len(own)) < share
    if present.sum() < FEWEST:
        present[np.argsort(-(share + 1e-6 * rng.random(len(own))))[:FEWEST]] = True
    drawn = rng.permutation(np.flatnonzero(present))[:MOST]
    observed = [_imprecise(hpo, int(hpo.term[own[each]]), usable, rng) for each in drawn]
    observed += [int(hpo.term[row]) for row in rng.integers(0, len(hpo.term), int(rng.poisson(NOISE)))
                 if usable[hpo.term[row]]]  # fmt: skip
    observed = list(dict.fromkeys(observed))
    lacking = [int(hpo.term[own[each]]) for each in rng.permutation(np.flatnonzero(~present))]
    implied = {int(above) for term in observed for above in hpo.ancestors(term)}
    excluded = [term for term in lacking if term not in implied][: int(rng.integers(0, MOST_EXCLUDED + 1))]
    return Case(
        id=name,
        benchmark="raredx_sim",
        presentation=_note([hpo.names[each] for each in observed], [hpo.names[each] for each in excluded], rng),
        answers=(hpo.diseases[disease],),
        observed=tuple(hpo.ids[each] for each in observed),
        excluded=tuple(hpo.ids[each] for each in excluded),
    )


def _imprecise(hpo: Hpo, term: int, usable: np.ndarray, rng: np.random.Generator) -> int:
    if rng.random() >= IMPRECISE:
        return term
    above = [int(each) for each in hpo.ancestors(term)[1:] if usable[each] and len(hpo.ancestors(int(each))) > 3]
    return above[0] if above else term


def _note(observed: list[str], excluded: list[str], rng: np.random.Generator) -> str:
    age = int(rng.choice([1, 2, 4, 7, 11, 16, 24, 35, 48, 61]))
    person = str(rng.choice(["girl", "boy"] if age < 18 else ["woman", "man"]))
    pronoun = "She" if person in ("girl", "woman") else "He"
    said = [_lower(each) for each in observed]
    half = max(1, len(said) // 2)
    openings = (f"A {age}-year-old {person} was referred with {_series(said[:half])}.",
                f"This {age}-year-old {person} presented with {_series(said[:half])}.",
                f"We saw a {age}-year-old {person} because of {_series(said[:half])}.")  # fmt: skip
    sentences = [str(rng.choice(openings))]
    if said[half:]:
        sentences.append(f"{rng.choice(['Examination and tests showed', 'Further work-up revealed'])} {_series(said[half:])}.")
    if excluded:
        sentences.append(f"{pronoun} had no {' and no '.join(_lower(each) for each in excluded)}.")
    return " ".join(sentences)


def _series(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _lower(label: str) -> str:
    return label if len(label) > 1 and label[1].isupper() else label[:1].lower() + label[1:]
