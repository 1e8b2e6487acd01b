"""Reflection-enhanced reasoning sampling (RERS): training cases and a teacher -> RareDxCOT.

settings.py    Rers: what the stage can be told
asking.py      the prompts of the teacher, and the blocks that they are made of
trace.py       an answer's two parts: what was thought, and the ranked list
records.py     what is known of a disease, or one patient, as a teacher reads it
views.py       facts as annotations that the phenotype ranker ranks by: all of them, or a part
masking.py     a case with less of it, in another form
cases.py       the patients that are trained on, and those that are looked at meanwhile
retrieval/     K: records of the diseases and training patients that bear on a case
teacher/       the ontology teacher: a diagnoser that is no language model
constraint/    the filter: what a thought states agrees with the case and with what is known
experts.py     E: what other diagnosers make of a case
reflection.py  sampling, reflection, rewriting: a case -> everything that was asked of it, and what is kept
corpus.py      kept traces -> examples, each once, balanced, none of a held-out case
funnel.py      what became of every case
card.py        the data card
building.py    build_reasoning: all of it

Imports go down this list.
"""
