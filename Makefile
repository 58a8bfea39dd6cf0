# `make help` lists the targets. Settings come from the environment: PORT=8001 make run

PYTHON ?= python3
BIN ?= .venv/bin
COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
  --python-version 3.11 $(UPGRADE) pyproject.toml

# A service and its tests are many processes, and without it each would compile the house anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run test test-browser lock bench clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

install: .venv/installed ## build .venv from requirements.lock, when the lock has changed

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

run: install ## start everything, with a demo community when the database is empty
	@DEMO=$${DEMO:-1} exec $(BIN)/python manage.py up

test: install ## run the whole suite, in parallel and in random order
	$(BIN)/python -m pytest -n logical --dist worksteal $(ARGS)

test-browser: install ## walk through the pages in Chromium; pictures go to var/screenshots
	$(BIN)/python -m pytest tests/browser -m browser --ds tests.browser.settings -n 2 $(ARGS)

lock: install ## resolve the requirements anew (UPGRADE=--upgrade for newer versions)
	$(COMPILE) --all-extras -o requirements.lock
	$(COMPILE) --constraint requirements.lock -o requirements-production.lock

bench: install ## measure the speed, as ratios in one run
	$(BIN)/python -m benchmarks

clean: ## remove what was built; the data in var/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +

# --- What holds the house (docs/house.md); each tool alone: make check-types -------------------

ROOMS = kit members points activities rewards voting pointsvc
TYPED = $(ROOMS) tests benchmarks
OFFLINE = --settings tests.house.settings

CHECKS = check-format check-lint check-imports check-types check-rules check-models \
  check-migrations check-schema check-safety check-deploy

.PHONY: check $(CHECKS) format schema messages

check: install $(CHECKS) ## every tool that holds the house, under a minute

check-format:
	$(BIN)/ruff format --quiet --check .

check-lint:
	$(BIN)/ruff check --quiet .

check-imports:
	$(BIN)/lint-imports --no-logo --cache-dir var/cache/imports

check-types:
	$(BIN)/mypy $(TYPED)

check-rules:
	$(BIN)/python -m tests.house

check-models:
	$(BIN)/python manage.py makemigrations --check $(OFFLINE)

check-migrations:
	$(BIN)/python manage.py lintmigrations --quiet ok ignore $(OFFLINE)

check-schema:
	@mkdir -p var
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file var/openapi.yaml $(OFFLINE)
	diff -u openapi.yaml var/openapi.yaml

check-safety:
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(ROOMS)

check-deploy: export HTTPS = 1
check-deploy: export SECRET_KEY = only-to-see-that-the-settings-of-production-pass-0123456789
check-deploy: export DATABASE_URL = postgresql://nobody@localhost/nowhere
check-deploy:
	$(BIN)/python manage.py check --deploy --fail-level WARNING

format: ## put every file into the one shape
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format --quiet .

schema: ## write openapi.yaml anew
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file openapi.yaml $(OFFLINE)

messages: ## bring the catalogue of Chinese words up to date, and compile it
	$(BIN)/python -m tests.words
