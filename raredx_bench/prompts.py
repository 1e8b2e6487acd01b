"""The wordings of the prompt: the task file's own first, then two that say the same otherwise, and one that asks for reasoning.

Each states the same output contract: a numbered list of disease names, the most likely first, one per line. They are Jinja
templates over a document (tasks.document), as lm-eval's doc_to_text is.
"""

from __future__ import annotations

FIRST = """\
You are an expert in rare diseases. Read the case and give the {{asked}} most likely diagnoses.

Case:
{{presentation}}

Answer with a numbered list of {{asked}} disease names, the most likely first, one per line, without explanations."""
SECOND = """\
Case:
{{presentation}}

Which rare diseases could explain this case? Write your {{asked}} best candidates as a numbered list, best first: one name of a \
disease on each line and nothing else."""
THIRD = """\
As a clinical geneticist, give a differential diagnosis for this patient.

{{presentation}}

Return exactly {{asked}} specific diagnoses ranked from most to least likely, in the form
1. name of the disease
2. name of the disease
and so on, with no further text."""
REASONED = """\
You are an expert in rare diseases. Read the case and give the {{asked}} most likely diagnoses.

Case:
{{presentation}}

First think through the case: which findings matter, and which diseases they speak for and against. Then write a line \
"Final answer:" and below it a numbered list of {{asked}} disease names, the most likely first, one per line."""

CONFIDENT = """ Behind each name write in brackets how confident you are that it is the diagnosis, in percent, for example: \
(70 %). If you can't tell, answer only: unknown."""

WORDINGS = (FIRST, SECOND, THIRD)
