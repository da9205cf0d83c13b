# Needs Python 3.11 or newer, make and (for the browser tests) apt-get; everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 3 # processes of the tests; two cores are busy with three, as browsers and servers are waited for
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: edit test test-ways lint gallery clean

edit: .venv/edit.done ## set up the editor and start it on http://127.0.0.1:7860
	$(BIN)/imgen edit

test: .venv/test.done .venv/chromium.done ## set up the tests and run them
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

test-ways: .venv/test.done .venv/chromium.done ## the tests on other arithmetic, with one thread, and beside busy cores
	tests/ways.sh $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

lint: .venv/test.done ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	@if command -v npx >/dev/null; then npx --yes --package typescript@5.9 -- tsc --project imgen/editor/web && \
		(cd imgen/editor/web && npx --yes @biomejs/biome@2.3 lint --error-on-warnings); \
		else echo "no npx: the page's scripts were not checked"; fi

gallery: .venv/test.done ## docs/gallery.md from the photos of scikit-image and scikit-learn
	$(BIN)/pip install --quiet scikit-learn
	$(BIN)/python docs/gallery.py

.venv/bin/python:
	$(PYTHON) -m venv .venv || { rm -rf .venv; apt-get update --quiet --quiet; \
		apt-get install --quiet --quiet --yes python3-venv && $(PYTHON) -m venv .venv; } \
		|| { rm -rf .venv; echo "python3 -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }

.venv/edit.done: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/test.done: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[train,test]'
	touch $@

# a real browser for tests/browser; without apt-get or its rights those tests say that they were skipped
.venv/chromium.done: | .venv/bin/python
ifeq ($(CHROMIUM),)
	apt-get update --quiet --quiet && apt-get install --quiet --quiet --yes chromium && touch $@ \
		|| echo "no Chromium and no way to install it: the browser tests will be skipped"
else
	touch $@
endif

clean:
	rm -rf .venv build dist *.egg-info
