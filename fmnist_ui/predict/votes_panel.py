"""Several runs vote on one picture, and how far they disagree."""

from collections import Counter

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import glossary
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.photo.steps import Prepared
from fmnist_core.runs import catalogue
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts, parts
from fmnist_ui.predict import photo_answers
from fmnist_ui.widgets.hostile_text import literal

VOTERS = 3  # to begin with
FIRST_ON_TOUCH = ("Says", "Confidence", "Run", "Then")  # the answer in sight without scrolling
MOST_VOTERS = 12


def show(row: Row, prepared: Prepared, key: str) -> None:
    """The runs' answers, what they say together, and who is of another opinion."""
    rows = {one.run.id: one for one in cached.list_rows() if one.has("model.onnx")}
    chosen = st.multiselect(
        "Who votes",
        tuple(rows),
        default=[run_id for run_id in first_voters(row, list(rows.values())) if run_id in rows],
        format_func=lambda run_id: parts.run_title(rows[run_id]),
        max_selections=MOST_VOTERS,
        key=f"{key}-voters",
    )
    answers: dict[str, PhotoAnswer] = {}
    for run_id in chosen:
        try:
            answers[run_id] = photo_answers.answer(rows[run_id], prepared)
        except (RunError, ValueError) as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")
    if not answers:
        st.info("Choose two runs or more.", icon=":material/how_to_vote:")
        return
    st.markdown(disagreement(list(answers.values())))
    st.dataframe(
        pd.DataFrame(
            {
                "Run": [parts.run_title(rows[run_id]) for run_id in answers],
                "Says": [answer.label for answer in answers.values()],
                "Confidence": [100 * answer.confidence for answer in answers.values()],
                "Then": [", ".join(name for name, _ in answer.top()[1:]) for answer in answers.values()],
            }
        ),
        hide_index=True,
        column_order=FIRST_ON_TOUCH if charts.on_touch() else None,
        column_config={
            "Confidence": st.column_config.ProgressColumn(
                format="%.0f %%", min_value=0, max_value=100, width=110, help=glossary.term("Confidence")
            )
        },
        key=f"{key}-votes",
    )


def first_voters(row: Row, rows: list[Row]) -> list[str]:
    """The run that is looked at, and of other models the best by validation, one each."""
    best: dict[str, Row] = {}
    for one in rows:
        if one.model != row.model:
            better = catalogue.default_run([one, *([best[one.model]] if one.model in best else [])])
            best[one.model] = better or one
    others = sorted(best.values(), key=lambda one: one.val_accuracy or 0.0, reverse=True)
    return [row.run.id, *(one.run.id for one in others[: VOTERS - 1])]


def disagreement(answers: list[PhotoAnswer]) -> str:
    """Who says what, and what they say together: the mean of their probabilities, class by class."""
    votes = Counter(answer.label for answer in answers)
    together: dict[str, float] = {}
    for answer in answers:
        for name, probability in zip(answer.names, answer.probabilities, strict=True):
            together[name] = together.get(name, 0.0) + float(probability) / len(answers)
    first = max(together, key=lambda name: together[name])
    mean = f"Their mean says {literal(first)}, {parts.percent(together[first], 0)}."
    if len(answers) == 1:
        return "One voter cannot disagree. Choose another run."
    if len(votes) == 1:
        return f"All {len(answers)} agree: **{literal(first)}**. {mean}"
    said = [f"{count} of {len(answers)} say{'s' * (count == 1)} {literal(name)}" for name, count in votes.most_common()]
    apart = 1 - sum(np.square(list(votes.values()))) / len(answers) ** 2
    pairs = apart * len(answers) / (len(answers) - 1)
    return f"**They disagree:** {', '.join(said)}. {parts.percent(pairs, 0)} of all pairs differ. {mean}"
