import numpy as np
import pytest

from moo.data import DataError, TaskSet

LENGTHS = np.array([2, 1], np.int32)


def make(**changed):
    arrays = {
        "features": np.ones((2, 3, 1), np.float32),
        "targets": np.ones((2, 3), np.float32),
        "lengths": LENGTHS,
    }
    return TaskSet(name="two", **(arrays | changed))


def test_arrays_are_read_only_views():
    record = make()
    with pytest.raises(ValueError, match="read-only"):
        record.features[0] = 2
    assert LENGTHS.flags.writeable


def test_take():
    record = make(targets=np.array([[1, 2, 0], [3, 0, 0]], np.float32))
    for index in (np.array([1]), [False, True], slice(1, None)):
        assert record.take(index).targets.tolist() == [[3, 0, 0]]
    assert len(record.take([1, 0, 1])) == 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"features": np.ones((3, 3, 1), np.float32)}, "two: arrays differ in length"),
        ({"targets": np.full((2, 3), np.nan, np.float32)}, "targets holds a number that is not"),
        ({"lengths": np.array([4, 1], np.int32)}, r"lengths must be in \[1, 3\]"),
        ({"targets": np.ones((2, 4), np.float32)}, "do not fit"),
    ],
)
def test_arrays_that_do_not_fit(changed, message):
    with pytest.raises(DataError, match=message):
        make(**changed)
