# Every task of the house. `make` alone prints them. PYTHON=… chooses the interpreter for the virtual environment.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Bytecode is kept, whatever the environment says: the suite starts hundreds of processes.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -q
JOBS ?= 4
# Files that wait for Kafka first, files with a test that must be alone last: tests/support/beside.py sorts them.
BESIDE := -n $(JOBS) --dist loadfile --no-loadscope-reorder
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3.14 python3; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
SOAK_SECONDS ?= 600

.PHONY: help setup fmt lint types unit test e2e soak bench demo schemas rules docs deploy-check check lock coverage screenshots clean

help: ## print this list
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(STAMP) ## make the virtual environment with the locked, hashed requirements

$(STAMP): requirements/dev.txt pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "no Python >= 3.11 with venv found; install one (Debian: python3-venv) or say make PYTHON=/path/to/python" >&2; \
		exit 3; fi
	@test -x $(BIN)/python || { echo "making $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing requirements/dev.txt"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: setup ## start a real Kafka and a worker, replay a sample day, show the alerts (Ctrl-C stops all of it)
	@$(BIN)/tocsin demo

test: setup ## run the whole suite in JOBS processes (4); it starts its own Kafka
	@$(PYTEST) $(BESIDE)

unit: setup ## run the fast part of the suite, without a broker
	@$(PYTEST) $(BESIDE) -m "not e2e and not soak"

e2e: setup ## run only the tests on a real Kafka
	@$(PYTEST) $(BESIDE) -m "e2e and not soak"

soak: setup ## disrupt workers at random for SOAK_SECONDS (600); the seed is printed
	@TOCSIN_SOAK_SECONDS=$(SOAK_SECONDS) $(PYTEST) -s -m soak -o faulthandler_timeout=0

bench: setup ## run the reference job and the product job; append dated rows to bench/results.csv
	@$(BIN)/python -m bench

fmt: setup ## format the code and fix what the linter can fix
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: setup ## check format, lint rules and the import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache

types: setup ## check types, strictly
	@$(BIN)/mypy

schemas: setup ## write the JSON Schemas and the AsyncAPI file to docs/reference; fails when they were stale
	@$(BIN)/python -m schemas.export docs/reference
	@git diff --exit-code --stat -- docs/reference

rules: setup ## check the rule pack: every problem with file and line
	@$(BIN)/tocsin rules check

docs: setup ## check the docs against the code: examples, links, settings, commands, metrics, topics
	@$(PYTEST) tests/docs

deploy-check: setup ## check compose, Prometheus, Alertmanager, Grafana and Kubernetes files
	@$(PYTEST) tests/deploy

check: lint types schemas test ## exactly what CI runs

coverage: setup ## run the suite with branch coverage and report what was never run
	@$(BIN)/coverage run -m pytest -q
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

lock: ## compile requirements/*.in to hashed *.txt that hold for every platform (needs the package registry)
	@test -x .cache/lock/bin/uv || { $(PYTHON) -m venv .cache/lock && .cache/lock/bin/pip install --quiet uv==0.13.9; }
	@cd requirements && for name in build runtime demo train ics reader dev; do \
		../.cache/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links --output-file $$name.txt $$name.in; done

screenshots: $(STAMP) ## draw the pictures of the README: the board over the sample day (needs Chromium)
	$(BIN)/python -m tests.support.screenshots docs/pictures

clean: ## remove caches and build output; keeps the virtual environment
	rm -rf build dist htmlcov .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +
