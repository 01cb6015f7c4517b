import numpy as np
import pytest

from moo.data import DataError, TaskSet
from moo.data._task_set import pad

# Every row of every task has a number of its own.
SIZES = (4, 8, 6)
ROWS = [np.arange(size, dtype=np.float32)[:, None] + 100 * task for task, size in enumerate(SIZES)]


@pytest.fixture
def tasks():
    return TaskSet(name="tasks", **pad(ROWS, [-rows[:, 0] for rows in ROWS]))


def test_padding(tasks):
    assert tasks.features.shape == (3, 8, 1)
    assert tasks.mask.sum(axis=1).tolist() == [*SIZES]
    assert not tasks.features[~tasks.mask].any()
    np.testing.assert_array_equal(tasks.features[1], ROWS[1])
    np.testing.assert_array_equal(tasks.targets, -tasks.features[:, :, 0])


def test_every_task_is_in_every_part(tasks):
    parts = tasks.split_at_random((0.75, 0.25), seed=1)
    assert [part.lengths.tolist() for part in parts] == [[3, 6, 4], [1, 2, 2]]
    for task, rows in enumerate(ROWS):
        found = np.concatenate([part.features[task][part.mask[task]] for part in parts])
        np.testing.assert_array_equal(np.sort(found, axis=0), rows)
    for part in parts:
        np.testing.assert_array_equal(part.targets, -part.features[:, :, 0])


def test_seeds_share_no_order():
    rows = [np.arange(20.0)[:, None]] * 2
    tasks = TaskSet(name="same", **pad(rows, [row[:, 0] for row in rows]))
    parts = [tasks.split_at_random((0.5, 0.5), seed=seed)[0].targets for seed in (0, 1)]
    assert len({tuple(row) for part in parts for row in part}) == 4


def test_too_few_rows(tasks):
    with pytest.raises(DataError, match="4 rows or users do not fill the parts"):
        tasks.split_at_random((0.9, 0.1))
