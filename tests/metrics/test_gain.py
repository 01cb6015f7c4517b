"""Delta-m by hand, with its sign."""

import numpy as np
import pytest

from moo.metrics import delta_m


def test_drop_counts_losses_up_and_gain_counts_them_down():
    """An accuracy 10 % up and an error 30 % up: mean drop (-10 + 30) / 2."""
    arguments = ([0.55, 1.3], [0.5, 1.0], [True, False])
    assert delta_m(*arguments) == pytest.approx(10.0)
    assert delta_m(*arguments, convention="gain") == pytest.approx(-10.0)


def test_the_baseline_itself_has_none():
    assert delta_m([0.5, 2.0, 7.0], [0.5, 2.0, 7.0], [True, False, True]) == 0.0


def test_a_failed_metric_is_not_hidden():
    assert np.isnan(delta_m([0.5, np.nan], [0.5, 1.0], [True, True]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], []), r"values: must have shape \(K,\) with K > 0, got \(0,\)"),
        (([1.0], [1.0, 2.0], [True]), r"baseline: must have shape \(1,\)"),
        (([1.0], [1.0], [True, False]), r"higher_is_better: must have shape \(1,\)"),
        (([1.0], [1.0], [1]), "higher_is_better: must be booleans, got dtype int64"),
        (([1.0], [0.0], [True]), "baseline: must be positive"),
        (([1.0], [1.0], [True], "up"), "convention: must be one of .*got 'up'"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        delta_m(*arguments)
