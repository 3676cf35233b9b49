"""`train`: from a run's recipe to its finished folder. The page, the command line and the tests all call it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from fmnist_core import data
from fmnist_core.jobs.lifecycle import CANCEL
from fmnist_core.jobs.worker import Stopped
from fmnist_core.progress import OnPhase
from fmnist_core.recipe import Recipe
from fmnist_core.runs import curves, predictions, runs
from fmnist_core.runs.records import OnLine, Result, TrainingFigures
from fmnist_core.runs.runs import Run
from fmnist_core.splits import split_indices, taught_labels
from fmnist_core.training import checkpoint
from fmnist_core.training.batches import EpochBatches, steps_per_epoch
from fmnist_core.training.checkpoint import Progress
from fmnist_core.training.finish import finish
from fmnist_core.training.losses import build_loss, build_optimizer, official_accuracy, with_official
from fmnist_core.training.observer import Observer
from fmnist_core.training.precision import choose_precision, training_copy
from fmnist_core.training.scoring import Scorer
from fmnist_core.training.trunk import split_trunk
from fmnist_core.zoo import model_of
from fmnist_core.zoo.summaries import trained_macs

# Of one call of TensorFlow: what happens between two calls costs about two milliseconds, whatever the network.
LIGHT_MACS, LIGHT_PICTURES = 5e6, 1_024  # networks up to so many multiply-adds a picture take so many pictures a call,
MOST_STEPS = 32  # in no more steps than these
SMALL_BATCH, SMALL_STEPS = 128, 8  # others, up to this batch, take so many steps a call; else one
LISTED_EPOCHS = 5  # in a sentence


class TrainingDiverged(RuntimeError):
    """The loss is no longer a number."""


@dataclass(frozen=True)
class Told:
    """What is called while a run trains, and with what."""

    line: OnLine = lambda line: None  # each line of metrics.jsonl
    notice: Callable[[str], object] = lambda words: None  # before it trains: what could not be taken up as it was left
    phase: OnPhase = lambda words: None  # what it does next, where no lines come: "exporting the model"


def train(run: Run, told: Told = Told()) -> Result:
    """Trains the run's recipe from its newest sound checkpoint, or from the start, and finishes the run.

    Writes metrics.jsonl, replay/, checkpoint.npz while it trains, then what `finish` writes. Once the file `cancel`
    appears it stops at the next batch and finishes with what was learned, or at once where it has not yet trained.

    Returns:
        What result.json says; `cancelled` tells whether it was stopped early.

    Raises:
        WeightsUnavailable, TrainingDiverged, ExportMismatch, RunError, Stopped.
    """
    ask = _asker(run, told)
    ask("building the network")
    config = runs.read_config(run)
    chosen, indices = config.recipe, split_indices(config.recipe)
    keras.utils.set_random_seed(chosen.seed)
    row = model_of(chosen)
    network = row.build(num_classes=len(config.class_names))
    head, inputs, test_inputs = split_trunk(row, network, indices, chosen.watch_test, ask)
    learner, precision = _learner(head, chosen, len(indices.train))
    progress, notice = _resume(run, learner, chosen)
    scorer = Scorer(learner, chosen, indices, inputs, test_inputs if chosen.watch_test else None)
    observer = Observer(run.folder, progress, scorer, chosen.batch_size, chosen.keep == "best", told.line, told.phase)
    _tell_notice(told, notice, observer)

    def end_stage(number: int) -> None:
        if test_inputs is not None:  # of a frozen trunk they are computed only where the recipe watches them
            told.phase("classifying the test pictures")
            predictions.save_stage(run, number, scorer.forward(test_inputs)[0])

    try:
        ask("compiling the network")
        _fit_stages(learner, chosen, indices.train, inputs, observer, len(config.class_names), end_stage)
    finally:
        observer.close()
    _keep_weights(progress, learner, head)
    by_trunk = None if head is network else lambda positions: scorer.forward(inputs[positions])[0]
    figures = _training_figures(run, chosen, precision, observer)
    return finish(run, network, chosen, indices, figures, by_trunk, told.phase)


def _asker(run: Run, told: Told) -> OnPhase:
    """Tells what comes next before the training itself begins, and raises Stopped once it is to stop."""

    def ask(words: str) -> None:
        if (run.folder / CANCEL).exists():
            raise Stopped("Stopped before it trained. Resume begins where it would have begun.")
        told.phase(words)

    return ask


def _tell_notice(told: Told, notice: str, observer: Observer) -> None:
    """What could not be taken up as it was left; nothing where all was."""
    if missing := observer.missing:
        notice += f" Its curves lack {len(missing)} of {observer.progress.epoch} epochs: {_listed(missing)}."
    if notice:
        told.notice(notice.strip())


def _learner(head: keras.Model, chosen: Recipe, images: int) -> tuple[keras.Model, str]:
    """What learns in place of the head, in the precision that fits, and that precision."""
    precision = choose_precision(chosen.precision, head)
    learner = training_copy(head, precision, chosen)
    compile_model(learner, chosen, images)
    return learner, precision


def _keep_weights(progress: Progress, learner: keras.Model, head: keras.Model) -> None:
    """Both get those that the recipe keeps: the best epoch's, or the last."""
    for model in (learner, head):
        model.set_weights(progress.best.weights if progress.best else learner.get_weights())


