# Two commands: make run, make test. Both set up .venv from the package index first.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
export OPENBLAS_NUM_THREADS ?= 1
# Compiled test modules are kept: rewriting their assertions again takes half a minute.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run page test test-slow mutants robust check docs figures notebook bench scale peers against cost firms release clean

run: .venv/.core page
	$(BIN)/entrepot run us-japan-autos-2019 --out out/us-japan-autos-2019

# The page of the desk is bundled from page/source where it is missing or older; it says so. An installation builds it too.
page: .venv/.core
	@$(BIN)/python scripts/build_page.py || $(PIP) --quiet --no-deps -e .

test: .venv/.dev page
	$(BIN)/python -m pytest -n 2 --dist worksteal

# What takes longer, and the laws on more examples than in make test.
test-slow: .venv/.dev page
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow --slow

# Changes one operator or number at a time in the modules named under [tool.mutmut], runs the tests named there, and lists
# the changes that no test noticed. It is kept out of the developers' environment. One module: MUTATED="'*clocks*'".
MUTMUT = PYTHONPATH=build/mutmut $(BIN)/python -m mutmut

mutants: .venv/.dev build/mutmut
	$(MUTMUT) run $(MUTATED)
	$(MUTMUT) results

build/mutmut:
	$(PIP) --quiet --target $@ mutmut==3.8.1

# The suite where rounding differs: one thread and two, the kernels of an older processor, another order of countries and
# sectors, and the oldest NumPy and SciPy in range (which need Python 3.11 or 3.12). FOLDERS=tests/equilibrium for a part.
FOLDERS ?= tests
SUITE = -m pytest -n 2 --dist worksteal --slow -q $(FOLDERS)
OLDER := OPENBLAS_CORETYPE=Nehalem NPY_DISABLE_CPU_FEATURES="X86_V3 AVX2 FMA3" \
  GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4

robust: .venv/.dev .venv-oldest/.dev
	OPENBLAS_NUM_THREADS=1 $(BIN)/python $(SUITE)
	OPENBLAS_NUM_THREADS=2 $(BIN)/python $(SUITE)
	$(OLDER) $(BIN)/python $(SUITE)
	$(BIN)/python $(SUITE) --shuffled
	.venv-oldest/bin/python $(SUITE)

check: .venv/.dev page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_words.py
	$(BIN)/python scripts/build_page.py --check

docs: .venv/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

figures: .venv/.dev
	$(BIN)/python scripts/draw_figures.py

notebook: .venv/.dev
	$(BIN)/marimo edit notebooks/founding_case.py

bench: .venv/.dev
	$(BIN)/python benchmarks/solve.py

scale: .venv/.dev
	$(BIN)/python benchmarks/sweeps.py
	$(BIN)/python benchmarks/exposure.py
	$(BIN)/python benchmarks/peers.py

peers: .venv/.dev
	$(BIN)/python benchmarks/peers.py

# Beside another checkout, in one run: make against BEFORE=/tmp/before, a worktree of an earlier commit.
against: .venv/.dev
	$(BIN)/python benchmarks/against.py $(BEFORE)

cost: .venv/.dev
	$(BIN)/python benchmarks/scaling.py --table out/cost.csv --chart docs/cost.svg

firms: .venv/.dev
	$(BIN)/python benchmarks/markets.py

# Builds sdist and wheel and tries the wheel on every Python from 3.11 to 3.14 that is installed. TAG=--tag tags as well.
release: .venv/bin/python
	$(BIN)/python scripts/release.py $(TAG)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; try make PYTHON=python3.12"; exit 1; }
	@echo "Making the environment .venv"
	$(PYTHON) -m venv .venv

.venv/.core: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing Entrepot and its dependencies in .venv; the first time takes about a minute."
	$(PIP) -e .
	@touch $@

.venv/.dev: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing Entrepot and the tools of its developers in .venv; the first time takes some minutes."
	$(PIP) -e '.[dev]'
	@touch $@ .venv/.core

.venv-oldest/.dev: pyproject.toml constraints.txt constraints-oldest.txt
	$(PYTHON) -m venv .venv-oldest
	grep -viE '^(numpy|pandas|pyarrow|SALib|scipy)==' constraints.txt | cat constraints-oldest.txt - > .venv-oldest/constraints.txt
	@echo "Installing the oldest versions in range in .venv-oldest"
	.venv-oldest/bin/python -m pip install --disable-pip-version-check -c .venv-oldest/constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv .venv-oldest out build dist mutants
