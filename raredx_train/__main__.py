"""`python -m raredx_train`, which accelerate launch starts."""

from raredx_train.cli import main

main()
