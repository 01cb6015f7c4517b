import json

import numpy as np
import pytest
from scipy import stats

from benchmarks.statistics import Verdict, verdicts

SEEDS = 5
NOISE = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
BASE = np.stack([0.7 + 0.01 * NOISE, 0.6 + 0.01 * NOISE])


def judged(*shifts, **options):
    """The verdict on a method that differs from the baseline by shift + spread * noise."""
    d = np.array([shift + spread * NOISE for shift, spread in shifts])
    settings = {"margins": 0.001, "higher_is_better": True} | options
    return verdicts([BASE, BASE + d], **settings)


WIN, TIE, LOSS, UNSURE = (0.02, 1e-3), (0.0, 1e-5), (-0.02, 1e-3), (0.0, 0.01)
SLIGHT_LOSS = (-0.0005, 1e-6)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (WIN, WIN, "all objectives better"),
        (WIN, TIE, "some better and none worse"),
        (WIN, SLIGHT_LOSS, "some better and none worse"),
        (WIN, LOSS, "trade-off"),
        (WIN, UNSURE, "trade-off"),
        (TIE, LOSS, "worse"),
        (LOSS, LOSS, "worse"),
        (UNSURE, LOSS, "worse"),
        (TIE, TIE, "not told apart"),
        (TIE, UNSURE, "not told apart"),
        (TIE, SLIGHT_LOSS, "not told apart"),
    ],
)
def test_every_pair_of_outcomes_has_its_phrase(first, second, expected):
    assert judged(first, second).verdict == (None, Verdict(expected))
    assert judged(second, first).verdict[1] == expected


def test_direction_and_sign_of_the_scores_may_be_mirrored():
    d = np.array([0.02 + 1e-3 * NOISE, -0.02 + 1e-3 * NOISE])
    up = verdicts([BASE, BASE + d], margins=0.001, higher_is_better=True)
    flip = np.array([[1.0], [-1.0]])
    mixed = verdicts(
        [BASE * flip, (BASE + d) * flip], margins=0.001, higher_is_better=[True, False]
    )
    assert up.verdict == mixed.verdict
    np.testing.assert_allclose(up.low, mixed.low)


def test_the_lower_end_decides_what_is_not_worse():
    d = -0.01 + 0.001 * NOISE
    low = stats.t.interval(0.95, 4, d.mean(), stats.sem(d))[0]
    for margin, expected in ((-low * 1.001, True), (-low * 0.999, False)):
        found = judged((-0.01, 0.001), TIE, margins=[margin, 0.001])
        assert found.not_worse[1, 0] == expected
        assert found.verdict[1] == ("not told apart" if expected else "worse")


def test_equal_scores_are_not_worse_even_without_a_margin():
    found = judged(WIN, (0.0, 0.0), margins=0.0)
    assert found.verdict[1] == "some better and none worse"


def test_better_is_corrected_for_all_methods_and_objectives_of_the_call():
    shift = (0.017, 0.006)
    d = shift[0] + shift[1] * NOISE
    alone = stats.ttest_1samp(d, 0).pvalue
    assert 0.05 / 16 < alone < 0.05 / 2
    assert judged(shift, TIE).better[1, 0]
    weak = BASE + np.array([d, 0 * NOISE])
    crowd = [BASE, weak, *[BASE + 1e-5 * np.stack([NOISE, -NOISE])] * 7]
    found = verdicts(crowd, margins=0.001, higher_is_better=True)
    assert found.p_value[1, 0] == pytest.approx(16 * alone)
    assert not found.better[1, 0]


def test_a_method_that_fails_more_often_is_worse_whatever_its_other_seeds_say():
    won = BASE + 0.02 + 1e-3 * NOISE
    won[:, 0] = np.nan
    found = verdicts([BASE, won], margins=0.001, higher_is_better=True, worst=0.69)
    assert found.verdict[1] == "worse"
    np.testing.assert_array_equal(found.failures[1], [1, 1])


def test_a_seed_on_which_both_fail_is_a_tie():
    scores = np.stack([BASE, BASE + 0.02])
    scores[:, :, 4] = np.nan
    found = verdicts(scores, margins=0.001, higher_is_better=True)
    np.testing.assert_allclose(found.difference[1], 4 / 5 * 0.02)
    assert found.verdict[1] == "all objectives better"


def test_a_baseline_that_failed_on_every_seed_loses():
    scores = np.stack([np.full((1, SEEDS), np.nan), np.full((1, SEEDS), 0.7)])
    found = verdicts(scores, margins=0.0, higher_is_better=True, worst=0.5)
    assert found.verdict == (None, Verdict.ALL_BETTER)


def test_two_equal_methods_are_rarely_told_apart():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(200, 2, 2, SEEDS))
    found = [verdicts(s, margins=0.5, higher_is_better=True).verdict[1] for s in scores]
    share = np.mean([verdict != Verdict.NOT_TOLD_APART for verdict in found])
    # Holm keeps the chance of any rejection at 0.05; three standard errors above it.
    assert share < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_a_wilcoxon_that_could_never_reject_is_refused():
    with pytest.raises(ValueError, match=r"5 seeds cannot fall below 0\.0625"):
        judged(WIN, WIN, test="wilcoxon")
    six = np.random.default_rng(0).normal(size=(2, 2, 6))
    assert verdicts(six[:, :1], margins=0.0, higher_is_better=True, test="wilcoxon")
    with pytest.raises(ValueError, match="none of 2 tests"):
        verdicts(six, margins=0.0, higher_is_better=True, test="wilcoxon")
    with pytest.raises(ValueError, match="at least 2 seeds"):
        verdicts(np.zeros((2, 1, 1)), margins=0.0, higher_is_better=True)


def test_wilcoxon_judges_with_seeds_enough():
    d = 0.02 + 1e-4 * np.arange(12.0)
    base = np.random.default_rng(0).normal(size=(1, 12))
    found = verdicts([base, base + d], margins=0.0, higher_is_better=True, test="wilcoxon")
    assert found.verdict[1] == "all objectives better"
    assert found.p_value[1, 0] == pytest.approx(2.0**-11)


@pytest.mark.parametrize(
    "options",
    [{"margins": -0.1}, {"margins": [0.1] * 3}, {"confidence": 0.0}, {"test": "z"}],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        judged(WIN, WIN, **options)


def test_a_verdict_is_a_string_in_json():
    assert json.dumps(judged(WIN, LOSS).verdict) == '[null, "trade-off"]'
