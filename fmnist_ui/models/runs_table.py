"""Own and shipped runs in one table: what each is called, how it was trained, what it reached, what it comes with."""

from collections.abc import Callable, Sequence

import streamlit as st

from fmnist_core import glossary, zoo
from fmnist_core.recipe import BROUGHT_IN, OWN, Recipe, Stage
from fmnist_core.report import recipe_words
from fmnist_core.runs.catalogue import Row
from fmnist_core.splits import split_indices
from fmnist_core.zoo import CLASSICAL, MODELS, get_trainable
from fmnist_ui import parts, state
from fmnist_ui.models.choosing_table import choosing_table

WHOSE = {"all": "All", "own": "Your own", "others": "Others'", "shipped": "Shipped"}
FILES = {"model.onnx": "ONNX", "model.keras": "Keras"}
MOST_LINES = 15  # without scrolling


def filter_runs(rows: Sequence[Row]) -> list[Row]:
    """The filters, and the runs that pass them."""
    models = tuple(n for n in (*MODELS, *CLASSICAL, OWN, BROUGHT_IN) if any(row.model == n for row in rows))
    known = {"all", "own", "shipped", *map(_whose, rows)}
    offered = tuple(one for one in WHOSE if one in known)
    whose = state.segmented("Whose", "whose", offered, format_func=WHOSE.__getitem__)
    told = {"placeholder": "All models", "format_func": _model_words, "width": 280}
    chosen = state.multiselect("Models", "models", models, **told)
    text = state.text("Words in name, note or recipe", "words", width=240, placeholder="adam rotation")
    wanted = text.casefold().split()
    return [
        row
        for row in rows
        if whose in ("all", _whose(row))
        and (not chosen or row.model in chosen)
        and all(word in _searched(row) for word in wanted)
    ]


def _model_words(name: str) -> str:
    return {OWN: "Own networks", BROUGHT_IN: "Brought in"}.get(name) or get_trainable(name).title


def _whose(row: Row) -> str:
    if row.run.shipped:
        return "shipped"
    return "own" if row.own else "others"


def _searched(row: Row) -> str:
    recipe = " ".join(f"{name} {words}" for name, words in recipe_words.in_words(row.recipe)) if row.recipe else ""
    return f"{row.run.id} {parts.run_title(row)} {row.label.note} {recipe} {row.state}".casefold()


def runs_table(rows: Sequence[Row], on_pick: Callable[[list[Row]], None]) -> None:
    """`on_pick` is called with the runs whose lines are chosen, after each change."""
    if not rows:
        st.info("No run passes these filters.", icon=":material/filter_list:")
        return
    names = parts.name_runs(list(rows))
    key = f"runs-{'-'.join(sorted({row.run.id[-4:] for row in rows}))}-{len(rows)}"  # other lines: nothing is chosen
    choosing_table(
        [_line(row, names[row.run.id]) for row in rows],
        _columns(),
        lambda places: on_pick([rows[place] for place in places]),
        key=key,
        height="content" if len(rows) <= MOST_LINES else 560,
    )
    st.caption("Choose a line to see what can be done with its run, or several to compare them.")


def _line(row: Row, name: str) -> dict:
    result = row.result
    held = {
        "Name": name,
        "Whose": _whose(row),
        "State": parts.STATE_WORDS[row.state][0],
        "Accuracy": None if row.test_accuracy is None else 100 * row.test_accuracy,
        "Validation accuracy": None if row.val_accuracy is None else 100 * row.val_accuracy,
        "Minutes": result.seconds / 60 if result else None,
        "Comes with": ", ".join(_files(row)) if result else None,
        "Note": row.label.note.replace("\n", " "),
        "Run": row.run.id,
    }
    return held | (_recipe(row.recipe) if row.recipe else {})


def _files(row: Row) -> list[str]:
    """Which networks can be downloaded; a shipped run's Keras model is made of its ONNX model where it is missing."""
    found = [word for file, word in FILES.items() if row.has(file)]
    return list(FILES.values()) if row.run.shipped and found and row.kind == "network" else found


def _recipe(recipe: Recipe) -> dict:
    model = zoo.find(recipe)
    if zoo.kind_of(recipe) == "brought in":
        return {"Model": zoo.model_of(recipe).title}
    said = {
        "Model": model.title if model else recipe.model,
        "Training pictures": len(split_indices(recipe).train),
        "Validation pictures": recipe.split.validation,
        "Seed": recipe.seed,
    }
    if not recipe.has_epochs:
        return said
    return said | {
        "Epochs": " + ".join(str(stage.epochs) for stage in recipe.stages),
        "Batch size": recipe.batch_size,
        "Optimizer": recipe.optimizer.name,
        "Learning rate": recipe.optimizer.learning_rate,
        "Augmentation": ", then ".join(map(_augmentation, recipe.stages)),
    }


def _augmentation(stage: Stage) -> str:
    return recipe_words.changes(stage.augmentation) if stage.augmentation else "none"


def _columns() -> dict:
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    return {
        "Name": text(pinned=True, width=230),
        "Whose": text(width=75),
        "State": text(width=85),
        "Accuracy": number(width=85, format="%.2f %%", help=f"On the test pictures. {glossary.term('Accuracy')}"),
        "Validation accuracy": number(format="%.2f %%", help=glossary.term("Validation split")),
        "Model": text(width=220),
        "Epochs": text(width=80, alignment="right", help=f"Of each stage. {glossary.several('Epoch', 'Stage')}"),
        "Batch size": number(width=90, help=glossary.term("Batch size")),
        "Optimizer": text(width=90, help=glossary.term("Optimizer")),
        "Learning rate": number(width=110, format="%g", help=glossary.term("Learning rate")),
        "Augmentation": text(width=200, help=f"Of each stage. {glossary.term('Augmentation')}"),
        "Training pictures": number(format="localized"),
        "Validation pictures": number(format="localized", help=glossary.term("Validation split")),
        "Seed": number(width=80, help=glossary.term("Seed")),
        "Minutes": number(width=90, format="%.1f", help="Of training, on the machine that the run names."),
        "Comes with": text(width=110, help="Files of its network. –: it has none yet, or ships without."),
        "Note": text(width=240),
        "Run": text(width=300, help="As the command line calls it."),
    }
