# --- What holds the house (docs/house.md); each tool alone: make check-types -------------------

BIN ?= .venv/bin
ROOMS = kit members points activities pointsvc
OFFLINE = --settings tests.house.settings

.PHONY: check check-format check-lint check-imports check-types check-rules check-migrations \
  check-schema check-safety check-deploy format schema

check: check-format check-lint check-imports check-types check-rules check-migrations \
  check-schema check-safety check-deploy ## every tool that holds the house, under a minute

check-format:
	$(BIN)/ruff format --quiet --check .

check-lint:
	$(BIN)/ruff check --quiet .

check-imports:
	$(BIN)/lint-imports --no-logo --cache-dir var/cache/imports

check-types:
	$(BIN)/mypy $(ROOMS) tests benchmarks

check-rules:
	$(BIN)/python -m tests.house

check-migrations:
	$(BIN)/python manage.py makemigrations --check $(OFFLINE)
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
