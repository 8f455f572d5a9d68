# Easel: `make run` is all that a newcomer needs. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin

# What Python compiles is kept: pytest's rewritten assertions alone take longer to make than many tests to run.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run install install-dev test fast crash check bench screenshots pins browser postgresql clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: install ## install, then start Easel
	@$(BIN)/easel run

install: .venv/installed ## make .venv and install pinned dependencies

install-dev: .venv/installed-dev ## the same, with what tests need

test: install-dev browser postgresql ## lint, types, and all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@# Types on one core; on the other, tests are collected once, or each worker would compile all of them.
	$(BIN)/pytest --collect-only -qq >/dev/null & $(BIN)/mypy; well=$$?; wait; exit $$well
	$(BIN)/pytest -n 3 --dist worksteal tests/contract tests/unit
	$(BIN)/pytest -n 4 --dist worksteal tests/rooms
	$(BIN)/pytest -n 4 --dist loadscope --no-loadscope-reorder tests/pictures tests/whole

fast: install-dev ## unit and contract tests alone (half a minute), without PostgreSQL
	$(BIN)/pytest -n 3 --dist worksteal -m "not postgresql" tests/contract tests/unit

crash: install-dev ## kill Easel at every point of a job's life and count what becomes of the jobs
	$(BIN)/python -m tests.crash

bench: install-dev ## speed and memory against a bare script
	$(BIN)/python -m benchmarks

screenshots: install-dev browser ## make the pictures of the README again
	$(BIN)/python docs/screenshots.py

browser:
	@sh tests/browser.sh

postgresql:
	@sh tests/postgres.sh

pins: install-dev ## renew the pinned versions in requirements*.txt
	$(BIN)/pip install -q pip-tools
	$(BIN)/pip-compile -q -U --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q -U --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --extra postgresql -c requirements.txt -o requirements-postgresql.txt pyproject.toml
	$(BIN)/pip-compile -q -U --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --extra dev --extra postgresql -c requirements-postgresql.txt -o requirements-dev.txt pyproject.toml

clean: ## remove the virtual environment and caches (never data/)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build *.egg-info

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Easel needs Python 3.11 or newer; say which with: make PYTHON=python3.11 run"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt pyproject.toml | .venv/bin/python
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	$(BIN)/python -m compileall -q bot adapters storage upstream
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	$(BIN)/pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@
