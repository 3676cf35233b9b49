"""Draws what a question's answer is: each kind of reveal, larger where it is presented."""

import html
from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core import data
from fmnist_core.analysis.robustness import CHANGES
from fmnist_core.figures.calibration import reliability_diagram
from fmnist_core.figures.curves import learning_curves
from fmnist_core.figures.robustness import severity_sweep
from fmnist_core.lessons import reveals
from fmnist_core.lessons.reveals import Reveal
from fmnist_ui import charts
from fmnist_ui.lessons import drawn

PRESENTED_TYPE, PRESENTED_HEIGHT = 28, 440  # pixels, of a chart


def show(reveal: Reveal, said: Any, key: str, presented: bool, verdict: reveals.Answers | None = None) -> None:
    """said: what was answered, None where nothing was. verdict: of a drawing that was made."""
    if isinstance(reveal, reveals.Curves):
        _chart(learning_curves(reveal.rows, reveal.metric), key, "Learning curves", presented)
    elif isinstance(reveal, reveals.Diagram):
        _chart(reliability_diagram(reveal.reliability), key, "Accuracy of answers by their confidence", presented)
    elif isinstance(reveal, reveals.Severity):
        change = CHANGES[reveal.change.name]
        figure = severity_sweep(change, {reveal.title: reveal.sweep}, reveal.names, "all", reveal.pictures)
        _chart(figure, key, f"Accuracy against severity: {change.title}", presented)
    elif isinstance(reveal, reveals.Leaderboard):
        return  # who shows it has the class' trainings
    elif isinstance(reveal, reveals.Drawn):
        st.html(_drawn(reveal, verdict))
    else:
        st.html(_IN_HTML[type(reveal)](reveal, said))


def _chart(figure: Any, key: str, alt: str, presented: bool) -> None:
    if presented:
        type_ = {"size": PRESENTED_TYPE}
        figure.update_layout(font=type_, height=PRESENTED_HEIGHT, legend={"font": type_}, hoverlabel={"font": type_})
        figure.update_traces(line={"width": 5}, selector={"type": "scatter"})
        figure.update_annotations(font=type_)
        figure.update_xaxes(tickfont=type_, title_font=type_, nticks=6)
        figure.update_yaxes(tickfont=type_, title_font=type_, nticks=5)
    charts.draw(figure, key=f"{key}-chart", alt=alt, file="lesson")


def _number_line(reveal: reveals.NumberLine, said: Any) -> str:
    return drawn.number_line(reveal, said if isinstance(said, float) else None)


def _class_bars(reveal: reveals.ClassBars, said: Any) -> str:
    rows = [
        drawn.bar(
            name,
            interval.value,
            f"{100 * interval.value:.1f} %",
            drawn.colour_of(name),
            name in (reveal.marked, said),
            (interval.low, interval.high),
        )
        for name, interval in zip(reveal.names, reveal.intervals, strict=True)
    ]
    return f"<b>{html.escape(reveal.measure)}</b>{''.join(rows)}"


def _answers(reveal: reveals.Answers, said: Any) -> str:
    best = reveal.names[int(reveal.probabilities.argmax())]
    shown = drawn.pictures([(reveal.image, f"The picture, called {best}", "")], 8)
    return f"{shown}<p></p>{drawn.probabilities(reveal.names, reveal.probabilities, 4)}"


def _before_after(reveal: reveals.BeforeAfter, said: Any) -> str:
    sides = [(reveal.before, "As it is"), (reveal.after, reveal.change)]
    return "".join(
        f"<b>{html.escape(words)}</b><div class='lesson-beside'>{drawn.picture(one.image, words)}"
        f"<div>{drawn.probabilities(one.names, one.probabilities, 3)}</div></div>"
        for one, words in sides
    )


def _confusions(reveal: reveals.Confusions, said: Any) -> str:
    rows = [
        drawn.bar(name, count / reveal.rows[0][1], f"{count:,}", drawn.colour_of(name), place == 0 or name == said)
        for place, (name, count) in enumerate(reveal.rows[:5])
    ]
    pictures = drawn.pictures([(one.image, f"{one.label}, called {one.called}", "") for one in reveal.tiles], 4)
    label = html.escape(reveal.label)
    return (
        f"<b>{label}, called something else</b>{''.join(rows)}<p class='lesson-quiet'>Some of the first:</p>{pictures}"
    )


