"""Several at once: the same recipe with some seeds, values and models, on worker processes of this machine."""

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from fmnist_core import glossary
from fmnist_core.demo import limits
from fmnist_core.families.varying import ALL, VARYING
from fmnist_core.jobs import kinds
from fmnist_core.machine import cores, free_memory
from fmnist_core.networks import sharing
from fmnist_core.recipe import Recipe, Split
from fmnist_core.runs import recipe_options
from fmnist_core.speed import forecasts
from fmnist_core.storage.folders import RunError
from fmnist_core.sweeps import cluster, plan, summary, sweep_jobs
from fmnist_core.sweeps.plan import OPTION, SWEPT, Plan
from fmnist_core.zoo import MODELS
from fmnist_ui import cached, waiting
from fmnist_ui.train.forms.stage_form import KEPT
from fmnist_ui.train.start_button import start_sweep

WORKERS = "sweep_workers_at_first"  # in the session: free memory differs from one moment to the next
FIRST = {  # what a field begins with, of what no family varies
    "augmentation": "none; flip",
    "label-smoothing": "0, 0.1",
    "loss": "categorical_crossentropy",
    "precision": "float32, mixed_bfloat16",
    "drop-last-batch": "no, yes",
    "mirror": "no, yes",
}


@dataclass(frozen=True)
class Asked:
    """What the form says."""

    bases: tuple[Recipe, ...]
    words: tuple[str, ...]  # that make the bases of published recipes, as options of `train`
    values: tuple[str, ...]  # as `--set` takes them
    seeds: int
    sample: int | None

    @property
    def command(self) -> str:
        return plan.command(
            [base.model for base in self.bases], self.words, plan.parse_values(self.values), self.seeds, self.sample
        )

    def plan(self) -> Plan:
        """Raises ValueError with a sentence."""
        if not 1 <= self.seeds <= plan.MOST_TASKS:
            raise ValueError(f"There cannot be {self.seeds:,} seeds. Expected 1 to {plan.MOST_TASKS:,}.")
        first = self.bases[0].seed
        seeds = range(first, first + self.seeds)
        return plan.make(self.bases, plan.parse_values(self.values), seeds, self.sample)


_planned = functools.lru_cache(maxsize=16)(Asked.plan)  # the page is drawn more often than the form changes


def show(chosen: Recipe, published: Recipe) -> None:
    """Models, seeds, values; how many trainings that is, the time, and the button.

    chosen: a recipe that can be trained; published: that of its model.
    """
    with st.expander("Several at once: seeds, values, models", icon=":material/grid_view:", key="several"):
        try:
            asked = _ask(chosen, published)
            sweep_jobs.check("local")  # before anything is planned for who may not start it
            made = _planned(asked)
        except RunError as error:
            st.info(str(error), icon=":material/rule:")
            _offer_command(asked)
            return
        except ValueError as error:
            st.warning(str(error), icon=":material/rule:")
            return
        workers = _choose_workers()
        st.markdown(_in_words(made))
        _start(asked, made, f"local:{workers}")
        _offer_command(asked)


