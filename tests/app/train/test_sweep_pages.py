"""Several at once on Train: a sweep is started once, shown as it stands, named by the address, and a line of the list.

Run: python -m pytest tests/app/train/test_sweep_pages.py
"""

import dataclasses
import shlex
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.cli import command_line, sweep_commands
from fmnist_core.demo import limits
from fmnist_core.jobs import lifecycle, status
from fmnist_core.speed.estimate import quick_recipe
from fmnist_core.storage.folders import RunError
from fmnist_core.sweeps import cluster, plan, records, summary, sweep_jobs
from fmnist_core.sweeps.records import Standing, Sweep
from fmnist_core.zoo import get_model
from fmnist_ui import visitor
from tests.app.test_pages import open_page, sentences
from tests.core.sweeps.swept import end, put_run, stored_sweep

QUICK = quick_recipe(get_model("simple_nn").recipe)


@pytest.fixture
def submitted(monkeypatch) -> list:
    """What the page has asked for: a plan, a place, and how long it is expected to take."""
    found: list = []
    real = sweep_jobs.submit

    def submit(made, on, expected):
        found.append((made, on, expected))
        return real(made, on, expected)

    monkeypatch.setattr(sweep_jobs, "submit", submit)
    return found


def markdown(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown)


def keys(app: AppTest) -> list[str]:
    return [one.key for one in app.button]


def vary(app: AppTest, option: str, text: str) -> None:
    app.multiselect(key="sweep-varied").set_value([option]).run()
    (field,) = [one for one in app.text_input if one.key.startswith(f"sweep-{option}")]
    field.set_value(text).run()


# The form


def test_what_the_form_says_is_one_plan_and_two_clicks_are_one_sweep(submitted):
    app = open_page("train.py", model="simple_nn")
    app.number_input(key="sweep-seeds").set_value(2)
    vary(app, "learning-rate", "0.001, 0.01")
    app.multiselect(key="sweep-models").set_value(["cnn_1"]).run()
    assert "**8 trainings**: 4 combinations, 2 seeds each. Fewer than 3 seeds" in markdown(app)
    assert "8 trainings together" in markdown(app)
    app.button(key="start-sweep").click().run()
    (made, on, expected) = submitted[0]
    assert [base.model for base in made.bases] == ["simple_nn", "cnn_1"] and made.bases[0] == QUICK
    assert made.bases[1].epochs == QUICK.epochs and made.bases[1].split == QUICK.split
    assert (made.seeds, made.values) == ((0, 1), {"learning-rate": ("0.001", "0.01")}) and len(made.tasks) == 8
    assert on.startswith("local:") and expected.seconds > 0
    sweep = records.find(str(app.query_params["sweep"]))
    assert sweep.plan == made and "Starting: its process is being prepared." in sentences(app)
    del app.query_params["sweep"]
    app.button(key="start-sweep").click().run()
    assert len(submitted) == 1 and str(app.query_params["sweep"]) == sweep.id and not app.exception


def test_the_command_to_copy_makes_the_same_plan():
    app = open_page("train.py", model="simple_nn")
    vary(app, "augmentation", "none; flip,rotation=8")
    app.multiselect(key="sweep-models").set_value(["minivggnet"]).run()
    app.segmented_control(key="sweep-which").set_value("sample").run()
    app.number_input(key="sweep-sample").set_value(3).run()
    (line,) = [one.value for one in app.code if " sweep " in one.value]
    words = shlex.split(line)
    assert words[:4] == ["python", "-m", "fmnist_core", "sweep"] and words[-2:] == ["--sample", "3"]
    made = sweep_commands._plan(command_line._parser().parse_args(words[3:]))
    assert made.bases[0] == QUICK and made.bases[1].split == QUICK.split and made.bases[1].model == "minivggnet"
    assert made.values == {"augmentation": ("none", "flip,rotation=8")} and len(made.tasks) == 9
    assert "**9 trainings**: 3 combinations, 3 seeds each." in markdown(app)


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.001, fast", "learning-rate cannot be 'fast'. Expected a number."),
        ("", "names no values. Expected such as"),
        ("0.001,,0.1", "names no values. Expected such as"),
        ("-1, 0.1", "learning_rate"),
        (",".join(f"0.{place:03d}1" for place in range(1, 101)), None),
        (",".join(f"0.{place:03d}1" for place in range(1, 102)), "Expected 1 to 100."),
    ],
)
def test_values_that_cannot_be_are_a_sentence(text, words):
    app = open_page("train.py", model="simple_nn")
    vary(app, "learning-rate", text)
    assert not app.exception and "start" in keys(app)
    if words is None:
        assert "**300 trainings**" in markdown(app)
    else:
        assert words in sentences(app) and "start-sweep" not in keys(app)


