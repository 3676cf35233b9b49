"""Data's label sets: what is listed, imported, kept, taken back and compared.

Run: python -m pytest tests/app/data/test_label_sets_panel.py
"""

import json

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.analysis import label_set_files
from fmnist_core.analysis.label_set import Decision, LabelSet
from fmnist_core.data import CLASS_NAMES, load_split
from fmnist_core.label_audit import audit_decisions, label_sets
from fmnist_ui import uploads
from tests.app.test_pages import open_page, sentences

MINE = {
    "test/0": Decision("keep"),
    "test/1": Decision("relabel", 4),
    "train/2": Decision("ambiguous"),
    "test/3": Decision("ambiguous"),
}
BOB = LabelSet("Bob's", {"test/0": Decision("keep"), "test/1": Decision("keep"), "test/3": Decision("relabel", 3)})


def opened(**parameters: str) -> AppTest:
    app = open_page("data.py", what="labels", **parameters)
    assert not app.exception, app.exception[0].message
    return app


def text(app: AppTest) -> str:
    """Without the marks that keep what visitors wrote from being read as Markdown."""
    shown = (app.markdown, app.caption, app.info, app.success)
    return " ".join(element.value for kind in shown for element in kind).replace("\\", "")


def tiles(app: AppTest) -> list[dict]:
    (found,) = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_gallery"]
    return json.loads(found.proto.json)["tiles"]


def imported(app: AppTest, name: str, content: bytes) -> AppTest:
    app.file_uploader[0].upload(name, content, "text/csv").run()
    assert not app.exception, app.exception[0].message
    return app


def test_a_file_that_was_too_much_beside_others_is_said():
    app = imported(opened(), "Bob_2.csv", uploads.LEFT_OUT)
    assert "With the other files of this tab that would be more than" in sentences(app) and not label_sets.list_sets()


def test_where_there_is_none_it_says_what_one_is():
    app = opened()
    assert "A label set is what somebody decides about labels" in text(app)
    app.button(key="to-suspects").click().run()
    assert not app.exception and app.query_params["what"] in ("suspects", ["suspects"])


def test_ones_own_decisions_are_the_first_set():
    audit_decisions.replace_all(MINE)
    app = opened()
    said = text(app)
    assert "**My decisions**: 4 decisions; 0 relabelled, 1 ambiguous and 0 kept of the training pictures; 1" in said
    assert [one["detail"] for one in tiles(app)] == ["to Coat", "ambiguous", "ambiguous", "kept"]
    app = opened(picture="test/1")
    assert "My decisions: **to Coat**" in text(app)


def test_a_file_is_imported_beside_them():
    audit_decisions.replace_all(MINE)
    app = imported(opened(), "Bob_2.csv", label_set_files.to_csv(BOB.decisions).encode())
    assert "Bob 2 is kept here: 3 decisions." in text(app)
    found = {one.labels.name: one for one in label_sets.list_sets()}
    assert set(found) == {"My decisions", "Bob 2"} and audit_decisions.load() == MINE
    assert app.query_params["label_set"] in (found["Bob 2"].id, [found["Bob 2"].id])
    assert "**Bob 2**: 3 decisions" in text(app)
    app.button(key=f"delete-{found['Bob 2'].id}").click().run()
    assert not app.exception and [one.id for one in label_sets.list_sets()] == ["mine"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"picture,decision\n<img src=x>,keep\n", "is no picture"),
        ("a.csv", b"picture,decision\ntrain/0,keep\ntrain/0,keep\n", "decided twice"),
        ("a.json", b'{"format": "fashion-mnist-labels", "version": 1, "name": "<b>", "decisions": []}', "no picture"),
        ("a.csv", b"\x00\xff", "UTF-8"),
    ],
)
def test_a_hostile_file_gets_one_sentence(name, content, sentence):
    app = imported(opened(), name, content)
    assert len(app.error) == 1 and sentence in app.error[0].value and "<" not in app.error[0].value
    assert not label_sets.list_sets()


def test_a_copy_is_kept_and_one_begins_anew():
    audit_decisions.replace_all(MINE)
    app = opened()
    app.text_input[0].set_value("Anna")
    next(one for one in app.button if one.label == "Keep").click().run()
    assert not app.exception and "Anna is kept as it is now." in text(app)
    app = opened()
    app.button(key="begin-anew").click().run()
    assert not app.exception and audit_decisions.load() == {}
    assert [(one.labels.name, dict(one.labels.decisions)) for one in label_sets.list_sets()] == [("Anna", MINE)]


def test_two_people_are_compared_and_the_address_names_them():
    audit_decisions.replace_all(MINE)
    bob = label_sets.keep(BOB)
    app = opened(label_set="mine", labels_beside=bob)
    said = text(app)
    assert "both decided about 3 pictures; alone, My decisions about 1 and Bob's about 0." in said
    assert "They agree on what 1 of 3 are: 33.33 %" in said and "**Cohen's kappa is 0.25" in said
    assert app.dataframe[0].value.to_numpy().tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert [one["detail"] for one in tiles(app)] == ["to Coat / kept", "ambiguous / to Dress"]
    places = [int(one["label"].split(":")[0].removeprefix("test/")) for one in tiles(app)]
    named = [CLASS_NAMES[label] for label in load_split("test").labels[places]]
    assert [one["caption"] for one in tiles(app)] == named
    app = opened(label_set="mine", labels_beside=bob, picture="test/3")
    assert "My decisions: **ambiguous** · Bob's: **to Dress**" in text(app) and "2 of 2" in text(app)
    assert not [one for one in opened(label_set="mine", picture="test/0").error]


def test_damaged_decisions_hide_no_other_set():
    label_sets.keep(BOB)
    audit_decisions.decide("test/0", Decision("keep"))
    audit_decisions.decisions_file().write_text("{")
    app = opened()
    assert "The decisions about labels cannot be read" in sentences(app) and "**Bob's**: 3 decisions" in text(app)


def test_an_address_that_names_no_set_is_said():
    audit_decisions.replace_all(MINE)
    assert "The label set of the address is not here" in sentences(opened(label_set="set_000000000000"))
    assert "it is not the name of a label set" in sentences(opened(label_set="<b>"))
    other = label_sets.keep(LabelSet("Cem", {"test/77": Decision("keep")}))
    assert "have decided about no picture in common" in text(opened(label_set="mine", labels_beside=other))
