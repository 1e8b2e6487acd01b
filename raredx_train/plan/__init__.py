"""A recipe -> what it takes and whether it can run here; nothing is run, downloaded or loaded.

sizes.py      shapes -> bytes of memory and disk
assumed.py    Assumed: what is reckoned with and can't be known before; Machine: what it is reckoned for
work.py       sections -> tokens, hours and cost of each stage
memory.py     sections -> memory of each process
checking.py   what speaks against the plan, each with what to do
sources.py    the paths that a recipe names: student, records, cases
launching.py  accelerate's file against the recipe
servers.py    the commands that serve the teacher and the rollouts
planning.py   planned: all of it

Imports go down this list.
"""

from raredx_train.plan.assumed import Assumed, Machine
from raredx_train.plan.planning import Plan, planned

__all__ = ["Assumed", "Machine", "Plan", "planned"]