@pytest.mark.parametrize(
    ("seeds", "words"),
    [(0, "There cannot be 0 seeds"), (10**12, "Expected 1 to 1,000"), (1, "A sweep has several trainings")],
)
def test_seeds_that_make_no_sweep_are_a_sentence(seeds, words):
    app = open_page("train.py", model="simple_nn")
    app.number_input(key="sweep-seeds").set_value(seeds).run()
    assert not app.exception and words in sentences(app) and "start-sweep" not in keys(app)


def test_without_dask_the_command_stands_in_place_of_the_button(monkeypatch):
    def missing():
        raise RunError(cluster.MISSING)

    monkeypatch.setattr(cluster, "require_dask", missing)
    app = open_page("train.py", model="simple_nn")
    assert cluster.MISSING in sentences(app) and "start-sweep" not in keys(app)
    assert any(one.value.startswith("python -m fmnist_core sweep simple_nn ") for one in app.code)
    monkeypatch.setattr(plan, "make", lambda *given: pytest.fail("planned for who may not start it"))
    app.number_input(key="sweep-seeds").set_value(7).run()
    assert not app.exception


def visit(monkeypatch) -> None:
    monkeypatch.setattr(visitor, "at_the_machine", lambda: False)
    monkeypatch.setattr(limits, "free_memory", lambda: 8e9)


def test_a_demo_has_no_sweeps(monkeypatch):
    monkeypatch.setenv("FMNIST_DEMO", "1")
    visit(monkeypatch)
    app = open_page("train.py", model="simple_nn")
    assert sweep_jobs.DEMO in sentences(app) and "start-sweep" not in keys(app) and "start" in keys(app)


def test_a_visitor_has_no_more_trainings_than_the_limits_say(monkeypatch):
    monkeypatch.setenv("FMNIST_LIMITS", "trainings_each=5")
    visit(monkeypatch)
    app = open_page("train.py", model="simple_nn")
    assert "start-sweep" in keys(app)
    app.number_input(key="sweep-seeds").set_value(6).run()
    assert "These are 6, and 5 more may wait or work." in sentences(app) and "start-sweep" not in keys(app)
    monkeypatch.setenv("FMNIST_LIMITS", "epochs=4")
    assert "It has 5 epochs; here 4 fit." in sentences(open_page("train.py", model="simple_nn"))


# The panel


def at_work(sweep: Sweep, **standings: Standing) -> None:
    before = status.read(sweep.folder)
    status.write(sweep.folder, dataclasses.replace(before, state="running", phase="2 running"))
    tasks = dict(zip(("first", "second", "third", "fourth", "fifth", "sixth"), sweep.plan.tasks, strict=False))
    records.write_standings(sweep, {tasks[name].run: one for name, one in standings.items()})


def test_a_sweep_at_work_says_how_far_each_training_is():
    sweep = stored_sweep()
    done = put_run(sweep, 0, 0.8)
    told = {"second": Standing("running", 1, 0.7), "third": Standing("running")}
    at_work(sweep, **told, fourth=Standing("failed", message="It *diverged*."))
    app = open_page("train.py", sweep=sweep.id)
    assert not app.exception
    assert [bar.proto.text for bar in app.get("progress")] == ["1 of 6 done, 2 running, 1 failed, 2 waiting"]
    assert "learning rate 0.001, seed 1: epoch 2 of 2 · validation 70.0 %" in markdown(app)
    assert "learning rate 0.001, seed 2: in its first epoch of 2" in markdown(app)
    assert "learning rate 0.0003, seed 0: It \\*diverged\\*." in markdown(app)
    assert "No combination has all of its 3 seeds yet" in sentences(app)
    app.button(key="open-sweep-run").click().run()
    assert str(app.query_params["run"]) == done
    app.button(key="back").click().run()
    assert "run" not in app.query_params and str(app.query_params["sweep"]) == sweep.id
    app.button(key="stop-sweep").click().run()
    assert lifecycle.is_asked_to_stop(sweep.job) and "kill-sweep" in keys(app)


def finished(**told) -> Sweep:
    sweep = stored_sweep(**told)
    for place, validation in enumerate((0.80, 0.81, 0.82, 0.70, 0.712, 0.719)):
        put_run(sweep, place, validation, test=0.79)
    end(sweep)
    return sweep


def test_a_sweep_that_is_done_says_what_it_shows():
    sweep = finished()
    app = open_page("train.py", sweep=sweep.id)
    assert not app.exception and "stop-sweep" not in keys(app)
    assert "Best by validation\\: learning rate 0.001, 81.00 % ± 1.00" in sentences(app)
    (table,) = [one.value for one in app.dataframe if "Combination" in one.value.columns]
    assert list(table["Combination"]) == ["learning rate 0.001", "learning rate 0.0003"]
    assert list(table["Validation accuracy"]) == ["81.00 ± 1.00 %", "71.03 ± 0.96 %"]
    assert list(table["Real?"]) == ["the best", "yes"] and list(table["Test accuracy"])[1] == "–"
    assert len(app.get("plotly_chart")) == 1 and "**Accuracy against learning rate**" in markdown(app)


