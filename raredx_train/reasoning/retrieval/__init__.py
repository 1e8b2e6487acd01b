"""K of RERS: what the knowledge stage teaches that bears on a case, and training patients like it.

known.py       what is taught, and the same without what one publication alone says
dense.py       vectors of an encoder, where one is named
patients.py    training patients by how alike their findings are
writing.py     the record that is shown of a disease or patient
searching.py   Retriever: case -> records

Imports go down this list. What held-out cases' publications say is in no record: only facts that are taught are looked at.
"""

from raredx_train.reasoning.retrieval.dense import Encoder
from raredx_train.reasoning.retrieval.searching import Retriever

__all__ = ["Encoder", "Retriever"]
