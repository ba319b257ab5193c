# Everything happens in the private environment .venv; nothing is installed elsewhere.
#
#   make demo     trains softmax regression on MNIST; plots go to demo-output
#   make test     runs the tests
#   make test-fast  runs the tests of what was changed, in under 40 seconds
#   make lint     formats, types, warnings, direction of imports
#   make docs     runs every example that the documentation prints
#   make interop  holds files against the real TensorFlow, Keras 2 and 3, TensorBoard and ONNX Runtime
#   make bench    measures against JAX and TensorFlow, in environments of their own
#   make clean    removes what all of these made
#
# PYTHON=python3.12 make demo takes another Python; DEMO_OPTIONS, TEST_OPTIONS and BENCH_OPTIONS pass options on.

PYTHON ?= python3
VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
PIP_INSTALL := PIP_DISABLE_PIP_VERSION_CHECK=1 $(VENV_PYTHON) -m pip install --quiet

# The install is editable: a change of a Python file needs nothing, a change of one of these a new compilation.
COMPILED_SOURCES := $(shell find crates -name '*.rs' -o -name Cargo.toml) Cargo.toml $(wildcard Cargo.lock) pyproject.toml

.PHONY: demo test test-fast lint docs interop bench clean
.SECONDARY:

demo: $(VENV)/installed-plot
	@$(VENV_PYTHON) -m tensorlet.demo $(DEMO_OPTIONS)

test: $(VENV)/installed-test
	@$(VENV_PYTHON) -m pytest $(TEST_OPTIONS)

test-fast: $(VENV)/installed-test
	@$(VENV_PYTHON) tools/fast_tests.py $(TEST_OPTIONS)

lint: $(VENV)/installed-dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV_PYTHON) tools/check_imports.py
	$(VENV_PYTHON) tools/draw_rooms.py --check
	$(VENV_PYTHON) tools/check_workflows.py
	$(VENV_PYTHON) tools/make_index.py --check
	$(VENV_PYTHON) tools/make_stubs.py --check
	$(VENV_PYTHON) tools/check_stubs.py
	$(VENV_PYTHON) tools/make_names_page.py --check
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings

docs: $(VENV)/installed-test
	@$(VENV_PYTHON) tools/check_docs.py

interop: $(VENV)-interop/installed
	@$(VENV)-interop/bin/python -m pytest tests/interop $(TEST_OPTIONS)

bench: $(VENV)/installed-plot
	@$(VENV_PYTHON) benchmarks/run.py $(BENCH_OPTIONS)

clean:
	rm -rf $(VENV) .venv-* target dist demo-output benchmarks/results python/tensorlet/_native*.so
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find python tests tools benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Tensorlet needs Python 3.10 or later; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try PYTHON=python3.11 make $(MAKECMDGOALS)"; exit 1; }
	@command -v cargo >/dev/null || \
	  { echo "Tensorlet's engine is compiled by Rust, and 'cargo' was not found. Install Rust from https://rustup.rs and try again."; exit 1; }
	@echo "Making a private environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# installed-plot, installed-test, installed-dev: the package with that extra.
$(VENV)/installed-%: $(VENV)/created $(COMPILED_SOURCES)
	@echo "Installing Tensorlet with its extra '$*'; compiling the engine takes a minute or two"
	@$(PIP_INSTALL) --editable '.[$*]'
	@touch $@

# The peers of `make interop` are large, so they have an environment of their own.
$(VENV)-interop/installed: $(COMPILED_SOURCES)
	@echo "Making an environment with TensorFlow, Keras 2 and 3, TensorBoard and ONNX Runtime in $(VENV)-interop"
	@$(PYTHON) -m venv $(VENV)-interop
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(VENV)-interop/bin/python -m pip install --quiet --editable '.[interop]'
	@touch $@
