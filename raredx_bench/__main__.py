"""python -m raredx_bench: the command line, where its script is not on the path."""

from raredx_bench.cli import main

main()
