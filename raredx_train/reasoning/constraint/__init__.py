"""The knowledge-constraint filter of RERS: a trajectory is kept when nothing is wrong with it.

Findings that it cites are in the case, with their negation; what it says of diseases agrees with all that is recorded; its answer
names known diseases; it names no source, is in one language, and repeats nothing.

faults.py      what may be wrong
diseases.py    where prose names diseases
prose.py       prose -> sentences and clauses, with what each speaks of
polarity.py    how a clause speaks of a finding: there, not there, not explained
claims.py      a clause -> what it claims of the patient and of diseases
shares.py      how often it says that a disease has a finding
patient.py     what a case states
form.py        language, repetition, sources, endings
checking.py    claims against the case and the facts
filtering.py   Constraint: all of it

Imports go down this list.
"""

from raredx_train.reasoning.constraint.faults import Fault, FaultKind
from raredx_train.reasoning.constraint.filtering import Constraint

__all__ = ["Constraint", "Fault", "FaultKind"]