def _resume(run: Run, learner: keras.Model, chosen: Recipe) -> tuple[Progress, str]:
    """As `checkpoint.resume`; what was stored after the epoch with which the training goes on is removed."""
    progress, notice = checkpoint.resume(run.folder, learner, chosen.epochs)
    if not progress.epoch and curves.epochs_of(runs.read_metrics(run)):  # it had got further, and that is lost
        notice = checkpoint.FROM_THE_START
    ends = itertools.accumulate(stage.epochs for stage in chosen.stages)
    stages = [run.folder / "stages" / f"{number}.npz" for number, end in enumerate(ends, 1) if end > progress.epoch]
    replayed = run.folder.glob("replay/[0-9][0-9][0-9].npz")
    for path in [*stages, *(path for path in replayed if int(path.stem) > progress.epoch)]:
        path.unlink(missing_ok=True)
    return progress, notice


def _listed(epochs: list[int]) -> str:
    """ "2, 3", and of many the first few: "2, 3, 5, 6, 7 and others"."""
    return ", ".join(map(str, epochs[:LISTED_EPOCHS])) + (" and others" if len(epochs) > LISTED_EPOCHS else "")


def compile_model(model: keras.Model, chosen: Recipe, images: int) -> None:
    """images: how many an epoch has. `jit_compile` stays off: on a CPU it makes convolutions ten times slower."""
    loss, accuracy = build_loss(chosen.loss, chosen.label_smoothing), "accuracy"
    if chosen.teaches_other_labels:
        one_hot = model.output_shape[-1] if chosen.loss == "categorical_crossentropy" else 0
        loss, accuracy = with_official(loss, one_hot), official_accuracy()
    model.compile(
        optimizer=build_optimizer(chosen.optimizer, chosen.epochs * steps_per_epoch(chosen, images)),
        loss=loss,
        metrics=[accuracy],
        jit_compile=False,
        steps_per_execution=steps_together(chosen),
    )
    _build_variables(model, chosen)


def _build_variables(model: keras.Model, chosen: Recipe) -> None:
    """Those of the optimizer and the metrics: a step that makes them while it is traced is traced once more."""
    model.optimizer.build(model.trainable_variables)
    scores = np.zeros((1, model.output_shape[-1]), np.float32)
    labels = np.zeros(1, np.int64)
    if chosen.teaches_other_labels:
        labels = np.zeros((1, 2), np.int64)
    elif chosen.loss == "categorical_crossentropy":
        labels = scores
    model.compute_metrics(None, labels, scores)
    model.reset_metrics()


def steps_together(chosen: Recipe) -> int:
    """How many steps one call takes: so many that calls cost little, so few that curves move and `cancel` is seen."""
    if trained_macs(chosen) <= LIGHT_MACS:
        return min(MOST_STEPS, max(1, LIGHT_PICTURES // chosen.batch_size))
    return SMALL_STEPS if chosen.batch_size <= SMALL_BATCH else 1


def _fit_stages(
    model: keras.Model,
    chosen: Recipe,
    indices: np.ndarray,
    inputs: np.ndarray,
    observer: Observer,
    num_classes: int,
    end_stage: Callable[[int], None],
) -> None:
    """indices: (n,), what is trained on. end_stage: called with the number, from 1, of each finished stage that another
    one follows."""
    labels, taught = data.load_split("train").labels[indices], taught_labels(chosen, indices)
    end = 0
    for number, stage in enumerate(chosen.stages, start=1):
        start, end = max(end, observer.progress.epoch), end + stage.epochs
        if start < end and not observer.cancelled:
            batches = EpochBatches(inputs[indices], labels, chosen, stage, num_classes, taught)
            _fit(model, batches, start, end, observer)
        if observer.progress.epoch == end and number < len(chosen.stages):  # also where a resumed one begins here
            end_stage(number)


def _fit(model: keras.Model, batches: EpochBatches, start: int, end: int, observer: Observer) -> None:
    name_epoch = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: _set_epoch(batches, epoch))
    model.fit(
        batches.dataset(),
        initial_epoch=start,
        epochs=end,
        callbacks=[name_epoch, observer],
        verbose=0,
        shuffle=False,
    )
    if observer.diverged:
        raise TrainingDiverged(
            f"The loss is no longer a number in epoch {observer.progress.epoch + 1}: the training has diverged. "
            "Try a learning rate ten times smaller."
        )


def _set_epoch(batches: EpochBatches, epoch: int) -> None:
    batches.epoch = epoch


def _training_figures(run: Run, chosen: Recipe, precision: str, observer: Observer) -> TrainingFigures:
    epochs = curves.epochs_of(runs.read_metrics(run))
    best = curves.best_epoch(epochs)
    rates = [line.images_per_second for line in epochs]
    progress = observer.progress
    return TrainingFigures(
        cancelled=observer.cancelled and progress.epoch < chosen.epochs,
        epochs=progress.epoch,
        best_epoch=best.epoch if best else None,
        overfits_after=curves.overfits_after(epochs),
        kept_epoch=progress.best.epoch if progress.best else progress.epoch,
        precision=precision,
        seconds=round(progress.seconds, 3),
        seconds_per_epoch=round(progress.seconds / progress.epoch, 3) if progress.epoch else None,
        images_per_second=float(np.median(rates)) if rates else None,
    )
