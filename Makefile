# Every command of the command line has a target here; `make` alone lists them.
SHELL := /bin/sh
T := scripts/turnscope
# The stack tests that ask a running stack, in whichever mode it runs.
CHAIN_TESTS := $(addprefix tests/stack/test_,the_chain.py the_signals.py the_audit.py other_bots.py)
TEST := scripts/bootstrap dev && .venv/bin/pytest
.DEFAULT_GOAL := help
# What is given on the command line reaches the recipes as environment, so that no quote in it is shell.
export MSG SESSION MODEL TRACE SINCE FILE MAPPING SERVICE S
.PHONY: help up down reset status logs doctor password say chat walk audit replay ship check test \
	test-compose lint types lock docs bench-start bench-nlu

help: ## Print this list
	@echo "Turnscope: observability for conversational assistants. First: make up, then: make say"
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-14s %s\n", $$1, $$2}'

up: ## Set up and start everything; MODE=compose|native forces a mode
	@$(T) up

down: ## Stop everything; data stays
	@$(T) down

reset: ## Stop everything and delete its data (asks; FORCE=1 does not)
	@$(T) reset $(if $(FORCE),--force)

status: ## Each part and whether it answers
	@$(T) status

logs: ## Newest log lines: make logs S=nlu
	@$(T) logs $(if $(S),"$$S")

doctor: ## Look at the machine: ports, disk, memory, registries
	@$(T) doctor

password: ## Print the generated passwords
	@$(T) password

say: ## One turn: make say MSG="where is my order 1042?"
	@$(T) say $(if $(SESSION),--session "$$SESSION") $(if $(MODEL),--model "$$MODEL") -- "$$MSG"

chat: ## A conversation in the terminal
	@$(T) chat $(if $(MODEL),--model "$$MODEL")

walk: ## From the slowest number to its trace to its log lines: make walk [TRACE=id]
	@$(T) walk $(if $(TRACE),--trace "$$TRACE")

audit: ## Turns answered, counted, logged and traced: make audit [SINCE=15m]
	@$(T) audit $(if $(SINCE),--since "$$SINCE")

replay: ## A recorded conversation: make replay FILE=x.jsonl.gz SESSION=id
	@$(T) replay "$$FILE" $(if $(SESSION),--session "$$SESSION")

ship: ## Follow a bot's JSON log: make ship FILE=bot.log [ONCE=1]
	@$(T) ship "$$FILE" $(if $(MAPPING),--mapping "$$MAPPING") $(if $(SERVICE),--service "$$SERVICE") $(if $(ONCE),--once)

check: lint types ## Fast tests: lint, types, unit, contract
	@$(TEST) -q -m "unit or contract"

lint:
	@scripts/bootstrap dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports

types:
	@scripts/bootstrap dev
	.venv/bin/mypy

test: lint types ## All tests; builds the engines where they are missing
	@$(TEST) -m "unit or contract or stack"

test-compose: ## The stack tests against docker-compose.yml; needs a Docker engine
	@$(TEST) -m compose tests/compose
	@export TURNSCOPE_TEST_MODE=compose; $(TEST) -m stack $(CHAIN_TESTS)

lock: ## Resolve the dependencies anew
	@scripts/bootstrap dev && scripts/lock

docs: ## Render the generated documents
	@scripts/bootstrap dev && .venv/bin/python scripts/render_docs.py

bench-start: ## Cold and warm start, and memory after 20,000 turns
	@scripts/bootstrap dev && .venv/bin/python scripts/bench_start.py

bench-nlu: ## Accuracy of the NLU on held-out utterances and public corpora
	@scripts/bootstrap dev && .venv/bin/python scripts/bench_nlu.py
