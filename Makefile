# Everything that a fresh clone needs: Python 3.11 or later with pip, and this file.
PYTHON ?= python3
# Processes that share the tests, file by file; the one that holds torch and its models takes up to 2 GB, others far less.
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

.PHONY: help setup test campaigns quick check checks tested chromium lint types imports evidence leaderboard boards pictures site wheels packages lowest installed clean

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

pictures: $(STAMP) ## Draw the pictures of the README and docs from the evidence of sts-english, for light and dark pages
	$(BIN)/stsbench show leaderboards/sts-english --plot docs/pictures/standings.svg
	$(BIN)/stsbench show leaderboards/sts-english --plot docs/pictures/standings-dark.svg --dark
	$(BIN)/stsbench show leaderboards/sts-english --plot docs/pictures/similarities.svg --chart similarities
	$(BIN)/stsbench show leaderboards/sts-english --plot docs/pictures/gold.svg --chart gold-STSBenchmark
	$(BIN)/stsbench show leaderboards/visual-mini --plot docs/pictures/visual.svg

PYTEST := $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile

test: $(STAMP) ## Run all tests but campaigns
	$(PYTEST) -m "not campaign"

campaigns: $(STAMP) ## Run the tests that repeat one question hundreds of times, as CI does
	$(PYTEST) -m campaign

quick: $(STAMP) ## Run the tests of what changed since main, or of ROOM (stores, lexical), and the rules that all code keeps
	$(PYTEST) -m "not campaign and not slow" $(sort $(RULES) $(foreach room,$(ROOM),$(wildcard tests/$(room) plugins/stsbench-$(room)/tests)))

SCHEMA := $(BIN)/check-jsonschema --quiet --builtin-schema vendor

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/zizmor --offline --quiet .github/workflows
	$(SCHEMA).github-workflows .github/workflows/*.yml
	$(SCHEMA).github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(SCHEMA).github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(SCHEMA).citation-file-format CITATION.cff
	$(BIN)/hadolint Dockerfile
	$(BIN)/towncrier build --draft --version next >$(VENV)/next.md

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

check: leaderboard checks ## Everything that CI runs: lint, types, import contracts, boards, documentation, tests, campaigns, packages

# All but what writes into leaderboards/. Evidence takes one process some minutes, beside which all the rest is done: tests, of which many wait
# for what they started, leave room for it. They begin once what takes less has passed, and all at once, which then are collected once.
checks: $(STAMP)
	$(MAKE) --jobs 2 evidence tested

tested: types lint imports site chromium
	$(PYTEST)

chromium: # which the pages' tests drive, where these may not be skipped
	$(if $(filter browser,$(STSBENCH_MUST_RUN)),.ci/chromium)

wheels: ## Build the wheels of the core and of every plugin into dist/, for every machine; pip is enough for it
	STSBENCH_PURE=1 $(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir $(DIST) . $(dir $(PACKAGES))

packages: $(STAMP) wheels ## Build what is uploaded, wheels and source distributions, into dist/, and check that an index takes it
	for place in . $(dir $(PACKAGES)); do (cd $$place && STSBENCH_PURE=1 $(abspath $(BIN))/hatchling build --target sdist --directory $(abspath $(DIST))) || exit 1; done
	.ci/uploadable $(BIN) $(DIST)

LIGHT := stsbench-wordllama stsbench-model2vec stsbench-lexical stsbench-transport stsbench-linear
KIT := pytest pytest-timeout pytest-xdist hypothesis
KIT_TESTS := tests/conformance $(LIGHT:%=plugins/%/tests) plugins/stsbench-example/tests

installed: packages ## Install the built wheels in an empty environment, and run the conformance kit and `mini` there
	$(PYTHON) -m venv --clear $(VENV)-installed
	$(VENV)-installed/bin/python -m pip install --quiet --constraint constraints.txt --find-links $(DIST) 'stsbench[html,simcse]' $(LIGHT) stsbench-example $(KIT)
	cd $(VENV)-installed && bin/stsbench run
	$(VENV)-installed/bin/python -P -m pytest --numprocesses $(PROCESSES) -m "not campaign" $(KIT_TESTS)

# Those that need no other plugin; the one that is left out asks whether every similarity of the project is installed.
LOWEST_TESTS := tests/contracts tests/stats tests/stores tests/builtin $(LIGHT:%=plugins/%/tests) \
	--deselect tests/builtin/similarities/test_rounding.py::test_every_similarity_is_looked_at

lowest: $(STAMP) ## Run the tests of the core and of what needs no torch with the lowest versions that these say they take
	$(PYTHON) -m venv --clear $(VENV)-lowest
	$(BIN)/python .ci/lowest pyproject.toml $(LIGHT:%=plugins/%/pyproject.toml) >$(VENV)-lowest/constraints.txt
	$(VENV)-lowest/bin/python -m pip install --quiet --constraint $(VENV)-lowest/constraints.txt --editable '.[html,simcse]' $(LIGHT:%=--editable plugins/%) \
		--editable plugins/stsbench-example $(KIT) gensim krippendorff
	$(VENV)-lowest/bin/python -m pytest --numprocesses $(PROCESSES) -m "not campaign and not slow and not browser" $(LOWEST_TESTS)

clean: ## Remove the environments and everything built
	rm -rf $(VENV) $(VENV)-installed $(VENV)-lowest $(DIST) stsbench/builtin/similarities/nearest-*
