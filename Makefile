# The two commands that a fresh clone needs are `make demo` and `make test`; both make the virtual environment first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Image data beside the checkout are used where they are; DRAWPLATE_DATA names any other folder.
export DRAWPLATE_DATA ?= $(wildcard $(CURDIR)/../shared/data)

.PHONY: demo test test-all lint docs bench paper paper-quick clean

demo: $(READY)
	$(BIN)/drawplate demo

test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow and not board"

test-all: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not board"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY)
	$(BIN)/mkdocs build --strict

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .drawplate report.html site

# Made anew when what is to be installed changes.
$(READY): pyproject.toml requirements-dev.txt constraints.txt core/pyproject.toml $(wildcard plugins/*/pyproject.toml)
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or later is needed: make PYTHON=python3.11"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt -r requirements-dev.txt
	touch $@
