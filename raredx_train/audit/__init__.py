"""The audit of the reward before anything is trained on it: attacks beside honest answers of several qualities.

names.py         invented disease names
world.py         what answers are made of: terminology, the built-in diagnoser's lists, the commonest diseases
translating.py   names and a thought in another language
answers.py       the honest answers and the attacks
running.py       Audit: what each of them gets, and whether the bars hold
tables.py        an audit as a table

Imports go down this list.
"""

from raredx_train.audit.names import invented_names
from raredx_train.audit.running import Audit, audit_reward
from raredx_train.audit.tables import headers, lines, markdown
from raredx_train.reward import Reward

__all__ = ["Audit", "Reward", "audit_reward", "headers", "invented_names", "lines", "markdown"]
