# make explore   set up, then explore the diabetes data: a page in explored/diabetes
# make studies   set up, then run every case study in full: pages in studied/
# make test      set up, then run every check
# make kernels   set up, then run the deep flows' checks under two kernels of OpenBLAS
# make kernel    let Coq's kernel check the theory in proofs/coq, and list the axioms of every final theorem
# make bench     set up, then measure against the baselines (not part of the checks)
# make lowest    the tests with the lowest direct dependencies that are promised
# make pythons   the tests with each interpreter of PYTHONS
# LOCK=requirements/lock-py311.txt sets up with exactly the versions listed there
PYTHON ?= python3
BIN := .venv/bin
LOCK ?=
PYTHONS ?= python3.11 python3.12 python3.13
INSTALL = -m pip install --quiet --disable-pip-version-check

.PHONY: explore studies test kernels kernel kernel-log long bench lowest pythons clean

explore: .venv/.ready
	$(BIN)/saddlesym explore diabetes -o explored/diabetes

studies: .venv/.ready
	$(BIN)/saddlesym study --all

test: .venv/.ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -m "not long"

# The processor may lack what a kernel needs: OpenBLAS then says so and takes another one.
KERNELS ?= SkylakeX Haswell
kernels: .venv/.ready-test
	for kernel in $(KERNELS); do \
		echo "deep flows with OPENBLAS_CORETYPE=$$kernel"; \
		OPENBLAS_CORETYPE=$$kernel $(BIN)/python -m pytest -q -m "not long" \
			tests/deep/test_deep_flow.py tests/deep/test_deep_flow_linear.py tests/deep/test_deep_greedy.py || exit 1; \
	done

# Nothing of it is written among the sources, which the wheel ships. Python is not needed.
KERNEL ?= .kernel
kernel:
	@mkdir -p $(KERNEL) && for file in proofs/coq/*.v proofs/coq/Makefile proofs/coq/_CoqProject proofs/coq/theorems.toml; do \
		cmp -s $$file $(KERNEL)/$${file##*/} || cp $$file $(KERNEL) || exit 1; done
	@cd $(KERNEL) && echo 'From Coquelicot Require Coquelicot.' > Needed.v && coqc -q Needed.v 2> needed.txt && \
		command -v coqchk > needed.txt || \
		{ echo "make kernel needs Coq and Coquelicot: apt-get install --no-install-recommends coq libcoq-coquelicot (Debian, Ubuntu)," \
			"or opam install coq coq-coquelicot"; exit 2; } >&2
	@$(MAKE) --no-print-directory -C $(KERNEL) check

# After a change of the theory: its log, and the hashes of the sources that it is about, are shipped.
kernel-log: kernel
	@cp $(KERNEL)/kernel.log proofs/coq/kernel.log
	@cd proofs/coq && sha256sum $$(printf '%s\n' *.v theorems.toml | LC_ALL=C sort) > kernel.sha256
	@echo "proofs/coq/kernel.log and kernel.sha256 are up to date"

long: .venv/.ready-test
	$(BIN)/python -m pytest -m long

bench: .venv/.ready-test
	$(BIN)/python -m pytest benchmarks -o addopts= -o python_files="bench_*.py" -p benchmark -s --benchmark-only --benchmark-columns=min,median,rounds

lowest:
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python $(INSTALL) --constraint requirements/lowest.txt --editable ".[test]"
	.venv-lowest/bin/python -m pytest -m "not long"

pythons:
	for python in $(PYTHONS); do \
		$$python -m venv .venv-$$python && \
		.venv-$$python/bin/python $(INSTALL) --editable ".[test]" && \
		.venv-$$python/bin/python -m pytest -m "not long" || exit 1; \
	done

# An environment of its own; without ensurepip (Debian splits it off) pip installs itself into it.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "saddlesym needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv .venv || { $(PYTHON) -m venv --clear --without-pip .venv && \
		$(PYTHON) -m pip --python .venv/bin/python install pip; } || { rm -rf .venv; exit 1; }

.venv/.ready: .venv/bin/python pyproject.toml
	$(BIN)/python $(INSTALL) $(if $(LOCK),--constraint $(LOCK)) --editable .
	@touch $@

.venv/.ready-test: .venv/bin/python pyproject.toml
	$(BIN)/python $(INSTALL) $(if $(LOCK),--constraint $(LOCK)) --editable ".[test]"
	@touch $@ .venv/.ready

clean:
	rm -rf .venv .venv-* $(KERNEL)
