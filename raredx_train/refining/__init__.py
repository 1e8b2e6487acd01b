"""CRR, collaborative refinement: a lead's differential, other diagnosers' and what is known -> the lead's final one.

fusing.py    ranked lists -> one, without a model: the honest controls
members.py   the lead and the experts: any model type of lm-eval, each answer kept
model.py     the model type "refined"

Imports go down this list; none of it needs torch. The recipe: arXiv 2607.00147; numbers and prompts are this project's.
"""
