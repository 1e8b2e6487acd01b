"""Readers of what Orphanet publishes beside its ontology, and of Babelon's names in other languages.

files.py            one way through every file of Orphadata: streamed, checked, told where it is damaged
names.py            product 1: disease names and exact mappings in one language
babelon.py          Babelon tables of Mondo's translations
epidemiology.py     product 9: prevalences; ages of onset and modes of inheritance
classification.py   product 3: which disorders stand under which medical specialty
ordo.py             the same prevalences, ages and modes as ORDO states them, where product 9 is not at hand

Orphadata is published under CC BY 4.0 (https://www.orphadata.com); its tags are described in the "Orphadata free access
products" document there.
"""

from raredx_bench.orphadata.babelon import MONDO_COLUMNS, read_babelon
from raredx_bench.orphadata.classification import Classification, read_classifications
from raredx_bench.orphadata.epidemiology import BANDS, NaturalHistory, Prevalence, read_natural_histories, read_prevalences
from raredx_bench.orphadata.names import EXACT_RELATION, Translations, read_product1
from raredx_bench.orphadata.ordo import read_ordo_epidemiology

__all__ = [
    "BANDS",
    "EXACT_RELATION",
    "MONDO_COLUMNS",
    "Classification",
    "NaturalHistory",
    "Prevalence",
    "Translations",
    "read_babelon",
    "read_classifications",
    "read_natural_histories",
    "read_ordo_epidemiology",
    "read_prevalences",
    "read_product1",
]
