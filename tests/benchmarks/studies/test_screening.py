import itertools

import numpy as np
import pytest

from benchmarks.studies._screening import by_chance, choose, score

# Scaled by the range [0, 4] of both objectives: quarters.
POOL = np.array([[0.0, 4.0], [1.0, 1.0], [4.0, 0.0], [3.0, 3.0], [4.0, 4.0]])


def test_each_preference_in_turn_takes_the_best_that_is_left():
    # w = (0, 1), (1/2, 1/2), (1, 0); scores are max(w f) + f_1 / 1000 + f_2 / 1000.
    chosen = choose(POOL, 5, partitions=2).tolist()
    # (0, 1): row 2. (1/2, 1/2): row 1. (1, 0): row 0. (0, 1) again: row 3 before row 4.
    assert chosen == [2, 1, 0, 3, 4]
    assert choose(POOL, 2, partitions=2).tolist() == [2, 1]
    assert choose(POOL, 9, partitions=2).tolist() == chosen


def test_of_two_that_tie_the_better_one_is_chosen():
    tied = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    assert choose(tied, 1).tolist() == [1]


def test_units_do_not_matter():
    other_units = POOL * [1000.0, 0.01] + [5.0, -7.0]
    assert choose(other_units, 3).tolist() == choose(POOL, 3).tolist()
    assert score(other_units, np.array([1])).share == pytest.approx(
        score(POOL, np.array([1])).share
    )


def test_score_by_hand():
    # Row 1 is (0.25, 0.25): it dominates 0.85 x 0.85 below the corner 1.1.
    alone = score(POOL, np.array([1]))
    assert (alone.pool, alone.chosen) == (5, 1)
    assert alone.hypervolume == pytest.approx(0.85**2)
    # Row 0 at (0, 1) adds a strip of 0.25 x 0.1, row 2 at (1, 0) another one.
    assert alone.share == pytest.approx(0.85**2 / (0.85**2 + 2 * 0.25 * 0.1))
    assert score(POOL, np.array([2, 1, 0])).share == pytest.approx(1.0)
    assert score(POOL, np.array([4])).hypervolume == pytest.approx(0.1**2)


def test_score_in_three_objectives_by_hand():
    cube = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    # 1.1 x 1.1 x 0.1, then 0.1 x 0.1 x 1.1 of which 0.1 x 0.1 x 0.1 is shared.
    assert score(cube, np.array([0])).hypervolume == pytest.approx(0.121)
    assert score(cube, np.array([0, 1])).hypervolume == pytest.approx(0.121 + 0.011 - 0.001)


def test_a_goal_that_is_the_same_for_all_does_not_count():
    flat = np.array([[0.0, 3.0], [1.0, 3.0]])
    # (0, 0) dominates 1.1 x 1.1, (1, 0) dominates 0.1 x 1.1.
    assert score(flat, np.array([1])).share == pytest.approx(0.1 / 1.1)
    assert choose(flat, 1).tolist() == [0]


def test_chance_is_near_the_mean_over_all_choices():
    every = [score(POOL, np.array(rows)).share for rows in itertools.combinations(range(5), 2)]
    assert by_chance(POOL, 2, draws=1000) == pytest.approx(np.mean(every), abs=0.05)
    assert by_chance(POOL, 2) == by_chance(POOL, 2)
    assert by_chance(POOL, 9) == pytest.approx(1.0)


@pytest.mark.parametrize("values", [np.zeros((0, 2)), np.zeros(3), np.array([[np.nan, 1.0]])])
def test_what_cannot_be_screened_is_refused(values):
    with pytest.raises(ValueError, match="predicted must be"):
        choose(values, 1)
    with pytest.raises(ValueError, match="measured must be"):
        score(values, np.array([0]))


def test_nothing_to_choose():
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        choose(POOL, 0)
