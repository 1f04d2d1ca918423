# ViT Viz: `make` alone lists the targets.
VENV ?= .venv
PYTHON ?= python3
PORT ?= 8501
BIN = $(VENV)/bin
TESTS ?=

.PHONY: help run test lint format bench models clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

run: $(VENV)/.app  ## set up where needed, then start the app
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/.dev  ## set up where needed, then run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

lint: $(VENV)/.dev  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/oxlint vit_viz/components/browser tests/js
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(VENV)/.dev  ## bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev  ## measure speed and memory; prints one table
	$(BIN)/python -m benchmarks

models: $(VENV)/.dev  ## try every model of the table and rewrite docs/models.md
	$(BIN)/python tools/try_models.py

clean:  ## remove the virtual environment
	rm -rf $(VENV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ViT Viz needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.app: $(BIN)/python requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements.txt requirements-dev.txt pyproject.toml
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@ $(VENV)/.app
