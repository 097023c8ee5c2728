# make run: everything until the page answers. make test: everything until the tests have run.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run install test check clean

run: $(VENV)/.installed
	$(BIN)/python -m assistant prepare
	$(BIN)/python -m assistant ingest
	$(BIN)/python -m assistant serve

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --editable .
	touch $@

$(VENV)/.tools: $(VENV)/.installed
	$(BIN)/python -m pip install --editable '.[dev]'
	touch $@

test: $(VENV)/.tools
	$(BIN)/python -m assistant prepare
	$(BIN)/python -m assistant ingest
	$(BIN)/python -m pytest

check: $(VENV)/.tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

clean:
	rm -rf $(VENV) .wegwijzer build *.egg-info
