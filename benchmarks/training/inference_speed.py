"""Classifying: the web process against Keras and PyTorch, one picture and 250, every model: pictures a second.

The web process answers with ONNX Runtime, opened by its own function and so with its own settings. Beside it: Keras'
`predict`, a compiled call of the Keras model (what a careful person writes instead), and PyTorch's module, channels-
last, the faster of float32 and bfloat16, and of a thread a core and one. All start from bytes in memory and end with
logits in memory, one request at a time; Keras may use every core. First all must have given the same logits. Models
that answer with the mean over the mirror image do so on all sides.

    python -m benchmarks.training.inference_speed [--models A,B] [--batches 1,250] [--rounds N] [--seconds S]
"""

import argparse
import functools
import logging
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from benchmarks.pytorch.client import PyTorch, Way, choose_way
from benchmarks.pytorch.same import PICTURES, TOLERANCE, NotTheSame, build_same, compare_logits
from benchmarks.training.epochs import measure_each
from fmnist_core import data
from fmnist_core.inference.classifier import Classifier
from fmnist_core.machine import cores, describe_machine
from fmnist_core.runs import runs
from fmnist_core.training.finish import export_onnx
from fmnist_core.zoo import MODELS, get_model
from fmnist_core.zoo.layers import with_mirror

ROUND_SECONDS = 0.4  # of each side in a round
ROW_SECONDS = 60.0  # slower rows have fewer rounds
LONG = 5.0  # seconds of a call
FEW = 10  # pictures
PAUSE_SECONDS = 0.05  # between two sides: threads that wait for work by spinning have given up by then
SIDES = ("predict", "compiled", "PyTorch")  # beside the web process

Classify = Callable[[int], float]  # takes a number of calls, returns the seconds they took


def open_in_web_process(network: keras.Model, mirror: bool, name: str) -> Classifier:
    """Exports the network into a run's folder, as a training does, and opens it as the pages do."""
    from fmnist_ui import cached  # here, because `main` silences what Streamlit says on import

    run = runs.create(get_model(name).recipe)
    export_onnx(network, run.folder / "model.onnx", mirror)
    return cached.load_classifier(run)


def forget_classifiers() -> None:
    """What pages keep open: two of VGG19's, after requests of 250 pictures, would not fit into 24 GB."""
    from fmnist_ui import cached

    cached._load_classifier.clear()


def clocked(call: Callable[[], object]) -> Classify:
    def run(calls: int) -> float:
        start = time.perf_counter()
        for _ in range(calls):
            call()
        return time.perf_counter() - start

    return run


