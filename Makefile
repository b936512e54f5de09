# Everything that a fresh clone needs: Python 3.11 or later with pip, and this file.
PYTHON ?= python3
# Processes that share the tests, of which one that is done takes over from another; each takes up to 2 GB.
PROCESSES ?= 2
# What `make quick` tests: rooms of the core (stores) and plugins by the end of their name (lexical), by default those that changed since main.
ROOM ?= $(shell { git diff --name-only main 2>/dev/null || git diff --name-only HEAD; git ls-files --others --exclude-standard; } \
	| sed -nE 's,^(stsbench|tests)/([a-z]+)/.*,\2,p; s,^plugins/stsbench-([a-z-]+)/.*,\1,p' | sort -u)
RULES := tests/contracts tests/project/test_sources.py tests/project/test_import_contracts.py
VENV := .venv
DIST := dist
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
PACKAGES := $(sort $(wildcard plugins/*/pyproject.toml))
COMPILED := hatch_build.py stsbench/builtin/similarities/nearest.c

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup test campaigns quick check lint types imports evidence leaderboard boards pictures site wheels clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt requirements-dev.txt requirements-docs.txt $(PACKAGES) $(COMPILED)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	STSBENCH_PURE= $(BIN)/python -m pip install --quiet --constraint constraints.txt --requirement requirements-dev.txt
	@touch $(STAMP)

setup: $(STAMP) ## Make the environment: core and plugins editable, with the tested versions

leaderboard: $(STAMP) ## Encode and score `mini` anew, compare with the committed evidence, print the board
	$(BIN)/stsbench run --board leaderboards/mini --fresh

boards: $(STAMP) ## Compute every board's missing cells (sts-english needs the data: STSBENCH_MIRROR or the hub)
	for board in leaderboards/*/; do $(BIN)/stsbench run --board $$board || exit 1; done

pictures: $(STAMP) ## Draw the README's pictures from the evidence of sts-english
	$(BIN)/stsbench show leaderboards/sts-english --plot docs/pictures/standings.svg
	$(BIN)/stsbench show leaderboards/sts-english --plot docs/pictures/similarities.svg --chart similarities
	$(BIN)/stsbench show leaderboards/sts-english --plot docs/pictures/gold.svg --chart gold-STSBenchmark

PYTEST := $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist worksteal

test: $(STAMP) ## Run all tests but campaigns
	$(PYTEST) -m "not campaign"

campaigns: $(STAMP) ## Run the tests that repeat one question hundreds of times, as CI does
	$(PYTEST) -m campaign

quick: $(STAMP) ## Run the tests of what changed since main, or of ROOM (stores, lexical), and the rules that all code keeps
	$(PYTEST) -m "not campaign and not slow" $(sort $(RULES) $(foreach room,$(ROOM),$(wildcard tests/$(room) plugins/stsbench-$(room)/tests)))

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/zizmor --offline --quiet .github/workflows

types: $(STAMP)
	$(BIN)/mypy
	for package in plugins/*/; do $(BIN)/mypy $$package/src $$package/tests || exit 1; done

imports: $(STAMP)
	$(BIN)/lint-imports

evidence: $(STAMP)
	for board in leaderboards/*/; do $(BIN)/stsbench leaderboard check $$board || exit 1; done

site: $(STAMP) ## Build the documentation as pages into build/site, the boards among them; a warning is an error
	$(BIN)/zensical build --clean --strict
	for board in leaderboards/*/; do mkdir -p build/site/$$board; cp $$(find $$board -maxdepth 1 -type f ! -name board.toml) build/site/$$board || exit 1; done

check: lint types imports site test campaigns evidence ## Lint, types, import contracts, docs, tests and boards: the same here and in CI

wheels: ## Build the wheels of the core and of every plugin into dist/; pip is enough for it
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir $(DIST) . $(dir $(PACKAGES))

clean: ## Remove the environment and everything built
	rm -rf $(VENV) $(DIST) stsbench/builtin/similarities/nearest-*
