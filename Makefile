# `make book` and `make test` need Python 3.11 or newer and nothing else: everything goes into .venv.
# A POSIX shell and GNU make 3.81 (the one of macOS) are enough.

# Another Python: make book PYTHON=python3.12
PYTHON ?= python3
# The cores are shared by processes (notebooks, tests): threads inside each would only wait for each other.
export OPENBLAS_NUM_THREADS := 1
RUN := .venv/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check install
INSTALLED := .venv/.installed
PEERS := .venv-peers
BUILT := _build/html/.built

# Whatever a page can depend on. Listed anew each time, so that a new file counts as a change.
SOURCES := $(wildcard *.md *.bib _*.yml) $(shell find appendix assignments benchmarks chapters lossbook website -type f \
	\( -name '*.md' -o -name '*.ipynb' -o -name '*.py' -o -name '*.csv' -o -name '*.json' -o -name '*.css' -o -name '*.js' -o -name '*.html' \) \
	! -path '*/.ipynb_checkpoints/*')

.PHONY: help book pdf site-zip test test-site lighthouse assignments test-assignments grade-many coverage mutate test-numpy test-peers bench dist serve lab notebooks lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

book: $(BUILT)  ## run the notebooks that changed and build the site in _build/html
	@echo "Open file://$(CURDIR)/_build/html/index.html"

# The stamp lies beside the pages, so that it goes when they go. It bears the time at which the build
# began: what was saved while it ran is built next time.
$(BUILT): $(INSTALLED) $(SOURCES)
	@mkdir -p _build && touch _build/.begun
	@$(RUN) website/build.py
	@mv _build/.begun $@

pdf: $(BUILT)  ## print the built book into _build/lossbook.pdf, which needs Chromium, and link it from the site
	@$(RUN) website/pdf.py

site-zip: $(BUILT)  ## pack the whole site into _build/lossbook-site.zip, to be served from anywhere
	@$(RUN) website/downloads.py

test: $(INSTALLED)  ## check everything: style, units, stored outputs, the book, its links
	@$(RUN) tests/run_all.py

test-site: $(BUILT)  ## read every page of the built site in a browser: errors, formulas, accessibility
	@$(RUN) -m pytest -q -n auto -m 'not slow' tests/site

assignments: $(INSTALLED)  ## build the assignments for Otter-Grader in _build/assignments
	@$(RUN) assignments/assign.py

test-assignments: assignments  ## grade right and wrong solutions of all assignments by Otter-Grader
	@$(RUN) -m pytest -q -n auto tests/assignments

grade-many: assignments  ## grade 200 submissions, hostile ones among them, and compare with what each should get
	@$(RUN) tests/assignments/scale.py

lighthouse: $(BUILT)  ## score the landing page and all chapters by Lighthouse, in an hour of a quiet machine
	@$(RUN) tests/site/lighthouse.py

coverage: $(INSTALLED)  ## run the unit tests; list the lines and branches that no test runs
	@$(RUN) -m pytest -q -n auto --dist loadfile -m 'not slow' --cov --cov-report=term-missing --cov-fail-under=98

mutate: $(INSTALLED)  ## change one token in 200 places of the loss modules; list the changes no test notices
	@$(RUN) tests/mutate.py --seed 2

# These libraries want other versions of common packages than the book, hence their own environment.
test-peers: $(PEERS)/.installed  ## compare losses and gradients with other libraries, renew that appendix
	@PYTHONPATH=.:tests $(PEERS)/bin/python -m pytest -q tests/peers
	@PYTHONPATH=.:tests $(PEERS)/bin/python -m peers.page

bench: $(PEERS)/.installed  ## measure speed and memory against other libraries, renew the figures of that page
	@PYTHONPATH=. $(PEERS)/bin/python benchmarks/run.py

$(PEERS)/.installed: requirements-peers.txt
	@$(PYTHON) -m venv $(PEERS)
	@echo "Installing the libraries of requirements-peers.txt into $(PEERS): some minutes, the first time only"
	@$(PEERS)/bin/python -m pip --disable-pip-version-check install --requirement $< > $(PEERS)/install.log 2>&1 || { \
	  echo "error: pip could not install them; see $(PEERS)/install.log: $$(grep -i '^error' $(PEERS)/install.log | tail -1)" >&2; exit 1; }
	@touch $@

test-numpy: $(INSTALLED)  ## run the unit tests with the oldest numpy that is allowed (Python 3.11 or 3.12)
	@$(RUN) tests/check_numpy.py

dist: $(INSTALLED)  ## build wheel and sdist in dist, and try the wheel in an empty environment
	@$(RUN) tests/check_dist.py --try

serve: $(INSTALLED)  ## show the book in the browser, rebuild and reload it on every save
	@$(RUN) website/serve.py

lab: $(INSTALLED)  ## open the chapters in JupyterLab
	@$(RUN) -m jupyterlab chapters

notebooks: $(INSTALLED)  ## run all notebooks again and store their text outputs
	@$(RUN) website/notebooks.py --store

# One lock for Linux, macOS and Windows and every supported Python, with hashes. uv is the tool that can.
lock: $(INSTALLED)  ## choose the newest versions that fit together, into requirements.lock
	@$(PIP) --quiet uv
	@$(RUN) -m uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-annotate --no-header --quiet --output-file requirements.lock

clean:  ## remove everything that was made, .venv included
	rm -rf .venv $(PEERS) _build .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage build dist lossbook.egg-info

# First the exact versions, then our own package, which then needs no download of its own. The lock is complete, and
# `--no-deps` says so: an older pip would choose the newest release for `coverage[toml]`, then refuse it for its hash.
# pip's many lines go to a file, so that a failure is one line that says where to look.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "error: this needs Python 3.11 or newer, but '$(PYTHON)' is $$($(PYTHON) -V 2>&1 | tail -1); try: make book PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { \
	  echo "error: '$(PYTHON) -m venv .venv' failed; on Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Installing the versions of requirements.lock into .venv: a minute or two, the first time only"
	@{ $(PIP) --no-deps --requirement requirements.lock && $(PIP) --no-deps --no-build-isolation --editable .; } \
	  > .venv/install.log 2>&1 || { \
	  echo "error: pip could not install the packages (no network?); see .venv/install.log: $$(grep -i '^error' .venv/install.log | tail -1)" >&2; exit 1; }
	@# Matplotlib says that it builds its font cache, once; here, rather than in the output of a cell.
	@$(RUN) -c 'import matplotlib.font_manager' 2>/dev/null
	@touch $@
