from dataclasses import replace

import numpy as np
import pytest

from benchmarks import reports
from benchmarks.reports._grid import by_trial, choice, choices, largest_complete
from benchmarks.statistics import Metric
from tests.benchmarks.reports.cells import CELL, write_cell

GAP = Metric("gap", higher_is_better=False, margin=0.0)
GAIN = Metric("gain", higher_is_better=True, margin=0.0)


@pytest.fixture
def chosen(tmp_path):
    """The learning rate that is chosen among trials `{rate: (gaps, gains)}`."""

    def choose(trials, *metrics):
        for rate, (gaps, gains) in trials.items():
            for seed, (gap, gain) in enumerate(zip(gaps, gains, strict=True)):
                cell = replace(CELL, learning_rate=rate, seed=seed)
                write_cell(tmp_path, cell, gap, more={"gain": gain})
        found = by_trial(reports.read(tmp_path).runs)
        return found[choice(found, metrics or (GAP, GAIN))][0].cell.learning_rate

    return choose


def test_the_trial_of_the_best_mean_rank_is_chosen(chosen):
    trials = {0.1: ([3.0, 3.0], [1.0, 1.0]), 0.2: ([1.0, 2.0], [2.0, 2.0])}
    assert chosen(trials) == 0.2


def test_of_equal_trials_the_first_is_chosen(chosen):
    trials = {0.2: ([1.0], [1.0]), 0.1: ([2.0], [2.0])}  # each is best on one metric
    assert chosen(trials) == 0.1


def test_a_trial_that_failed_loses_to_one_that_did_not(chosen):
    assert chosen({0.1: ([None, 0.1], [9.0, 9.0]), 0.2: ([3.0, 2.0], [1.0, 1.0])}) == 0.2
    assert chosen({0.1: ([None, 0.1], [9.0, 9.0]), 0.2: ([3.0, None], [1.0, 1.0])}) == 0.1


def test_a_metric_that_a_finished_run_lacks_does_not_decide(chosen):
    trials = {0.1: ([1.0], [None]), 0.2: ([2.0], [5.0])}
    assert chosen(trials) == 0.1


def test_where_all_failed_there_is_nothing_to_choose(chosen):
    assert chosen({0.1: ([None], [1.0]), 0.2: ([None], [1.0])}) == 0.1


def test_other_seeds_choose_where_there_is_no_test_data(tmp_path):
    for rate, gaps in ((0.1, [9.0, 1.0, 1.0]), (0.2, [0.0, 3.0, 3.0])):
        for seed, gap in enumerate(gaps):
            write_cell(tmp_path, replace(CELL, learning_rate=rate, seed=seed), gap)
    found = by_trial(reports.read(tmp_path).runs)
    # Without seed 0 the first trial is better, 1 < 3; without another, (9 + 1) / 2 > (0 + 3) / 2.
    assert choices(found, (GAP,)) == (0, 1, 1)


def test_the_largest_share_of_gaps_goes_first():
    finished = np.ones((4, 5), bool)
    finished[2] = False
    finished[0, 4] = False
    rows, columns = largest_complete(finished, keep=0)
    assert rows.tolist() == [True, True, False, True]
    assert columns.tolist() == [True] * 4 + [False]


def test_the_baseline_stays_even_where_it_lacks_most():
    finished = np.array([[True, False, False], [True, True, True], [True, True, True]])
    rows, columns = largest_complete(finished, keep=0)
    assert rows.all()
    assert columns.tolist() == [True, False, False]


def test_nothing_finished_leaves_nothing():
    rows, columns = largest_complete(np.zeros((2, 2), bool), keep=0)
    assert not (rows[:, None] & columns).any()
