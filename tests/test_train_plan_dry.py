"""The stand-in of raredxr1-14b is raredxr1-14b but for its size; that it runs is in test_train_export.py."""

from __future__ import annotations

import pytest

from raredx_train.config import load
from raredx_train.stages import KINDS

KEPT = {
    "knowledge-sft": ("precision", "lora", "patience"),
    "rers": ("rounds", "reflections", "keep", "per_case"),
    "rers-sft": ("precision", "lora", "patience", "replayed"),
    "dcrl": ("algorithm", "updates", "precision", "lora", "learning_rate", "kl"),
}


@pytest.mark.parametrize("stage", KEPT)
def test_the_stand_in_keeps_what_the_preset_says_of_its_stages(stage: str) -> None:
    whole, small = load("raredxr1-14b", [], KINDS), load("raredxr1-14b-dry", [], KINDS)
    assert list(small.sections) == list(whole.sections)
    said, kept = ({name: getattr(config.sections[stage], name) for name in KEPT[stage]} for config in (whole, small))
    assert kept == said
    assert small.run.processes > 1
    if stage.endswith("-sft"):
        assert {**whole.sections[stage].trl, "warmup_steps": 2} == small.sections[stage].trl
