# Everything begins here: `make demo` and `make test` work in a fresh clone, on a machine that has only Python 3.11
# (or 3.12) and make. deploy/setup.py installs what is missing, and skips what is there.

SETUP := python3 deploy/setup.py
PYTHON := .venv/bin/python
VOICEGW := .venv/bin/voicegw
ARGS ?=
# Most tests of calls wait; three side by side keep two processors busy. SIDE_BY_SIDE= runs one after the other.
SIDE_BY_SIDE ?= -n 3 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo serve test all bench lint clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: ## Set up, start the service, place a real call and show it
	@$(SETUP) --for demo
	@$(PYTHON) -m voicegw.qa.demo $(ARGS)

serve: ## Set up, and answer the phone until stopped (ARGS="--sip-port 5080")
	@$(SETUP) --for serve
	@$(VOICEGW) serve $(ARGS)

test: ## Set up everything, and run all tests (ARGS="tests/unit -k pull")
	@$(SETUP) --for test
	@$(PYTHON) -m pytest $(SIDE_BY_SIDE) $(ARGS)

all: ## Set up everything: language models by both servers, Coqui TTS, test tools
	@$(SETUP) --for all

bench: ## Set up, measure, and keep bench/latest.json
	@$(SETUP) --for serve
	@$(VOICEGW) bench --write bench/latest.json $(ARGS)

lint: ## Check style and types
	@$(SETUP) --for lint
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

clean: ## Remove what setup and runs made here; models and calls' records stay
	rm -rf .venv .setup .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
