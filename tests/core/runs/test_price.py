"""What accuracy costs: the Pareto front counted by hand, and what a run costs.

Run: python -m pytest tests/core/runs/test_price.py
"""

from fmnist_core.runs import catalogue, price, runs
from fmnist_core.runs.price import Price
from tests.fitted import WITH_ONNX, fit


def made(name: str, seconds: float, accuracy: float, group: str = "Networks") -> Price:
    return Price(name, name, group, seconds, 10 * seconds, accuracy, accuracy - 0.01, accuracy + 0.01)


def test_the_front_is_what_nothing_beats():
    costs, accuracies = [1, 2, 3, 4, 4], [0.5, 0.8, 0.7, 0.9, 0.85]
    assert price.front(costs, accuracies).tolist() == [True, True, False, True, False]


def test_equals_stay_on_the_front_together():
    assert price.front([1, 1, 2], [0.5, 0.5, 0.5]).tolist() == [True, True, False]


def test_the_front_in_words_goes_from_cheap_to_dear():
    found = [made("best", 100, 0.9), made("slow", 200, 0.8), made("tree", 1, 0.7, price.GROUPS[0])]
    words = price.front_in_words(found, "seconds")
    assert words.startswith("On the Pareto front, from the fastest up: tree (70.0 %), best (90.0 %).")
    assert price.front_in_words([], "bytes") == ""


def test_a_run_costs_its_fit_and_its_file(runs_folder):
    run = fit(WITH_ONNX)
    rows = [row for row in catalogue.list_rows() if row.usable]
    found = price.prices(rows, {row.run.id: row.title for row in rows})
    result = runs.read_result(run)
    own = next(one for one in found if one.run_id == run.id)
    assert (own.seconds, own.bytes, own.group) == (result.seconds, result.model_bytes, "Own runs")
    network = next(row for row in rows if row.run.shipped and row.model == "cnn_1")
    assert next(one for one in found if one.run_id == network.run.id).bytes == 4 * network.result.parameters
    assert [one.accuracy for one in found] == sorted((one.accuracy for one in found), reverse=True)
