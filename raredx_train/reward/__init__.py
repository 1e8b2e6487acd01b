"""The reward of the RL stage: completions and their cases -> numbers, part by part, out of the benchmark's own verdicts.

settings.py    Reward: what it can be told
repeating.py   share of what is repeated
reading.py     a completion -> thought, answer and names, as the benchmark's parser reads them
grading.py     names and a gold set -> what the benchmark's judge says of each, remembered
crediting.py   what the judge said of a list -> its credit
rows.py        what TRL hands over -> one row a completion
guarding.py    answers that earn nothing: copies, enumerations, one list for every case
language.py    share of what is not English
overlap.py     findings that a disease shares with a case
parts.py       the reward functions
card.py        the reward card

Imports go down this list.
"""

from raredx_train.reward.card import reward_card, rewards_for, total
from raredx_train.reward.parts import PARTS, Accuracy, Part
from raredx_train.reward.settings import Reward, Weights

__all__ = ["PARTS", "Accuracy", "Part", "Reward", "Weights", "reward_card", "rewards_for", "total"]
