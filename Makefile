# Every verb installs what it needs first; `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
COMPILE := .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header
# Without bytecode on disk every process would compile everything again: seconds each, and there are many.
unexport PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE = 1
TERRITORIES := val-de-brume bordeaux-metropole

.PHONY: help
help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

.venv/.runs: $(BIN)/uv requirements.lock requirements-embedded.lock pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-embedded.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

.venv/.tests: .venv/.runs requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: install
install: .venv/.runs ## make the virtual environment and the command `guichet`

.PHONY: up
up: .venv/.runs ## start Kafka, PostgreSQL and the services here, and hand in a few requests
	$(BIN)/guichet up

.PHONY: demo
demo: .venv/.runs ## send a seeded stream of varied requests and watch them arrive
	$(BIN)/guichet demo

.PHONY: down
down: .venv/.runs ## stop everything that `make up` started
	$(BIN)/guichet down

.PHONY: check
check: .venv/.tests ## style, types, import contracts, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m libs.events.generate --check
	@for pack in $(TERRITORIES); do $(BIN)/guichet directory check --strict $$pack || exit 1; done

.PHONY: test
test: .venv/.tests ## all tests, on real Kafka and PostgreSQL
	$(BIN)/python -m pytest tests/unit tests/contract -q
	$(BIN)/python -m pytest tests/integration tests/journey tests/failure -q

.PHONY: interop
interop: .venv/.tests ## other people's tools against the system that `make up` started
	$(BIN)/python tests/interop/try_tools.py

.PHONY: lock
lock: $(BIN)/uv ## resolve the dependencies again and write the lock files
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --extra embedded -c requirements.lock pyproject.toml -o requirements-embedded.lock
	$(COMPILE) --extra embedded --extra dev -c requirements-embedded.lock pyproject.toml -o requirements-dev.lock

.PHONY: clean
clean: ## remove the virtual environment and caches (never your data in .guichet)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
