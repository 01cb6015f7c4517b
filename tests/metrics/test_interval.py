"""Intervals against scipy.stats, arithmetic and their own coverage."""

import numpy as np
import pytest
import scipy.stats

from moo.metrics import interval

FEW, MANY = np.arange(5.0) ** 2, np.arange(20.0) ** 2


def test_student_interval_equals_scipy():
    for confidence in (0.5, 0.95, 0.99):
        expected = scipy.stats.ttest_1samp(FEW, 0).confidence_interval(confidence)
        found = interval(FEW, confidence, method="t")
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
        assert (found.mean, found.n) == (6.0, 5)


def test_bootstrap_of_two_values_is_their_range():
    """Resampled means of (0, 1) are 0, 1/2 and 1 with chances 1/4, 1/2 and 1/4."""
    assert interval([0.0, 1.0], 0.95, method="bootstrap") == (0.5, 0.0, 1.0, 2)
    assert interval([0.0, 1.0], 0.4, method="bootstrap") == (0.5, 0.5, 0.5, 2)


def test_bootstrap_is_near_the_normal_interval_and_repeats():
    found = interval(MANY)
    half = scipy.stats.norm.ppf(0.975) * MANY.std() / np.sqrt(20)
    assert (found.low, found.high) == pytest.approx((123.5 - half, 123.5 + half), abs=0.1 * half)
    assert found == interval(MANY)
    assert found != interval(MANY, seed=1)


def test_auto_takes_student_below_ten_values():
    assert interval(FEW) == interval(FEW, method="t")
    assert interval(MANY) == interval(MANY, method="bootstrap")


def test_constant_values_have_no_width():
    for n in (2, 30):
        assert interval(np.full(n, 0.25)) == (0.25, 0.25, 0.25, n)


def test_one_value_has_no_bounds_and_a_failed_seed_no_mean():
    one, failed = interval([3.0]), interval([1.0, np.nan, 2.0])
    assert (one.mean, one.n, failed.n) == (3.0, 1, 3)
    assert np.isnan([one.low, one.high, *failed[:3]]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), r"values: must have shape \(n,\) with n > 0"),
        (([[1.0]],), r"values: must have shape \(n,\).*got \(1, 1\)"),
        (([1.0], 95), r"confidence: must be in \(0, 1\), got 95"),
        (([1.0], 0.9, 0, "bca"), "method: must be .*got 'bca'"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        interval(*arguments)
