# Greyshelf. `make run` starts the catalogue, `make test` runs every test; both set up whatever they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench clean

run: $(VENV)/installed
	@exec $(BIN)/python manage.py serve --with-parent

# Installs Chromium for the browser tests if that can be done; else they are skipped, unless BROWSER=required.
test: $(VENV)/installed-for-tests
	@$(BIN)/python -m tests.browser.chromium
	@exec $(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy catalogue search
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: $(VENV)/installed-for-tests
	@exec $(BIN)/python -m tests.benchmarks $(ARGS)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Greyshelf needs Python 3.11 or later; name one: make run PYTHON=python3.12" >&2; exit 1; }
	@echo "Making the virtual environment ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing requirements.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-for-tests: tests/requirements.txt $(VENV)/installed
	@echo "Installing tests/requirements.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

clean:
	rm -rf $(VENV) var
