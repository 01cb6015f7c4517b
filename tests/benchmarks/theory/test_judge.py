import numpy as np

from benchmarks.theory._entrants import OURS
from benchmarks.theory._judge import best_other, final, judge
from benchmarks.theory._measures import MARGINS, Value

NOISE = np.random.default_rng(0).normal(size=20)
MARGIN = MARGINS["gap"]


def gaps(*shifts, horizon=100):
    return [
        Value("gap", f"problem_{i}", horizon, 1 + 0.01 * NOISE + shift)
        for i, shift in enumerate(shifts)
    ]


def test_signs_of_a_lower_an_equal_and_a_higher_gap():
    """The seeds differ by a shift and a little noise of their own."""
    own = np.random.default_rng(1).normal(size=(3, 20)) * MARGIN / 5
    theirs = gaps(0, 0, 0)
    ours = [
        value._replace(seeds=value.seeds + shift + noise)
        for value, shift, noise in zip(theirs, (-5 * MARGIN, 0.0, 5 * MARGIN), own, strict=True)
    ]
    judged = judge(final({"other": theirs, OURS: ours}))
    assert [judged[("gap", f"problem_{i}"), "other"].sign for i in range(3)] == ["+", "=", "−"]
    first = judged[("gap", "problem_0"), "other"]
    assert first.low < 5 * MARGIN < first.high
    np.testing.assert_allclose(first.difference, 5 * MARGIN, rtol=0.1)


def test_a_difference_that_few_seeds_cannot_tell_is_left_open():
    theirs = gaps(0)
    wild = np.random.default_rng(2).normal(size=20) * 50 * MARGIN
    ours = [theirs[0]._replace(seeds=theirs[0].seeds + wild)]
    judged = judge(final({"other": theirs, OURS: ours}))
    assert judged[("gap", "problem_0"), "other"].sign == "?"


def test_the_longest_horizon_counts_and_measures_without_a_number_are_left_out():
    found = {
        "other": [*gaps(0, horizon=10), *gaps(3, horizon=100)],
        "mute": [Value("gap", "problem_0", 100, np.full(20, np.nan))],
        OURS: [*gaps(9, horizon=100), *gaps(0, horizon=10)],
    }
    scores = final(found)
    (row,) = scores.values()
    assert set(row) == {"other", OURS}
    np.testing.assert_allclose(row["other"].mean(), 4, atol=0.01)
    assert best_other(row) == "other"
