"""The ontology teacher: a programmatic diagnoser that writes its reasoning, for recipes without a language model.

It ranks by the phenotype baseline under a limited view of the taught facts, so that it fails often and reflection can mend it, and
says only what is true of the case and of those facts. Its prose is made of templates: a data card has to say so.

options.py     OntologyOptions: what it can be told
reading.py     a case's text -> findings, sex and age
sight.py       what it sees of diseases: its view, and what a prompt's records add
ranking.py     findings, K, E and the suspicion -> ranked diseases, with noise
evidence.py    what speaks for and against a disease
wording.py     sentences out of wordings.yaml, names within a sentence
prose.py       evidence -> a thought
looking.py     how a second look begins
answering.py   OntologyTeacher: the backend

Imports go down this list.
"""

from raredx_train.reasoning.teacher.answering import VERSION, OntologyTeacher
from raredx_train.reasoning.teacher.options import OntologyOptions, options_from

__all__ = ["VERSION", "OntologyOptions", "OntologyTeacher", "options_from"]
