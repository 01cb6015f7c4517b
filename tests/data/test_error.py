from moo.data import DataError
from moo.data._error import shorten


def test_data_error_is_a_value_error():
    assert issubclass(DataError, ValueError)


def test_shorten_keeps_short_values_and_cuts_long_ones():
    assert shorten("abc") == "'abc'"
    assert len(shorten("x" * 10_000)) <= 41
