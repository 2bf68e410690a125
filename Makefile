# The two commands that a fresh clone needs are `make demo` and `make test`; both make the virtual environment first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Image data beside the checkout are used where they are; DRAWPLATE_DATA names any other folder.
export DRAWPLATE_DATA ?= $(wildcard $(CURDIR)/../shared/data)

.PHONY: demo test test-all lint docs coverage bench paper paper-benchmarks paper-quick clean

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
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# What the default tests run of each room; some minutes longer than `make test`.
coverage: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/coverage run -m pytest -q -m "not slow and not board"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage json --quiet -o coverage.json
	$(BIN)/python docs/generate_coverage.py coverage.json

bench: $(READY)
	$(BIN)/python -m benchmarks

# The paper's tables and figures: minutes on two cores, and hours.  Results stay in their store; a killed run goes on.
# Searches as large as the paper's need a GPU: flows/nemokd-myriadx.toml and flows/paper/nemokd-*.toml.
SWEEP := $(BIN)/drawplate sweep

paper-quick: $(READY)
	$(SWEEP) flows/paper/epochs-mnist.toml --store .drawplate-quick --set fit.epochs=10 --set "fit.snapshots=[2, 5, 10]" --over quantize.weight_bits=1,2,4,8 --over quantize.act_bits=1,2,4,8
	$(SWEEP) flows/paper/throughput-fashion-mnist.toml --store .drawplate-quick --set fit.epochs=4 --over quantize.weight_bits+quantize.act_bits=2..4 --over fold.pe+fold.simd=2,8,16
	$(SWEEP) flows/kd-flexstudent-small.toml --store .drawplate-quick --set "distill.method='kd'" --over distill.alpha=0.3,0.9 --over distill.temperature=2,8 --over seed=0,1
	$(BIN)/drawplate run flows/nemokd-myriadx-small.toml --store .drawplate-quick --set data.limit=1000 --set data.val=500 --set evolve.population=6 --set evolve.generations=3 --set evolve.repeats=1
	$(BIN)/python docs/generate_paper.py .drawplate-quick -o paper-quick.md

paper: $(READY)
	$(SWEEP) flows/paper/epochs-mnist.toml --over quantize.weight_bits=1..8 --over quantize.act_bits=1..8
	$(SWEEP) flows/paper/throughput-fashion-mnist.toml --over quantize.weight_bits+quantize.act_bits=2..4 --over fold.pe+fold.simd=2,8,16
	$(SWEEP) flows/kd-flexstudent-small.toml --set "distill.method='kd'" --over distill.alpha=0.3,0.6,0.9 --over distill.temperature=2,4,8 --over seed=0..2
	$(BIN)/drawplate run flows/nemokd-myriadx-medium.toml
	$(BIN)/python docs/generate_paper.py --keep .drawplate

# Figures 7 and 8 a, b, c at a scale for two cores: some four hours, half of them the teachers'.
SEARCH := $(BIN)/drawplate run --set data.val=2000 --set data.test_limit=2000 --set teacher-fit.schedule=cosine --set "teacher-fit.milestones=[]" --set evolve.schedule=asynchronous
SHORT = $(foreach step,alone.fit phase1.distill evolve.distill,--set $(step).images=$(1) --set $(step).epochs=$(2) --set $(step).batch=64) $(foreach step,phase1.distill evolve.distill,--set $(step).lr=2e-3 --set $(step).views=2)

paper-benchmarks: $(READY)
	$(SEARCH) flows/paper/nemokd-flexstudent-cifar10.toml --set teacher-fit.epochs=3 --set teacher-fit.images=40000 --set teacher-fit.lr=0.05 $(call SHORT,3000,5) --set "phase1.genes.distill.alpha=[0.5, 0.9]" --set evolve.population=6 --set evolve.generations=3
	$(SEARCH) flows/paper/nemokd-flexstudent-cifar100.toml --set teacher-fit.epochs=5 --set teacher-fit.images=32000 $(call SHORT,3000,5) --set "phase1.genes.distill.alpha=[0.5, 0.9]" --set evolve.population=6 --set evolve.generations=4
	$(SEARCH) flows/paper/nemokd-resnet8x4-cifar100.toml --set teacher-fit.epochs=5 --set teacher-fit.images=32000 $(call SHORT,3000,5) --set "phase1.genes.distill.alpha=[0.5, 0.9]" --set "phase1.genes.distill.temperature=[2.0, 4.0]" --set evolve.population=6 --set evolve.generations=3 --set evolve.genes.stem.hi=32 --set evolve.genes.stage1.hi=64 --set evolve.genes.stage2.hi=128 --set evolve.genes.stage3.hi=256
	$(BIN)/python docs/generate_paper.py --keep .drawplate

clean:
	rm -rf $(VENV) .drawplate report.html site

# Made anew when what is to be installed changes.
$(READY): pyproject.toml requirements-dev.txt constraints.txt core/pyproject.toml dataflow/pyproject.toml $(wildcard plugins/*/pyproject.toml)
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or later is needed: make PYTHON=python3.11"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt -r requirements-dev.txt
	touch $@
