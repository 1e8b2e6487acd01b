"""Reflection-enhanced reasoning sampling (RERS): training cases and a teacher -> RareDxCOT.

settings.py    Rers: what the stage can be told
asking.py      the prompts of the teacher, and the blocks that they are made of
trace.py       an answer's two parts: what was thought, and the ranked list
records.py     what is known of a disease, or one patient, as a teacher reads it
views.py       facts as annotations that the phenotype ranker ranks by: all of them, or a part
constraint/    the knowledge-constraint filter: which trajectories may be kept
teacher/       the ontology teacher: a diagnoser that is no language model

Imports go down this list.
"""
