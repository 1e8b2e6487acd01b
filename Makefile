# Two commands: `make run` and `make test`. Only Python >= 3.11, make and a PyPI are needed.
PYTHON ?= python3
VENV ?= .venv
OUT ?= out
PIP = $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run test install lint bench clean

run: $(VENV)/.base  ## run the built-in diagnoser on the embedded benchmarks; entry and page go under OUT
	$(VENV)/bin/raredx-bench run --model phenotype --output $(OUT)

test: install  ## the whole test suite; a thread a worker, since training tests would take the other workers' cores
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -n auto

install: $(VENV)/.full  ## everything tests and training need

lint: install
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

bench: install  ## the figures in docs/measurements.md
	$(VENV)/bin/python benchmarks/speed.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e ".[board]"
	touch $@

$(VENV)/.full: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) torch==2.13.0 -e ".[hf,api,judge,board,pubmed,train,dev]"
	touch $@ $(VENV)/.base

clean:
	rm -rf $(VENV) $(OUT) build dist .mypy_cache .ruff_cache .pytest_cache
