"""MIMIC-IV-Rare, which every credentialed user builds on their own machine: restricted notes in, a private benchmark out.

tables.py reads MIMIC's files, reference.py finds the reference diagnoses, sections.py and redaction.py take the answer out of a
note, building.py puts it together, records.py writes and reads what was built.
"""

from raredx_bench.mimic.records import NAME, cases, located

__all__ = ["NAME", "cases", "located"]
