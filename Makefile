# What a machine needs: Python 3.11 or newer, pip, make. Everything else is set up here, in this folder.
V := .venv
PY := $(V)/bin/python
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
INSTALL := install --require-hashes --only-binary :all: --disable-pip-version-check --no-input -r requirements.lock

.PHONY: run test check bench chaos rotation

run: $(V)/.ok
	@$(V)/bin/vigilancia up

# One process for each core, whole files to each: every process has a PostgreSQL of its own. One alone: make test ARGS="-n0 tests/law".
test: $(V)/.ok
	@$(PY) -m pytest -n auto --dist loadfile $(ARGS)

check: $(V)/.ok
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(V)/bin/lint-imports
	$(PY) -m yamllint --strict .
	$(V)/bin/codespell
	$(V)/bin/deptry src workers
	@set -e; for each in tests/checks/[a-z]*.py; do \
		echo "tests.checks.$$(basename $$each .py)"; $(PY) -m tests.checks.$$(basename $$each .py); done
	@echo "make check: everything holds"

bench: $(V)/.ok
	@$(PY) -m tests.bench

# Not part of `make test`: minutes of killed workers, databases, brokers. Again as it was: make chaos ARGS="--seed 7".
chaos: $(V)/.ok
	@$(PY) -m tests.chaos $(ARGS)

# Not part of `make test` either: a new master key over 100,000 values beside a serving API. Fewer: make rotation ARGS="--values 5000".
rotation: $(V)/.ok
	@$(PY) -m tests.rotation $(ARGS)

# Python may lack ensurepip (Debian's python3 does): then its own pip fills the environment from outside.
$(V)/.ok: requirements.lock
	@test -n "$(PYTHON)" || { echo "vigilancia needs Python 3.11 or newer; none was found."; exit 1; }
	@echo "Setting up $(V) with $$($(PYTHON) --version)"
	@test -x $(PY) && $(PY) -c '' || $(PYTHON) -m venv --clear $(V) >/dev/null 2>&1 \
		|| $(PYTHON) -m venv --clear --without-pip $(V)
	@if $(PY) -m pip --version >/dev/null 2>&1; then $(PY) -m pip $(INSTALL); \
		elif $(PYTHON) -m pip --version >/dev/null 2>&1; then $(PYTHON) -m pip --python $(PY) $(INSTALL); \
		else echo "pip is missing: install it (Debian: apt install python3-pip), then run make again."; exit 1; fi
	@printf '%s\n' "$(CURDIR)/src" "$(CURDIR)" > \
		"$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/vigilancia.pth"
	@printf '#!/bin/sh\nexec "%s/bin/python" -m vigilancia "$$@"\n' "$(CURDIR)/$(V)" > $(V)/bin/vigilancia
	@chmod +x $(V)/bin/vigilancia
	@touch $@
