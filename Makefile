# Nothing but Python >= 3.11, pip and make is needed; everything else goes into .venv.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help run test lint unit matrix bench docs lock clean
.DEFAULT_GOAL := help

help: ## show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(READY): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) scripts/install.py .venv

run: $(READY) ## the chat on http://127.0.0.1:8000, with a broker of its own; PORT=8001 for another port
	@exec $(BIN)/python scripts/run.py $(PORT)

test: lint unit ## everything: ruff, mypy, import contracts, pytest, the browser

lint: $(READY) ## ruff, mypy, import contracts, migrations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run

# Four at once on two cores: half of the time the tests wait for processes of their own. Each takes
# whole files, and so starts their servers once, until it has to help others.
unit: $(READY) ## pytest alone; PYTEST="-k tail" for some of it
	$(BIN)/pytest -n 4 --dist worksteal $(PYTEST)

matrix: $(READY) ## the tests on each Python found x Django 5.2 and newest x redis-py 7 and 8
	$(BIN)/python scripts/matrix.py $(PYTEST)

bench: $(READY) ## what is measured; BENCH="--quick" for a short run
	$(BIN)/python benchmarks/startup.py $(BENCH)
	$(BIN)/python benchmarks/check.py $(BENCH)
	$(BIN)/python benchmarks/rooms.py $(BENCH)
	$(BIN)/python benchmarks/tail.py $(BENCH)
	$(BIN)/python benchmarks/broadcast.py $(BENCH)
	$(BIN)/python benchmarks/chat.py $(BENCH)

docs: $(READY) ## docs/findings.md anew, from the rules of `check`
	$(BIN)/python scripts/findings.py

lock: ## write constraints.txt anew, from what pyproject.toml allows
	rm -rf .matrix/lock
	$(PYTHON) -m venv .matrix/lock
	.matrix/lock/bin/pip install --quiet --upgrade 'pip>=25.1'
	.matrix/lock/bin/pip install --quiet --group dev --editable .
	(grep '^#' constraints.txt; .matrix/lock/bin/pip freeze --exclude-editable) > .matrix/lock/new
	mv .matrix/lock/new constraints.txt

clean: ## remove what was made; not .run, which a running site may be using
	rm -rf .venv .matrix build dist artifacts .mypy_cache .pytest_cache .ruff_cache .hypothesis
