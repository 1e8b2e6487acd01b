"""lm-eval's own command line, with the model types of this project registered."""

from lm_eval.__main__ import cli_evaluate

import raredx_bench.models  # noqa: F401

cli_evaluate()
