import numpy as np
import pytest

from benchmarks.statistics import Choice, LogUniform, Simplex, Uniform, choose, trials

RATE = LogUniform(1e-4, 1e-1, default=1e-3)


def test_every_method_tries_as_often_and_the_same_learning_rates():
    spaces = [{}, {"c": Uniform(0.0, 1.0, 0.4)}, {"weights": Simplex(3), "n": Choice((1, 2), 1)}]
    found = [trials(RATE, space, count=9, seed=4) for space in spaces]
    rates = np.array([[trial["learning_rate"] for trial in one] for one in found])
    assert rates.shape == (3, 9)
    np.testing.assert_array_equal(rates, np.broadcast_to(rates[0], rates.shape))


def test_the_published_setting_comes_first():
    space = {"weights": Simplex(4), "c": Uniform(0.0, 1.0, 0.4)}
    first = {"learning_rate": 1e-3, "weights": (0.25,) * 4, "c": 0.4}
    assert trials(RATE, space, count=1) == (first,)
    assert trials(RATE, space, count=5)[0] == first


def test_trials_are_spread_more_evenly_than_random_ones():
    exponents = np.log10([t["learning_rate"] for t in trials(RATE, {}, count=33)[1:]])
    # 32 points of base 2, one in each 32nd of the three decades.
    np.testing.assert_array_equal(np.sort(np.floor((exponents + 4) / 3 * 32)), np.arange(32))


def test_seeds_repeat_and_differ():
    space = {"c": Uniform(0.0, 1.0, 0.4)}
    assert trials(RATE, space, 5, seed=1) == trials(RATE, space, 5, seed=1)
    assert trials(RATE, space, 5, seed=1) != trials(RATE, space, 5, seed=2)


def test_more_trials_begin_with_the_fewer():
    assert trials(RATE, {}, 8)[:5] == trials(RATE, {}, 5)


@pytest.mark.parametrize(
    ("space", "count", "message"), [({}, 0, "count"), ({"learning_rate": RATE}, 1, "space")]
)
def test_unfair_requests_are_refused(space, count, message):
    with pytest.raises(ValueError, match=message):
        trials(RATE, space, count)


def test_the_choice_has_the_best_mean_rank_over_metrics():
    validation = np.array(
        [[[0.9, 0.9], [5.0, 5.0]], [[0.8, 1.0], [1.0, 1.0]], [[0.7, 0.7], [9.0, 9.0]]]
    )
    found = choose(validation, higher_is_better=[True, False])
    np.testing.assert_array_equal(found.mean_ranks, [1.75, 1.25, 3.0])
    assert found.trial == 1


def test_the_earliest_of_equal_trials_is_chosen():
    assert choose(np.ones((3, 1, 2)), higher_is_better=True).trial == 0


def test_failed_trials_are_counted_and_come_last():
    found = choose([[[np.nan, np.nan]], [[0.1, np.nan]]], higher_is_better=True)
    assert found.trial == 1
    np.testing.assert_array_equal(found.failures, [2, 1])
    with pytest.raises(ValueError, match="none of 2 trials finished"):
        choose(np.full((2, 1, 1), np.nan), higher_is_better=True)
