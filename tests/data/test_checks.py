import numpy as np
import pytest

from moo.data._checks import check_fractions, check_int


@pytest.mark.parametrize("value", [3, np.int32(3)])
def test_ints_of_python_and_numpy_pass(value):
    found = check_int("epochs", value, 3)
    assert found == 3
    assert type(found) is int


@pytest.mark.parametrize("value", [2.0, True, np.True_, "2", None])
def test_anything_else_is_no_int(value):
    with pytest.raises(TypeError, match="epochs must be an int of at least 1, got"):
        check_int("epochs", value, 1)


@pytest.mark.parametrize("fractions", [(0.5, 0.5), [1], np.array([0.25, 0.75])])
def test_sequences_of_numbers_are_fractions(fractions):
    assert check_fractions(fractions) is None


@pytest.mark.parametrize("fractions", [0.5, None, "ab", (0.5, "x")])
def test_anything_else_is_no_fractions(fractions):
    with pytest.raises(TypeError, match=r"fractions must be numbers such as \(0\.8, 0\.2\), got"):
        check_fractions(fractions)
