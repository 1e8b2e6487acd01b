"""What a recipe takes, reckoned from its sizes."""
from __future__ import annotations
def tables(config):  # noqa
    return []
def checks(config):
    return []
