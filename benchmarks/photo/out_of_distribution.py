"""How well the out-of-distribution detector tells what a network knows from what it does not.

    python -m benchmarks.photo.out_of_distribution [--photos FOLDER] [--run RUN] [--mode MODE]

AUROC: how often a strange picture is trusted less than a known one. FOLDER holds photos in folders named after
garments; those of KNOWN have a class in Fashion-MNIST, those of STRANGE have none. Photos are measured, never learned
from.
"""

import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.stats import rankdata

from benchmarks.photo.photos import model_and_photos
from fmnist_core import data
from fmnist_core.analysis.out_of_distribution import Detector
from fmnist_core.inference import detectors
from fmnist_core.inference.classifier import Classifier
from fmnist_core.photo.corruptions import damaged, fitted
from fmnist_core.photo.decode import decode
from fmnist_core.photo.pipeline import prepare
from fmnist_core.runs.runs import Run

KNOWN = ("t-shirt", "pants", "longsleeve", "dress", "outwear", "shirt", "shoes")
STRANGE = ("hat", "shorts", "skirt")
PICTURES = 2_000
TARGETS = {"uniform noise": 0.95, "gaussian noise": 0.95, "digits": 0.95, "upside down": 0.85, "photos": 0.70}
MOST_FLAGGED = 0.20


def auroc(known: np.ndarray, strange: np.ndarray) -> float:
    """How often a strange picture's score is the larger one; half for a draw."""
    ranks = rankdata(np.concatenate([known, strange]))[len(known) :]
    return float((ranks.sum() - len(strange) * (len(strange) + 1) / 2) / (len(known) * len(strange)))


def digits() -> np.ndarray:
    """scikit-learn's 8x8 digits as (1797, 28, 28) uint8, light on black."""
    from sklearn.datasets import load_digits

    gray = (load_digits().images * (data.WHITE / 16)).astype(np.uint8)
    size = (data.SIDE, data.SIDE)
    return np.stack([np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)) for image in gray])


def parts(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A half of each garment, brought to full size."""
    middle = data.SIDE // 2
    halves = (np.s_[:middle], np.s_[middle:], np.s_[:, :middle], np.s_[:, middle:])
    return np.stack([fitted(image[halves[generator.integers(4)]]) for image in images])


def mixed(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The upper half of one garment and the lower half of another."""
    other = images[generator.permutation(len(images))]
    return np.concatenate([images[:, : data.SIDE // 2], other[:, data.SIDE // 2 :]], axis=1)


def strange_pictures(images: np.ndarray, generator: np.random.Generator) -> dict[str, np.ndarray]:
    shape = (500, data.SIDE, data.SIDE)
    return {
        "uniform noise": generator.integers(0, 256, shape).astype(np.uint8),
        "gaussian noise": generator.normal(128, 64, shape).clip(0, 255).astype(np.uint8),
        "digits": digits(),
        "upside down": images[:, ::-1],
        "on its side": np.rot90(images, 1, (1, 2)),
        "half a garment": parts(images, generator),
        "two halves": mixed(images, generator),
    }


def read_photos(folder: Path, names: tuple[str, ...], mode: str) -> dict[str, np.ndarray]:
    """Of each group, (n, 28, 28) uint8."""
    return {
        name: np.stack([prepare(decode(path.read_bytes()), mode).picture for path in sorted((folder / name).iterdir())])
        for name in names
    }


def show(name: str, value: float) -> None:
    target = TARGETS.get(name)
    verdict = "" if target is None else f"  (at least {target:.2f}: {'ok' if value >= target else 'falls short'})"
    print(f"  {name:<24}AUROC {value:.3f}{verdict}", flush=True)


def load_detector(run: Run, kind: str, classifier: Classifier) -> Detector:
    start = time.perf_counter()
    stood = detectors.place(run, kind).exists()
    found = detectors.detector(run, kind, classifier)
    print(f"{kind} detector {'read' if stood else 'made'} in {time.perf_counter() - start:.2f} s")
    return found


def measure_pictures(run: Run, classifier: Classifier, kind: str) -> None:
    detector = load_detector(run, kind, classifier)
    generator = np.random.default_rng(1)
    test = data.load_split("test").images
    known = test[generator.choice(len(test), PICTURES, replace=False)]
    strange = strange_pictures(known[: PICTURES // 4], generator)
    if kind == "photo":  # as if all had been photographed
        known = damaged(known, generator)
        strange = {name: damaged(images, generator) for name, images in strange.items() if "noise" not in name}
    scores = detector.score(classifier, known)
    print(f"{kind}: {len(known):,} test pictures{', damaged as photos are' if kind == 'photo' else ''}, against")
    for name, images in strange.items():
        value = auroc(scores, detector.score(classifier, images))
        show(name if kind == "picture" else f"{name}, damaged", value)
    flagged = 1 - detector.judge(classifier, known).known.mean()
    print(f"  flagged by mistake: {100 * flagged:.1f} % (stated: {100 * detector.false_alarms:.0f} %)")


def measure_photos(run: Run, classifier: Classifier, folder: Path, mode: str) -> None:
    detector = load_detector(run, "photo", classifier)
    groups = read_photos(folder, KNOWN + STRANGE, mode)
    verdicts = {name: detector.judge(classifier, images) for name, images in groups.items()}
    scores = {name: detector.score(classifier, images) for name, images in groups.items()}
    known, strange = (np.concatenate([scores[name] for name in names]) for names in (KNOWN, STRANGE))
    print(f"{len(known)} photos of known garments against {len(strange)} of hats, shorts and skirts, mode {mode}")
    show("photos", auroc(known, strange))
    for name in STRANGE:
        show(f"  {name}", auroc(known, scores[name]))
    flagged = 1 - np.concatenate([verdicts[name].known for name in KNOWN]).mean()
    verdict = "ok" if flagged <= MOST_FLAGGED else "falls short"
    print(f"  known garments flagged: {100 * flagged:.1f} % (at most {100 * MOST_FLAGGED:.0f} %: {verdict})")
    shares = {name: f"{100 * (1 - found.known.mean()):.0f} %" for name, found in verdicts.items()}
    print("  flagged:", ", ".join(f"{name} {share}" for name, share in shares.items()))


def main() -> None:
    model, options = model_and_photos(str(__doc__))
    run, classifier = model.run, model.classifier
    measure_pictures(run, classifier, "picture")
    measure_pictures(run, classifier, "photo")
    if options.photos:
        measure_photos(run, classifier, options.photos, options.mode)


if __name__ == "__main__":
    main()
