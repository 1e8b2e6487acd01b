"""Entries -> a static site that opens from disk: boards, plots, models, cases; no request to anywhere.

Results that papers report stand in sections of their own, never in a table with entries.

figures.py    numbers -> text; JSON inside scripts
boards.py     entries -> tables of those that can be compared
reported.py   rows that papers report -> their own tables
remarks.py    what else an entry says of a run
plots.py      Vega-Lite specifications
scripts.py    what the plots load
explorer.py   cases, names, links and reasons
downloads.py  CSV and JSON
assets.py     the libraries beside the pages
building.py   all of it -> files
"""

from raredx_bench.page.building import build_site

__all__ = ["build_site"]
