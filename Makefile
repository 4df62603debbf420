# The project's tasks; .ci/run and the workflows call the same. They take their programs from .venv, which `make setup`
# fills; `make BIN= lint` takes those on the PATH.
BIN ?= .venv/bin/

.PHONY: help setup format lint types test order slow lock

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

setup: ## an environment for development, and the checks before each commit
	python3 -m venv --upgrade-deps .venv
	.venv/bin/pip install --editable . --group dev
	.venv/bin/pre-commit install

format: ## the sources as the formatter has them
	$(BIN)ruff check --fix .
	$(BIN)ruff format .

lint: ## style, and which package imports which
	$(BIN)ruff check .
	$(BIN)ruff format --check .
	$(BIN)lint-imports

types: ## the types of the packages, then of the tests and benchmarks
	$(BIN)mypy
	$(BIN)mypy tests benchmarks

test: ## the tests as the README runs them
	$(BIN)pytest

SEED ?= 20261201

order: ## the same in a random order, that of SEED; fails below the floor of coverage
	$(BIN)pytest -p randomly --randomly-seed=$(SEED) --cov

slow: ## the tests that take minutes, a browser or other people's packages; one at a time, for some of them look at the clock
	$(BIN)pytest -n 0 -m "whole or faults or browser or peers"

lock: ## requirements/, after an edit of the dependencies
	PATH=$(abspath $(BIN)):$$PATH .ci/lock
