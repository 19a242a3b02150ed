# make demo: the whole way on handwritten digits.     make test: the fast tests, under ten minutes with the install.
# make test-all: those, then the slow ones.            make check: format, lint, types, layers, tests.
# Each works on a fresh clone: .venv is made where it is missing, and renewed when setup.cfg, setup.py or
# constraints.txt changed.

PYTHON ?= python3
BIN := .venv/bin
# Two processes, a file of tests at a time: most tests wait for one thread of TensorFlow.
PARALLEL := -n 2 --dist loadfile

.PHONY: demo test test-all check format lint types layers benchmarks

demo: .venv/ready
	rm -rf modelport-demo
	$(BIN)/modelport demo modelport-demo

test: .venv/ready
	$(BIN)/pytest $(PARALLEL) -m "not slow"

test-all: test
	$(BIN)/pytest $(PARALLEL) -m slow

check: lint types layers test

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

# mypy takes the clone folder's name for the package's and stops at a hyphen; the link gives it the right one.
types: .venv/ready
	mkdir -p .typing
	ln -sfn .. .typing/modelport
	MYPYPATH=.typing $(BIN)/mypy --strict -p modelport
	MYPYPATH=.typing $(BIN)/mypy --strict --explicit-package-bases tests benchmarks

layers: .venv/ready
	$(BIN)/lint-imports --config setup.cfg

.venv/ready: setup.cfg setup.py constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@
