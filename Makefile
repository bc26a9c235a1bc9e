# Everything is made under this folder: .uv (the installer), .venv (the environment).
PYTHON ?= python3
UV := $(shell command -v uv || echo .uv/bin/uv)
# Tests wait for processes and deadlines as often as they compute.
WORKERS := $(shell echo $$(($$(nproc) + 1)))
# Hostile cases among the tests of other parts, which have their rows in the table as well.
CASES = $(shell grep -rl --include='test_*.py' --exclude-dir=hostile 'mark\.case' tests)
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1

.PHONY: help demo test test-stories test-frameworks test-vllm check image frameworks github-description lock clean

help:
	@echo "make demo    repair the small broken repository in examples/, with proof"
	@echo "make test    three minutes of tests on this machine, and what was left out"
	@echo "make test-stories   whole runs from the issue to the pull request, stopped at every step"
	@echo "make test-vllm   the client against a real vLLM on the CPU; makes it first (2 GB, once)"
	@echo "make test-hostile  what attacks the sandbox and the run, as a table"
	@echo "make check   formatting, lint, types and import layers only"
	@echo "make image   the Docker image of the sandbox"
	@echo "make test-frameworks   the test frameworks of other languages, those that are installed"
	@echo "make github-description   GitHub's own description of its interface, to test against"
	@echo "make lock    resolve the dependencies again"
	@echo "make clean   remove what the other targets made"

demo: .venv/ready
	@examples/demo

test: check
	.venv/bin/pytest -n $(WORKERS) -m "not frameworks and not vllm and not stories"

test-stories: .venv/ready
	.venv/bin/pytest -n $(WORKERS) -m stories

test-frameworks: frameworks
	.venv/bin/pytest -n $(WORKERS) -m frameworks

test-vllm: .venv/ready
	venv=$${PATCHWRIGHT_VLLM_VENV:-$$(PYTHON=$(PYTHON) tests/vllm/install)} && \
		PATCHWRIGHT_VLLM_VENV=$$venv .venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder \
			-m vllm tests/vllm

test-hostile: .venv/ready
	.venv/bin/pytest tests/hostile $(CASES) --quiet -n 2

check: .venv/ready
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

image:
	sandbox/images/build

frameworks: .venv/ready
	$(UV) sync --quiet --frozen --inexact --group frameworks
	cd tests/samples/checks/runners && npm install --silent --no-audit --no-fund --no-package-lock

github-description:
	cd tests/contracts/github && npm install --silent --no-audit --no-fund --no-package-lock \
		--ignore-scripts

lock: $(UV)
	$(UV) lock

clean:
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/ready: pyproject.toml uv.lock | $(UV)
	@echo "making the environment in .venv (once)"
	@$(UV) sync --quiet --frozen --python $(PYTHON)
	@touch $@

.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "patchwright needs Python 3.11 or newer; name one with: make PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv .uv \
		|| { rm -rf .uv; echo "this Python cannot make environments (Debian: apt install python3-venv)"; exit 1; }
	@.uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.8