def _ask(chosen: Recipe, published: Recipe) -> Asked:
    """Raises ValueError with a sentence."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    others: Sequence[str] = ()
    with left:
        if chosen.network is None:
            told: dict[str, Any] = {"format_func": lambda name: MODELS[name].title, "key": "sweep-models", **KEPT}
            offered = [name for name in MODELS if name != chosen.model]
            placeholder = f"{MODELS[chosen.model].title} alone" if chosen.model in MODELS else "None"
            others = st.multiselect("Further models, with the same recipe", offered, placeholder=placeholder, **told)
        varied = st.multiselect(
            "What varies",
            SWEPT,
            format_func=_label,
            placeholder="Only the seed",
            key="sweep-varied",
            **KEPT,
        )
    with right:
        seeds = st.number_input("Seeds", value=3, step=1, key="sweep-seeds", help=glossary.term("Seed"), **KEPT)
    values = _values(chosen, varied)
    sample = _choose_sample() if varied else None
    words = _words(chosen, published, others)
    given = recipe_options.given_by(words) | {"exclude": None, "labels": None}
    bases = [chosen]
    for name in others:
        made = recipe_options.from_options(MODELS[name].recipe, given)
        bases.append(dataclasses.replace(made, excluded=chosen.excluded, relabelled=chosen.relabelled))
    layers = ["--layers", sharing.to_text(chosen.network)] if chosen.network else []
    return Asked(tuple(bases), (*layers, *words), values, int(seeds), sample)


def _label(option: str) -> str:
    words = summary.label(option)
    return f"{words[:1].upper()}{words[1:]}"


def _words(chosen: Recipe, published: Recipe, others: Sequence[str]) -> list[str]:
    """Options that make the recipe of the published one. Models may set other pictures aside: all are told which."""
    words = recipe_options.to_options(chosen, published)
    if not others:
        return words
    if "--validation" in words:
        place = words.index("--validation")
        del words[place : place + 2]
    return [*words, "--validation", _split_words(chosen.split)]


def _split_words(split: Split) -> str:
    seed = f",seed={split.seed}" if split.kind == "random" else ""
    return f"{split.validation},kind={split.kind}{seed}" if split.validation else "0"


def _values(chosen: Recipe, varied: Sequence[str]) -> tuple[str, ...]:
    """A field for each option; as `--set` takes them."""
    found = []
    for name, column in zip(varied, _columns(len(varied)), strict=True):
        first = _first(name, chosen)
        told = OPTION[name].help[:1].upper() + OPTION[name].help[1:]
        text = column.text_input(
            f"{_label(name)}, values",
            first,
            key=f"sweep-{name}-{first}",
            help=f"{told}. With commas between values; with ; where a value has a comma itself.",
            max_chars=2_000,
            **KEPT,
        )
        found.append(f"{name}={text}")
    return tuple(found)


def _columns(count: int) -> list[Any]:
    return [column for _ in range(0, count, 3) for column in st.columns(3)][:count] if count else []


def _first(name: str, chosen: Recipe) -> str:
    """What the field of an option begins with: values around the recipe's own, or some that there are."""
    family = next((row for row in VARYING.values() if row.option == name), None)
    if name == "epochs":
        return f"{chosen.epochs}, {2 * chosen.epochs}"
    if family is None or name == "dropout" and chosen.dropout is None:
        return FIRST.get(name, "0.2, 0.4")
    return ", ".join(ALL if value is None else str(value) for value in family.usual(chosen))


def _choose_sample() -> int | None:
    words = {"all": "All combinations", "sample": "A random sample"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        told: dict[str, Any] = {"format_func": words.__getitem__, "default": "all", "key": "sweep-which", **KEPT}
        which = st.segmented_control("Trained are", tuple(words), required=True, **told)
        if which != "sample":
            return None
        return int(st.number_input("Combinations", value=10, step=1, key="sweep-sample", width=140, **KEPT))


def _choose_workers() -> int:
    most = cores()
    first = st.session_state.setdefault(WORKERS, cluster.local_workers("local", most))
    workers = st.number_input(
        "Worker processes on this machine", 1, most, value=min(first, most), key="sweep-workers", width=260, **KEPT
    )
    needs, free = workers * cluster.MEMORY / 1e9, free_memory() / 1e9
    tight = " That is more than is free." if needs > free else ""
    st.caption(
        f"{workers} of {most} {'core' if most == 1 else 'cores'}; about {needs:.1f} GB of memory, {free:.1f} GB are "
        f"free.{tight}"
    )
    return int(workers)


def _in_words(made: Plan) -> str:
    """ "12 trainings: 4 combinations with 3 seeds each"."""
    combinations = len(made.tasks) // len(made.seeds)
    what = "1 combination" if combinations == 1 else f"{combinations:,} combinations"
    seeds = "1 seed" if len(made.seeds) == 1 else f"{len(made.seeds)} seeds"
    few = f" Fewer than {summary.ENOUGH_SEEDS} seeds cannot tell which differences are real."
    return (
        f"**{len(made.tasks):,} trainings**: {what}, {seeds}{' each' if combinations > 1 else ''}."
        f"{few if 1 < len(made.seeds) < summary.ENOUGH_SEEDS else ''}"
    )


def _start(asked: Asked, made: Plan, on: str) -> None:
    """The button, or why there is none."""
    try:
        limits.check_sweep(made, cluster.local_workers(on, len(made.tasks)))
    except (RunError, ValueError) as error:
        st.info(str(error), icon=":material/rule:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Start the sweep", icon=":material/grid_view:", key="start-sweep"):
            start_sweep(asked, asked.plan, on)
        waiting.show_before_start(kinds.SWEEP, forecasts.of_sweep(made, on, cached.list_rows()))


def _offer_command(asked: Asked) -> None:
    files = [name for name in (recipe_options.EXCLUDED_FILE, recipe_options.RELABELLED_FILE) if name in asked.words]
    more = f" {' and '.join(files)} stand for lists that are too long for a line." if files else ""
    st.caption(
        "The same in a terminal; with `--on tcp://SCHEDULER:8786` behind it on as many machines as a Dask cluster has."
        f"{more}"
    )
    st.code(asked.command, language="bash", wrap_lines=True)
