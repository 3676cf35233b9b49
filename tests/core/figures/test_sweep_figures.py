"""Charts of a sweep: where lines and points lie, and that odd names and single ones have a place.

Run: python -m pytest tests/core/figures/test_sweep_figures.py
"""

import numpy as np

from fmnist_core.figures import sweeps


def test_values_lie_in_their_order_and_words_in_that_of_the_combinations():
    texts = [["0.01", "1e-05", "0.001"], ["sgd", "adam", "sgd"]]
    figure = sweeps.parallel_coordinates(["learning rate", "<b>optimizer</b>"], texts, [0.8, 0.7, 0.9])
    rates, names, reached = figure.data[0].dimensions
    assert list(rates["values"]) == [2, 0, 1] and list(rates.ticktext) == ["1e-05", "0.001", "0.01"]
    assert list(names["values"]) == [0, 1, 0] and "<b>" not in names.label
    assert reached.range[0] < 0.7 and reached.range[1] > 0.9


def test_many_values_have_few_names_and_one_combination_has_an_axis():
    many = [[str(value) for value in range(100)]]
    assert (
        len(sweeps.parallel_coordinates(["batch"], many, np.linspace(0, 1, 100)).data[0].dimensions[0].ticktext) == 10
    )
    alone = sweeps.parallel_coordinates(["batch"], [["64"]], [0.5]).data[0].dimensions
    assert alone[0].range[0] < alone[0].range[1] and alone[1].range[0] < 0.5 < alone[1].range[1]


def test_every_training_is_a_point_above_its_value_and_one_alone_has_no_spread():
    figure = sweeps.by_value("batch size", ["64", "8"], [[0.8, 0.9, 0.85], [0.7]])
    points, mean = figure.data
    assert list(figure.layout.xaxis.ticktext) == ["8", "64"]
    assert list(np.round(points.x)) == [0, 1, 1, 1] and len(set(points.x)) == 4
    assert np.allclose(points.y, [0.7, 0.8, 0.9, 0.85]) and np.allclose(mean.y, [0.7, 0.85])
    assert np.isnan(mean.error_y.array[0]) and np.isclose(mean.error_y.array[1], 0.05)