def compile_call(network: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """(n, 28, 28, 1) float32 -> logits by a graph that is traced once."""
    signature = [tf.TensorSpec((None, data.SIDE, data.SIDE, 1), tf.float32)]
    traced = tf.function(lambda pictures: network(pictures, training=False), input_signature=signature)
    traced(np.zeros((1, data.SIDE, data.SIDE, 1), np.float32))
    return lambda pictures: traced(pictures).numpy()


def sides_of(network: keras.Model, web: Classifier, pytorch: PyTorch, way: Way, batch: int) -> dict[str, Classify]:
    """All four by name; the last one's is the way of PyTorch."""
    images, traced = data.load_split("test").images[:batch], compile_call(network)
    return {
        "web": clocked(lambda: web.logits(images)),
        "predict": clocked(lambda: network.predict(data.to_network_input(images), batch_size=batch, verbose=0)),
        "compiled": clocked(lambda: traced(data.to_network_input(images))),
        str(way): lambda calls: by_pytorch(pytorch, way, batch, calls),
    }


def by_pytorch(pytorch: PyTorch, way: Way, batch: int, calls: int) -> float:
    return pytorch.ask("classify", **way._asdict(), batch=batch, calls=calls)


def way_of(pytorch: PyTorch, batch: int) -> Way:
    """The fastest one of PyTorch, a short try each."""
    calls = calls_for(lambda count: by_pytorch(pytorch, Way("float32", cores()), batch, count))
    way, failed = choose_way(lambda way: batch * calls / by_pytorch(pytorch, way, batch, calls), cores())
    if failed:
        print(f"    PyTorch cannot do all: {failed}")
    return way


def is_slow(pytorch: PyTorch, batch: int) -> bool:
    """Whether a call takes so long that a few pictures must do for all preparations."""
    few = min(FEW, batch)
    return by_pytorch(pytorch, Way("float32", cores()), few, 1) * batch / few > LONG


def calls_for(classify: Classify, seconds: float = ROUND_SECONDS) -> int:
    """How many calls take about so many seconds, at least one; after one to prepare."""
    classify(1)
    return max(1, round(seconds / max(classify(1), 1e-5)))


def check_logits(network: keras.Model, web: Classifier, pytorch: PyTorch) -> None:
    """Raises NotTheSame."""
    images = data.load_split("test").images[:PICTURES]
    pictures = data.to_network_input(images)
    compare_logits(pytorch, network, pictures)
    by_keras = np.asarray(network(pictures, training=False))
    part = float(np.abs(by_keras - web.logits(images)).max() / np.abs(by_keras).max())
    if not part <= TOLERANCE:
        raise NotTheSame(f"{network.name}: Keras and ONNX Runtime differ by {part:.1e} of the largest logit.")


def measure(sides: dict[str, Classify], calls: dict[str, int], batch: int, rounds: int) -> dict[str, list[float]]:
    """Pictures a second of each side in each round; every round begins with another side."""
    rates: dict[str, list[float]] = {name: [] for name in sides}
    names, began = list(sides), time.perf_counter()
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            time.sleep(PAUSE_SECONDS)
            rates[name].append(batch * calls[name] / sides[name](calls[name]))
        if (time.perf_counter() - began) * (number + 2) / (number + 1) > ROW_SECONDS:
            break
    return rates


def show_row(name: str, batch: int, rates: dict[str, list[float]]) -> None:
    web, *others = rates.values()
    line = f"{name:<17}{batch:>5}{statistics.median(web):>9,.0f}"
    for other in others:
        ratios = [ours / theirs for ours, theirs in zip(web, other, strict=True)]
        spread = f"({short(min(ratios))} to {short(max(ratios))})"
        line += f"{statistics.median(other):>10,.0f}{short(statistics.median(ratios)):>8} {spread:<15}"
    print(f"{line} {list(rates)[-1]}; {len(web)} rounds", flush=True)


def short(ratio: float) -> str:
    """Three digits or more."""
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def measure_model(pytorch: PyTorch, name: str, batches: list[int], options: argparse.Namespace) -> None:
    network, mirror = get_model(name).build(), get_model(name).recipe.mirror
    answering = with_mirror(network) if mirror else network
    web = open_in_web_process(network, mirror, name)
    build_same(pytorch, network, mirror)
    check_logits(answering, web, pytorch)
    for batch in batches:
        few = min(FEW, batch) if is_slow(pytorch, batch) else batch
        way = way_of(pytorch, few)
        prepared = sides_of(answering, web, pytorch, way, few)
        calls = {side: calls_for(classify, options.seconds) for side, classify in prepared.items()}
        if few < batch:
            calls = dict.fromkeys(calls, 1)
        sides = sides_of(answering, web, pytorch, way, batch)
        show_row(name, batch, measure(sides, calls, batch, options.rounds))
    forget_classifiers()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(MODELS), help="names, with commas between")
    parser.add_argument("--batches", default="1,250", help="pictures a request, with commas between")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=ROUND_SECONDS, help="of each side in a round")
    return parser.parse_args()


def main() -> int:
    """Returns how many models could not be measured."""
    options = read_options()
    logging.disable(logging.WARNING)  # Streamlit misses its browser, TensorFlow counts the models it has seen
    warnings.filterwarnings("ignore", category=FutureWarning, module="keras.src.export")
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder, PyTorch() as pytorch:
        os.environ["FMNIST_RUNS"] = folder  # the runs made here are nobody's
        print(f"PyTorch {pytorch.ask('start')}, Keras {keras.__version__}, weights as built")
        test = data.load_split("test")
        pytorch.load_data(test.images[:1_000], test.labels[:1_000])
        heads = "".join(f"{side + '/s':>10}{'ratio':>8}{'':<16}" for side in SIDES)
        print(f"{'model':<17}batch    web/s{heads} PyTorch's way")
        batches = [int(batch) for batch in options.batches.split(",")]
        return measure_each(
            (name, functools.partial(measure_model, pytorch, name, batches, options))
            for name in options.models.split(",")
        )


if __name__ == "__main__":
    sys.exit(main())
