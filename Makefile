# Everything runs in .venv, made from requirements.txt by the first target that needs it.
PYTHON ?= $(shell for python in python3.12 python3.11 python3.13 python3; do \
	command -v $$python >/dev/null 2>&1 && $$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
ADDRESS ?= localhost
PORT ?= 8501
MODEL ?= cnn_2
TEST_PROCESSES ?= 2

# No browser opens 0.0.0.0 or ::, which stand for all addresses of this machine.
EVERYWHERE = $(filter 0.0.0.0 ::,$(ADDRESS))

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

run: setup  ## start the app and print its address
	@echo "Fashion-MNIST Explorer: http://$(if $(EVERYWHERE),localhost,$(ADDRESS)):$(PORT)$(if $(EVERYWHERE), and under every address of this machine)"
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.address $(ADDRESS)

demo: setup  ## start the app as strangers would share it, with a demo's limits: docs/hosting.md
	FMNIST_ADDRESS=$(ADDRESS) FMNIST_PORT=$(PORT) deploy/server.sh web

setup: .venv/run-ready  ## prepare .venv without starting anything

# Servers and jobs that tests start would each compile the same files again, if nothing were written down.
test test-long test-slow: export PYTHONDONTWRITEBYTECODE =

# A file stays in one process, which starts what the file needs once; the files of the browser come last.
PYTEST = $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder --durations=25

test: .venv/test-ready  ## run the tests
	$(PYTEST)

test-long: .venv/test-ready  ## run those that `make test` leaves out as they take long
	$(PYTEST) --long

test-slow: .venv/test-ready  ## run all of them, and those of minutes
	$(PYTEST) --slow

check: .venv/test-ready  ## lint, format, types and which package imports which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .venv/test-ready  ## mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# With PHOTOS=FOLDER (a folder of photos for each group of clothes, see benchmarks/photo/photos.py) photos are measured, too.
bench: .venv/test-ready  ## measure: each benchmark prints its figures: make bench [PHOTOS=FOLDER]
	$(BIN)/python -m benchmarks.training.observers
	$(BIN)/python -m benchmarks.training.engine
	$(BIN)/python -m benchmarks.app_speed
	$(BIN)/python -m benchmarks.inside
	$(BIN)/python -m benchmarks.visitors
	$(BIN)/python -m benchmarks.room
	$(BIN)/python -m benchmarks.waits
	$(BIN)/python -m benchmarks.truth
	$(BIN)/python -m benchmarks.photo.predict_speed
	$(BIN)/python -m benchmarks.photo.hostile_files
	$(if $(PHOTOS),$(BIN)/python -m benchmarks.photo.seeds --photos "$(PHOTOS)")
	$(BIN)/python -m benchmarks.photo.new_class $(if $(PHOTOS),--photos "$(PHOTOS)")
	$(if $(PHOTOS),$(BIN)/python -m benchmarks.photo.photos --photos "$(PHOTOS)")

bench-training: .venv/test-ready .venv-pytorch/ready  ## our training engine against PyTorch, and what augmentation costs
	$(BIN)/python -m benchmarks.training.training_speed
	$(BIN)/python -m benchmarks.training.augmentation_cost

bench-brought-in: .venv/test-ready .venv-pytorch/ready  ## models made by PyTorch, tf2onnx, skl2onnx and Keras come in as accurate as made
	mkdir -p build/brought-in
	.venv-pytorch/bin/python -m benchmarks.brought_in.pytorch_models build/brought-in
	$(BIN)/python -m benchmarks.brought_in.other_models build/brought-in
	$(BIN)/python -m benchmarks.brought_in build/brought-in

bench-exports: .venv/test-ready  ## LiteRT files and web pages of six networks answer as the app does
	$(BIN)/python -m benchmarks.exports
	$(BIN)/python -m benchmarks.web_pages

bench-precision: .venv/test-ready  ## whether bfloat16 learns as well as float32; over an hour
	$(BIN)/python -m benchmarks.training.precision

bench-inference: .venv/test-ready .venv-pytorch/ready  ## classifying in the web process against Keras and PyTorch
	$(BIN)/python -m benchmarks.training.inference_speed

maps: setup  ## make the maps of shipped runs that are missing
	$(BIN)/python -m fmnist_core.release.shipped_maps

train: setup  ## train a model by its published recipe: make train MODEL=cnn_2
	$(BIN)/python -m fmnist_core train $(MODEL)

reproduce: setup  ## train a published recipe, compare, and ship it if none ships: make reproduce MODEL=cnn_2
	$(BIN)/python -m fmnist_core reproduce $(MODEL)

generated: .venv/test-ready  ## write the files that are made from the code again
	$(BIN)/python -m fmnist_core.zoo.summaries
	$(BIN)/python -m fmnist_core.release.calibrators
	$(BIN)/python -m fmnist_core.release.favourites
	$(BIN)/python -m fmnist_core.release.sprites
	$(BIN)/python -m fmnist_core.release.tables

lock: .venv/test-ready  ## pin the newest versions that pyproject.toml allows
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --no-header --no-annotate --quiet --upgrade -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --no-header --no-annotate --quiet -c requirements.txt -o requirements-dev.txt
	$(BIN)/uv pip compile pyproject.toml --extra cluster --universal --python-version 3.11 --no-header --no-annotate --quiet -c requirements-dev.txt -o requirements-cluster.txt

clean:  ## remove the environments (runs are kept)
	rm -rf .venv .venv-pytorch

.venv/python-ready:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 with its venv module is needed, and none was found. Install one (Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run-ready: .venv/python-ready requirements.txt
	@echo "Installing what the app needs (about 2 GB, once) ..."
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test-ready: .venv/run-ready requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@echo "Compiling umap-learn (a minute, once) ..."
	$(BIN)/python -W ignore -c "import umap; umap.UMAP(n_epochs=5, random_state=0, n_jobs=1).fit([[n % 7, n % 5, n] for n in range(60)])" 2>/dev/null
	@touch $@

.venv-pytorch/ready: .venv/python-ready benchmarks/pytorch/requirements.txt
	@echo "Installing PyTorch, to compare with ..."
	$(BIN)/python -m venv --clear .venv-pytorch
	.venv-pytorch/bin/pip install --quiet --disable-pip-version-check -r benchmarks/pytorch/requirements.txt
	@touch $@

.PHONY: help run demo setup test test-slow check fix bench bench-training bench-brought-in bench-precision bench-inference maps train reproduce generated lock clean
.DEFAULT_GOAL := help
