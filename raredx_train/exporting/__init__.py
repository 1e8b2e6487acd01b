"""A finished stage -> a folder, or a repository of the Hugging Face hub, that others can use: weights, tokenizer, cards, licences.

found.py     a run's folder -> the stage to publish and those that it learnt from
licences.py  their cards -> whose data it learnt from, and on what terms
ladder.py    ladder.json -> rows of the card, and what the hub reads as results
card.py      the model card
folder.py    written: the folder
hub.py       uploaded: the repository

Imports go down this list.
"""

from raredx_train.exporting.folder import Exported, written
from raredx_train.exporting.hub import uploaded

__all__ = ["Exported", "uploaded", "written"]
