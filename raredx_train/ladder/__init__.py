"""The models of a run through the benchmark: the ladder from the untrained student to collaborative refinement.

settings.py  Evaluation: what the stage can be told
rungs.py     which models a run has, and where
trained.py   a run's model as a model type of lm-eval: `raredx-train`
asking.py    each of them asked by raredx_bench, once
between.py   what was said on the way to a refined answer, judged
report.py    what they answered -> ladder.json, ladder.md, ladder.svg
stage.py     all of it, as the last stage of the recipe

Imports go down this list.
"""
