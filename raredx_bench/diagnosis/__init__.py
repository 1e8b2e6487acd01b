"""One patient -> ranked diseases with evidence: what `raredx-bench diagnose` says. For research only, not for clinical use.

terms.py     what a person writes for a finding or an onset -> HPO's id, or what was wrong with it
patient.py   a text, a phenopacket or terms -> Patient
document.py  Patient and Diagnosis -> the JSON document (schemas/diagnosis.schema.json)
page.py      the document -> a page on its own (templates/diagnosis.html)

Imports go down this list.
"""

from raredx_bench.diagnosis.document import document_of
from raredx_bench.diagnosis.page import page_of
from raredx_bench.diagnosis.patient import Patient, from_file, from_terms
from raredx_bench.diagnosis.terms import Vocabulary

__all__ = ["Patient", "Vocabulary", "document_of", "from_file", "from_terms", "page_of"]
