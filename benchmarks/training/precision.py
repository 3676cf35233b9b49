"""Whether bfloat16 learns as well as float32: a recipe without augmentation in both, from several seeds.

Judged are the last 5,000 training pictures, which no training here sees. On a processor without bfloat16 units
TensorFlow computes the same roundings ten times as slowly: take fewer pictures there.

    python -m benchmarks.training.precision [--model NAME] [--images N] [--epochs N] [--seeds N] [--to FILE]

With --to each result is appended to the file, and what stands in it is not trained again.
"""

import argparse
import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.machine import describe_machine
from fmnist_core.recipe import Split, Stage
from fmnist_core.training.folds import train_fold
from fmnist_core.zoo import get_model

JUDGED = 5_000
PRECISIONS = ("float32", "mixed_bfloat16")

Result = dict[str, Any]


def try_precision(model: str, precision: Any, seed: int, images: int, epochs: int) -> Result:
    pictures = data.load_split("train")
    chosen = dataclasses.replace(
        get_model(model).recipe,
        precision=precision,
        seed=seed,
        stages=(Stage(epochs),),
        excluded=(),
        split=Split("none", 0),
        images=images,
    )
    start = time.perf_counter()
    judged = pictures.images[-JUDGED:]
    answers = train_fold(chosen, pictures.images[:images], pictures.labels[:images], judged, lambda _: False)
    accuracy = float((answers.argmax(axis=1) == pictures.labels[-JUDGED:]).mean())
    about = {"model": model, "precision": precision, "seed": seed, "images": images, "epochs": epochs}
    return about | {"accuracy": round(accuracy, 4), "seconds": round(time.perf_counter() - start)}


def known_or_tried(about: dict[str, Any], to: Path | None) -> Result:
    """The line of the file that is about the same training, or a new one, then appended to it."""
    known = [json.loads(line) for line in to.read_text().splitlines()] if to and to.exists() else []
    for line in known:
        if about.items() <= line.items():
            return line
    result = try_precision(**about)
    if to:
        with to.open("a") as file:
            file.write(json.dumps(result) + "\n")
    return result


def verdict(results: list[Result]) -> str:
    """Each precision's mean and spread, and their difference beside the spread of seeds."""
    accuracies = {
        precision: 100 * np.array([one["accuracy"] for one in results if one["precision"] == precision])
        for precision in PRECISIONS
    }
    lines = [
        f"{precision:<15} {', '.join(f'{value:.2f}' for value in values)}: mean {values.mean():.2f} %, "
        f"standard deviation {values.std(ddof=1):.2f}"
        for precision, values in accuracies.items()
    ]
    full, half = accuracies.values()
    spread = np.concatenate([full - full.mean(), half - half.mean()])
    deviation = np.sqrt((spread**2).sum() / (len(spread) - 2))
    difference = half.mean() - full.mean()
    inside = "within" if abs(difference) <= deviation else "beyond"
    return "\n".join([*lines, f"bfloat16 - float32: {difference:+.2f} points, {inside} the seeds' {deviation:.2f}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="cnn_2")
    parser.add_argument("--images", type=int, default=data.SIZES["train"] - JUDGED)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3, help="at least 2")
    parser.add_argument("--to", type=Path)
    options = parser.parse_args()
    if options.seeds < 2 or not 0 < options.images <= data.SIZES["train"] - JUDGED:
        parser.error(f"--seeds takes 2 or more, --images 1 to {data.SIZES['train'] - JUDGED}.")
    print(describe_machine())
    results = []
    for seed in range(options.seeds):
        for precision in PRECISIONS:
            about = {"model": options.model, "precision": precision, "seed": seed}
            results.append(known_or_tried(about | {"images": options.images, "epochs": options.epochs}, options.to))
            print(json.dumps(results[-1]), flush=True)
    print(verdict(results))


if __name__ == "__main__":
    main()
