# Every target sets up what it needs: "make run" and "make test" work on a machine with Python 3.11 and make.
.PHONY: run test check lint types bench format lock clean help

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# Every command, web worker and indexer is a process of its own, which would else compile all of our code anew.
unexport PYTHONDONTWRITEBYTECODE
HOST ?= 127.0.0.1
PORT ?= 8000

help:  ## Show what there is.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: export CATALOGUE_DATA ?= data
run: export CATALOGUE_COHORTS ?= examples/cohorts.toml
run: $(VENV)/run.stamp  ## Set up, load the example cohorts, serve on http://127.0.0.1:8000
	@$(BIN)/catalogue schemas install 3.3
	@$(BIN)/catalogue ingest examples >/dev/null
	@$(BIN)/catalogue serve --host $(HOST) --port $(PORT)

test: $(VENV)/test.stamp  ## Set up, run the whole test suite, on every core.
	$(BIN)/python -m pytest -n logical --no-loadscope-reorder

# Beside each other: mypy has one core, and the suite leaves some of its cores idle where it waits for servers.
check:  ## Lint, types, import direction, whole suite with warnings as errors.
	@$(MAKE) --no-print-directory --jobs=3 lint types test

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test.stamp
	$(BIN)/mypy

bench: $(VENV)/test.stamp  ## Speed and memory, as ratios to a baseline in the same run.
	$(BIN)/python -m tests.benchmarks

format: $(VENV)/test.stamp  ## Format and mend what the linter can mend.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/test.stamp  ## Resolve the dependencies anew into the lock files.
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra postgresql $(LOCK) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra postgresql --extra test $(LOCK) --output-file requirements-test.lock
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

clean:  ## Remove what the other targets made, but for the data folder.
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with the venv module is needed: install it, or name it with PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(BIN)/python pyproject.toml requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/test.stamp: $(BIN)/python pyproject.toml requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