def test_where_two_things_vary_they_are_charted_side_by_side_and_one_by_one():
    sweep = finished(values={"learning-rate": ("0.01",), "batch": ("32", "64"), "l2": ("0", "0.1")}, seeds=(0, 1))
    app = open_page("train.py", sweep=sweep.id)
    first = [one.proto.spec for one in app.get("plotly_chart")]
    assert len(first) == 2 and "parcoords" in first[1] and '"32"' in first[0]
    app.segmented_control(key="sweep-against").set_value("l2").run()
    again = [one.proto.spec for one in app.get("plotly_chart")]
    assert not app.exception and again[1] == first[1] and '"0.1"' in again[0]  # which stays as it was zoomed


def test_what_a_sweep_shows_is_worked_out_once_as_long_as_nothing_has_changed(monkeypatch):
    sweep, calls = finished(), []
    real = summary.summarise
    monkeypatch.setattr(summary, "summarise", lambda *given: calls.append(given) or real(*given))
    app = open_page("train.py", sweep=sweep.id)
    app.run()
    assert len(calls) == 1
    shutil.rmtree(records.made_runs(sweep)[0][1].folder)
    app.run()
    assert len(calls) == 2 and "1 of 6 trainings has no result" in sentences(app)


def test_a_sweep_that_was_stopped_goes_on():
    sweep = stored_sweep()
    put_run(sweep, 0, 0.8)
    end(sweep, "cancelled")
    app = open_page("train.py", sweep=sweep.id)
    assert "No combination has all of its 3 seeds yet." in sentences(app)
    app.button(key="resume-sweep").click().run()
    assert lifecycle.read_status(sweep.job).state == "queued" and "stop-sweep" in keys(app)
    app.button(key="stop-sweep").click().run()
    assert lifecycle.read_status(sweep.job).state == "cancelled" and not app.exception


def test_a_sweep_without_any_result_says_so():
    sweep = stored_sweep()
    before = status.read(sweep.folder)
    status.write(sweep.folder, dataclasses.replace(before, state="failed", message="The *machine* broke."))
    app = open_page("train.py", sweep=sweep.id)
    assert "The \\*machine\\* broke" in sentences(app)
    assert "None of its trainings has a result" in sentences(app) and not app.exception


def test_the_list_has_a_line_for_a_sweep_and_none_for_its_runs():
    sweep = finished()
    app = open_page("train.py")
    assert [key for key in keys(app) if key.startswith("open-")] == [f"open-{sweep.id}"]
    assert "Simple NN: learning rate, 3 seeds · sweep of 6 · " in app.button(key=f"open-{sweep.id}").label
    app.button(key=f"open-{sweep.id}").click().run()
    assert str(app.query_params["sweep"]) == sweep.id
    app.button(key="delete-sweep").click().run()
    assert not app.exception and not sweep.folder.exists() and "sweep" not in app.query_params
    assert len([key for key in keys(app) if key.startswith("open-simple_nn-")]) == 6


def test_another_visitors_sweep_can_be_looked_at_and_not_changed(monkeypatch):
    sweep = finished()
    visit(monkeypatch)
    app = open_page("train.py", sweep=sweep.id)
    assert "Best by validation" in sentences(app) and not {"delete-sweep", "resume-sweep"} & set(keys(app))


def test_a_sweep_that_is_nowhere_or_damaged_is_a_sentence():
    app = open_page("train.py", sweep="ffffffff")
    assert "There is no sweep 'ffffffff' here" in sentences(app) and "sweep" not in app.query_params
    sweep = finished()
    (sweep.folder / "status.json").write_bytes(b"garbage")
    app = open_page("train.py", sweep=sweep.id)
    assert "its status.json is damaged" in sentences(app) and "Best by validation" in sentences(app)
    (sweep.folder / "spec.json").write_bytes(b"garbage")
    app = open_page("train.py", sweep=sweep.id)
    assert f"The sweep {sweep.id} is damaged" in sentences(app) and not app.exception


def test_options_that_vary_have_values_to_begin_with_that_can_be_trained():
    app = open_page("train.py", model="cnn_1")
    app.number_input(key="sweep-seeds").set_value(2).run()
    for option in plan.SWEPT:
        asked = ["loss", option] if option == "label-smoothing" else [option]  # which one loss alone has
        app.multiselect(key="sweep-varied").set_value(asked).run()
        assert "start-sweep" in keys(app), (option, sentences(app))
