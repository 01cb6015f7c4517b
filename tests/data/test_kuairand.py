import datetime

import numpy as np
import pytest

from moo.data._kuairand import DATE, HOURMIN


def test_dates_are_those_of_the_calendar():
    days = np.arange(20_000_101, 20_050_101)
    expected = []
    for text in map(str, days.tolist()):
        try:
            datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            expected.append(False)
        else:
            expected.append(True)
    assert sum(expected) == 5 * 365 + 2
    np.testing.assert_array_equal(DATE.rule.holds(days), expected)


@pytest.mark.parametrize("date", [99, 0, -20220408, 101, 202204081, 10**17 + 101, 10**18 - 1])
def test_numbers_of_other_length_are_no_dates(date):
    assert not DATE.rule.holds(np.array([date])).any()


def test_minutes_go_to_59():
    hourmin = np.array([0, 59, 60, 1259, 1260, 1275, 2359])
    expected = [True, True, False, True, False, False, True]
    assert HOURMIN.rule.holds(hourmin).tolist() == expected
