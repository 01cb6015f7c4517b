import numpy as np

from benchmarks.theory._entrants import OURS
from benchmarks.theory._judge import final, judge
from benchmarks.theory._measures import MARGINS, Value
from benchmarks.theory._page import write_beside

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


def test_the_longest_horizon_counts_and_methods_without_weights_are_left_out():
    mute = [Value("avoidance", "problem_0", 100, np.full(20, np.nan))]
    found = {
        "other": [*gaps(0, horizon=10), *gaps(3, horizon=100)],
        "mute": mute,
        OURS: [*gaps(9, horizon=100), *gaps(0, horizon=10)],
    }
    scores = final(found)
    row = scores["gap", "problem_0"]
    assert set(row) == {"other", OURS}
    np.testing.assert_allclose(row["other"].mean(), 4, atol=0.01)
    assert ("avoidance", "problem_0") not in scores
    slopes = scores["gap power", "problem_0"]["other"]  # from 1 to 4 over a factor of ten
    np.testing.assert_allclose(slopes, np.log10(4), atol=0.02)


def test_a_failed_run_at_the_longest_horizon_is_worse():
    """Its run at a shorter horizon does not take its place."""
    broken = gaps(-9, horizon=100)[0]
    broken = broken._replace(seeds=np.where(np.arange(20) == 3, np.nan, broken.seeds))
    judged = judge(final({"other": gaps(0), OURS: [*gaps(-9, horizon=10), broken]}))
    assert judged[("gap", "problem_0"), "other"].sign == "−"


def test_a_gain_within_the_margin_is_of_no_consequence():
    theirs = gaps(0)
    ours = [theirs[0]._replace(seeds=theirs[0].seeds - 0.5 * MARGIN + 1e-5 * NOISE)]
    assert judge(final({"other": theirs, OURS: ours}))[("gap", "problem_0"), "other"].sign == "="


def test_cells_of_a_sweep_are_judged_with_their_own_margins(tmp_path):
    """Accuracy counts with a minus sign, so that less is better everywhere."""
    scores = {("ctr_auc", "shop"): {"other": -0.7 + 1e-4 * NOISE, OURS: -0.71 + 1e-4 * NOISE[::-1]}}
    judged = judge(scores, {"ctr_auc": 0.001})
    assert judged[("ctr_auc", "shop"), "other"].sign == "+"
    text = write_beside(scores, {"ctr_auc": 0.001}, "python -m it", tmp_path).read_text()
    assert "| ctr\\_auc, shop | + 0.01 [0.0099, 0.01] |" in text
    assert "| ctr\\_auc | 1 of 1 | 1 of 1 |" in text
