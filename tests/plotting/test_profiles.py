import numpy as np
import pytest

from moo.plotting import plot_profiles
from moo.plotting._profiles import ratios, steps_of

COSTS = {
    "a": [1.0, 8.0, 3.0, np.inf, 5.0],
    "b": [2.0, 2.0, np.nan, np.inf, 5.0],
}


def share_at(line, x):
    """The height of a step curve at x."""
    return line.get_ydata()[np.searchsorted(line.get_xdata(), x, side="right") - 1]


def test_profiles_by_their_definition():
    figure, axes = plot_profiles(COSTS, cost="seconds")
    values = {label: np.where(np.isnan(c), np.inf, c) for label, c in COSTS.items()}
    for tau in (1.0, 1.5, 2.0, 3.9, 4.0, 4.3):
        for line, own in zip(axes.lines, values.values(), strict=True):
            solved = [
                np.isfinite(own[p]) and own[p] <= tau * min(v[p] for v in values.values())
                for p in range(5)
            ]
            assert share_at(line, tau) == sum(solved) / 5
    assert figure.legends[0].get_title().get_text() == "5 problems"
    assert axes.get_xlabel() == r"seconds / least seconds, $\tau$"
    assert axes.get_xlim() == (1.0, 4.4)


def test_a_problem_that_all_fail_counts_against_all():
    found = ratios({"a": np.array([np.inf, 1.0]), "b": np.array([np.inf, 2.0])})
    assert (found["a"].tolist(), found["b"].tolist()) == ([np.inf, 1.0], [np.inf, 2.0])


def test_targets_of_all_problems_and_seeds_are_counted_together():
    costs = np.random.default_rng(0).exponential(10.0, size=(4, 3, 2))
    costs[0] = np.inf
    figure, axes = plot_profiles({"a": costs}, "ecdf", cost="backward passes")
    (line,) = axes.lines
    for budget in (costs.min(), 2.0, 5.0, 11.0, 30.0):
        assert share_at(line, budget) == np.mean(costs <= budget)
    assert line.get_ydata()[-1] == 0.75
    assert figure.legends[0].get_title().get_text() == "24 targets"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("backward passes", "share of targets")


def test_shares_counted_elsewhere_are_drawn_as_they_are():
    shares = {"a": [0.5, 0.75, 1.0], "b": [0.5, 0.5, 0.5]}
    figure, axes = plot_profiles(shares, at=[1.0, 2.0, 4.0], count=4)
    assert axes.lines[0].get_xdata().tolist() == [1.0, 2.0, 4.0, pytest.approx(4.4)]
    assert axes.lines[0].get_ydata().tolist() == [0.5, 0.75, 1.0, 1.0]
    assert figure.legends[0].get_title().get_text() == "4 problems"


def test_the_axis_can_end_early():
    _, axes = plot_profiles(COSTS, upper=2.0)
    assert axes.lines[0].get_ydata().tolist() == [0.6, 0.6]
    assert axes.lines[1].get_ydata().tolist() == [0.4, 0.6]


def test_equal_values_make_one_step():
    x, y = steps_of(np.array([3.0, 3.0, 5.0]), 3.0, 6.0)
    np.testing.assert_allclose(np.stack([x, y]), [[3, 5, 6], [2 / 3, 1, 1]])


@pytest.mark.parametrize(
    ("costs", "options", "message"),
    [
        ({}, {}, "costs must map at least one label"),
        ({"a": []}, {}, "a shape that is not empty"),
        ({"a": [1.0], "b": [1.0, 2.0]}, {}, "costs must share a shape"),
        ({"a": [0.0, 1.0]}, {}, "must be positive, got 0"),
        ({"a": [np.inf]}, {}, "no method solved a problem"),
        ({"a": [1.0]}, {"upper": 1.0}, "upper must be finite and above 1"),
        ({"a": [1.0]}, {"kind": "cdf"}, 'kind must be "ratio" or "ecdf"'),
        ({"a": [0.1, 1.2]}, {"at": [1, 2]}, r"shares 'a' must be \(2,\), in \[0, 1\]"),
        ({"a": [0.1, 0.2]}, {"at": [2, 1]}, "at must be finite and increase"),
        ({"a": [0.1, 0.2]}, {"at": [0, 1]}, "at must be positive"),
    ],
)
def test_unfit_costs_are_refused(costs, options, message):
    with pytest.raises(ValueError, match=message):
        plot_profiles(costs, **options)
