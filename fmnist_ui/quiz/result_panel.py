"""The end of a quiz: the visitor beside the networks and people, in figures, in words and in pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import data, figures, glossary
from fmnist_core.metrics.class_figures import proportion
from fmnist_core.quiz import scoring, words
from fmnist_core.quiz.pictures import called_by_place
from fmnist_core.quiz.scoring import Score
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo.reported import PEOPLE
from fmnist_ui import cached, charts, parts, state
from fmnist_ui.inspect import data_pictures
from fmnist_ui.quiz import drawn
from fmnist_ui.widgets.gallery import Tile
from fmnist_ui.widgets.hostile_text import literal

YOU = "You"
NAMES = data.CLASS_NAMES


@dataclass(frozen=True)
class Result:
    """places: (n,) in the test set. networks: whose answers can be read, each with its row, the flagship first."""

    places: np.ndarray
    labels: np.ndarray
    you: Score
    networks: list[tuple[Row, Score]]

    @property
    def scores(self) -> list[Score]:
        return [self.you, *(one for _, one in self.networks)]


def count(places: Sequence[int], answers: Sequence[int]) -> Result:
    """places: of the pictures in the test set. answers: what the visitor called each."""
    chosen = np.array(places)
    labels = data.load_split("test").labels[chosen]
    rows = drawn.networks()
    titles = parts.name_runs(rows)
    found = [(row, network_score(row, titles[row.run.id], chosen, labels)) for row in rows]
    you = scoring.score(YOU, np.array(answers), labels)
    return Result(chosen, labels, you, [(row, one) for row, one in found if one])


def show_figures(result: Result, hard: bool) -> None:
    left, right = st.columns([6, 5], gap="large")
    with left:
        draw_chart(result.scores, hard)
    with right:
        say(result, hard)


def show_pictures(result: Result) -> None:
    """Where the visitor and the first network are not both right, and how many of each class are."""
    if result.networks:
        show_differences(result, *result.networks[0])
    show_classes(result.labels, result.scores)


def network_score(row: Row, name: str, places: np.ndarray, labels: np.ndarray) -> Score | None:
    """None, with a sentence, where its stored predictions cannot be read."""
    try:
        return scoring.score(name, called_by_place(cached.load_predictions(row.run, "test"))[places], labels)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return None


def draw_chart(scores: Sequence[Score], hard: bool) -> None:
    published = f"{PEOPLE.title}, {'all pictures' if hard else 'published'}"
    chart = figures.accuracy_bars({one.name: one.accuracy for one in scores}, (published, PEOPLE.test_accuracy))
    measured = ", ".join(f"{one.name} {parts.percent(one.accuracy.value)}" for one in scores)
    people = parts.percent(PEOPLE.test_accuracy)
    alt = f"Accuracy on these {len(scores[0].right)} pictures: {measured}. {published}: {people}."
    charts.draw(chart, key="quiz-chart", alt=alt, file="quiz")


def say(result: Result, hard: bool) -> None:
    """What the figures say; at most one sentence a line of the chart, and one about its width."""
    you = result.you
    st.markdown(f"**{words.own_accuracy(you)}**", help=glossary.several("Accuracy", "Interval", "McNemar test"))
    sentences = [words.against(scoring.against(you, one)) for _, one in result.networks]
    sentences.append(words.beside_people(you.accuracy, hard))
    if result.networks and (accuracy := result.networks[0][0].test_accuracy) is not None:
        total = data.SIZES["test"]
        sentences.append(words.width(you, result.networks[0][1].name, proportion(round(accuracy * total), total)))
    st.markdown("\n".join(f"- {literal(sentence)}" for sentence in sentences))


def show_differences(result: Result, row: Row, network: Score) -> None:
    """As pictures; a click opens one. row, network: of the same run."""
    found, name = scoring.differences(result.you, network), network.name
    addresses = [data.picture_address("test", int(place)) for place in result.places]
    touched = charts.on_touch()  # then the opened one comes first: below all the pictures nobody would find it
    side, main = (st.container(), st.container()) if touched else reversed(st.columns([5, 3], gap="large"))
    with main:
        narrow, wide = 100 if touched else 132, 165  # CSS pixels: two answers need more room than one
        for title, chosen, key, size in (
            (f"{name} right, you wrong", found.only_second, "quiz-network", narrow),
            (f"You right, {name} wrong", found.only_first, "quiz-you", narrow),
            ("Both wrong", found.neither, "quiz-neither", wide),
        ):
            st.subheader(literal(f"{title}: {len(chosen)}"))
            tiles = [tile(int(one), result, network) for one in chosen]
            shown = [addresses[one] for one in chosen]
            data_pictures.addressed_gallery(tiles, shown, key=key, label=title, size=size)
        st.caption("Under each picture its label, then what it was called instead. A label can be wrong, too.")
    with side, st.container(key="large"):  # a gallery scrolls to it where it is out of sight
        show_opened(addresses, row)


def tile(number: int, result: Result, network: Score) -> Tile:
    """A picture with its label and what it was called wrongly. number: among the quiz's pictures."""
    you = result.you
    yours, its, label = NAMES[you.called[number]], NAMES[network.called[number]], NAMES[result.labels[number]]
    said = {
        (True, False): f"{network.name}: {its}",
        (False, True): f"you: {yours}",
        (False, False): f"both: {its}" if yours == its else f"you {yours}, it {its}",
    }[bool(you.right[number]), bool(network.right[number])]
    alt = f"Picture {number + 1}: {label}, you called it {yours}, {network.name} {its}"
    picture = data.load_split("test").images[result.places[number]]
    return Tile(picture, label, said, "right" if you.right[number] else "wrong", alt)


def show_opened(addresses: Sequence[str], row: Row) -> None:
    """The picture that was clicked, as the network sees it."""
    opened = state.get("picture")
    if opened not in addresses:
        if not charts.on_touch():
            st.info("Click a picture to see it large, with what the network says of it.", icon=":material/touch_app:")
        return
    st.subheader("Picture")
    data_pictures.open_picture(opened, row, stacked=True)
    st.button("Close", type="tertiary", key="quiz-close", on_click=state.put, kwargs={"picture": None})


def show_classes(labels: np.ndarray, scores: Sequence[Score]) -> None:
    st.subheader("By class")
    support = np.bincount(labels, minlength=len(NAMES))
    asked = np.flatnonzero(support)
    right = {one.name: scoring.right_by_class(one, labels, len(NAMES))[asked] for one in scores}
    table = pd.DataFrame({"Class": [NAMES[label] for label in asked], "Pictures": support[asked], **right})
    st.dataframe(table, hide_index=True, height="content", width="content")
    st.caption("How many of each class were right. The pictures are drawn at random, so a class may be missing.")