def _heat(reveal: reveals.Heat, said: Any) -> str:
    shown = [
        (reveal.answers.image, "The picture", "The picture"),
        (drawn.heat(reveal.answers.image, reveal.values), "The picture with what matters in red", "Red: it matters"),
    ]
    return drawn.pictures(shown, 8) + drawn.probabilities(reveal.answers.names, reveal.answers.probabilities, 3)


def _versus(reveal: reveals.Versus, said: Any) -> str:
    names = [mark.name for mark in reveal.marks]
    told = [
        ("Both right", reveal.both),
        (f"Only {names[0]} right", reveal.only[0]),
        (f"Only {names[1]} right", reveal.only[1]),
        ("Both wrong", reveal.neither),
    ]
    cells = "".join(f"<div><b>{count:,}</b> {html.escape(words)}</div>" for words, count in told)
    return f"{drawn.versus(reveal.marks)}<div class='lesson-two'>{cells}</div>"


def _ranking(reveal: reveals.Ranking, said: Any) -> str:
    return drawn.ranking(reveal.rows, said if isinstance(said, (tuple, list)) else None)


def _gallery(reveal: reveals.Gallery, said: Any) -> str:
    return drawn.tiles(reveal.tiles, 9 if len(reveal.tiles) == 1 else 6)


def _features(reveal: reveals.Features, said: Any) -> str:
    maps = [(one, f"Channel {place} of those that vary most", "") for place, one in enumerate(reveal.maps, start=1)]
    return drawn.pictures([(reveal.image, "The picture", "")], 5) + "<br>" + drawn.pictures(maps, 4)


def _suspect(reveal: reveals.Suspect, said: Any) -> str:
    shown = drawn.pictures([(reveal.image, f"Labelled {reveal.label}", f"Label: {reveal.label}")], 8)
    return f"<div class='lesson-two'>{shown}<div>{drawn.probabilities(reveal.names, reveal.probabilities)}</div></div>"


def _drawn(reveal: reveals.Drawn, verdict: reveals.Answers | None) -> str:
    examples = drawn.pictures(
        [(one.image, f"A training picture labelled {one.label}", "") for one in reveal.examples], 4
    )
    if verdict is None:
        return examples
    label = html.escape(reveal.label)
    return f"{_answers(verdict, None)}<p class='lesson-quiet'>Training pictures labelled {label}:</p>{examples}"


def _quiz(reveal: reveals.Quiz, said: Any) -> str:
    """Accuracy of who answered beside networks and people, then where these differ."""
    names = [data.CLASS_NAMES[label] for label in reveal.labels]
    rows = []
    if said:
        right = sum(one == name for one, name in zip(said, names, strict=True))
        rows.append(drawn.bar("You", right / len(names), f"{100 * right / len(names):.0f} %", drawn.YOURS, True))
    for mark in reveal.marks:
        ends = None if mark.low is None or mark.high is None else (mark.low / 100, mark.high / 100)
        colour = drawn.PUBLISHED if mark.published else drawn.TRUTH
        rows.append(drawn.bar(mark.name, mark.value / 100, f"{mark.value:.3g} %", colour, False, ends))
    images = data.load_split("test").images
    wrong = [place for place, name in enumerate(names) if said and said[place] != name]
    shown = [(images[reveal.places[one]], names[one], f"{names[one]}; you: {said[one]}") for one in wrong[:6]]
    return "".join(rows) + (f"<p></p>{drawn.pictures(shown, 5)}" if shown else "")


def _words(reveal: reveals.Words, said: Any) -> str:
    return f"<p><b>{html.escape(reveal.text)}</b></p>"


_IN_HTML: dict[type, Callable[[Any, Any], str]] = {
    reveals.NumberLine: _number_line,
    reveals.ClassBars: _class_bars,
    reveals.Answers: _answers,
    reveals.BeforeAfter: _before_after,
    reveals.Confusions: _confusions,
    reveals.Heat: _heat,
    reveals.Versus: _versus,
    reveals.Ranking: _ranking,
    reveals.Gallery: _gallery,
    reveals.Features: _features,
    reveals.Suspect: _suspect,
    reveals.Words: _words,
    reveals.Quiz: _quiz,
}
