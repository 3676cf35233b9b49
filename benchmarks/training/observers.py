"""What watching costs: the same fit with metrics, replay files, checkpoints and a polling page, and without.

Both sides validate after the epoch on the recipe's 5,000 pictures (Keras' own validation on the bare side). The
polling page is a real server and a client of its protocol that shows the run and asks again every second.

    python -m benchmarks.training.observers [--model cnn_2] [--images N] [--pairs N]
"""

import argparse
import asyncio
import dataclasses
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import keras
import numpy as np

from benchmarks.pairs import median_ratio, show
from benchmarks.polling_client import poll
from fmnist_core import data
from fmnist_core.jobs import worker
from fmnist_core.machine import describe_machine
from fmnist_core.recipe import Stage
from fmnist_core.runs import runs
from fmnist_core.splits import split_indices
from fmnist_core.storage import folders
from fmnist_core.training import training_jobs
from fmnist_core.training.batches import EpochBatches
from fmnist_core.training.checkpoint import Progress
from fmnist_core.training.observer import Observer
from fmnist_core.training.precision import choose_precision, training_copy
from fmnist_core.training.scoring import Scorer
from fmnist_core.training.train import compile_model
from fmnist_core.zoo import get_model

ROOT = folders.PROJECT


class Fits:
    """One network, trained an epoch at a time in two ways."""

    def __init__(self, model: str, images: int, poll_url: str):
        chosen = dataclasses.replace(get_model(model).recipe, stages=(Stage(1_000),), images=images)
        self.run = runs.create(chosen)
        self._poll_url = poll_url
        self.polls = 0
        self._count, self._epoch = images, 0
        network = get_model(model).build()
        self._learner = training_copy(network, choose_precision(chosen.precision, network))
        pictures, indices = data.load_split("train"), split_indices(chosen)
        compile_model(self._learner, chosen, len(indices.train))
        labels = pictures.labels[indices.train]
        self._batches = EpochBatches(pictures.images[indices.train], labels, chosen, chosen.stages[0], 10)
        validation = indices.validation
        classes = pictures.labels[validation].astype(np.int64)
        targets = keras.utils.to_categorical(classes, 10) if chosen.loss == "categorical_crossentropy" else classes
        self._validation = (data.to_network_input(pictures.images[validation]), targets)
        scorer = Scorer(self._learner, chosen, indices, pictures.images, None)
        self._observer = Observer(
            self.run.folder, Progress(0, 0.0), scorer, chosen.batch_size, False, lambda line: None
        )

    def bare(self) -> float:
        start = time.perf_counter()
        self._learner.fit(
            self._next(), validation_data=self._validation, validation_batch_size=500, verbose=0, shuffle=False
        )
        return self._count / (time.perf_counter() - start)

    def watched(self) -> float:
        reporter = worker.Reporter(training_jobs.job(self.run))
        reporter.update(state="running", phase="training")
        stop = threading.Event()
        client = threading.Thread(target=self._poll, args=(stop,), daemon=True)
        client.start()
        start = time.perf_counter()
        self._learner.fit(
            self._next(),
            initial_epoch=self._epoch - 1,
            epochs=self._epoch,
            callbacks=[self._observer],
            verbose=0,
            shuffle=False,
        )
        rate = self._count / (time.perf_counter() - start)
        stop.set()
        client.join()
        reporter.close()
        return rate

    def _poll(self, stop: threading.Event) -> None:
        self.polls += asyncio.run(poll(self._poll_url, self.run.id, stop))

    def _next(self) -> object:
        self._batches.epoch = self._epoch
        self._epoch += 1
        return self._batches.dataset()


def start_server(folder: str) -> tuple[subprocess.Popen, str]:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | {"FMNIST_RUNS": folder},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(8)
    return process, f"ws://localhost:{port}/_stcore/stream"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="cnn_2")
    parser.add_argument("--images", type=int, default=55_000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FMNIST_RUNS"] = folder
        process, url = start_server(folder)
        try:
            fits = Fits(options.model, options.images, url)
            fits.bare(), fits.watched()  # both compile once
            ratio, ratios = median_ratio(fits.watched, fits.bare, options.pairs)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
    print(f"{fits.polls} polls of the page while it trained")
    show(f"fit with observers and a polling page / without, {options.model}", ratio, ratios, 0.95)


if __name__ == "__main__":
    main()
