import numpy as np
import pytest

from moo.data import DataError
from moo.data._splits import (
    at_random,
    by_group,
    by_time,
    by_user,
    check_disjoint,
    check_ordered,
)


def test_by_time_keeps_rows_of_one_instant_together():
    times = np.array([5, 1, 3, 3, 3, 9])
    early, late = by_time(times, (0.5, 0.5))
    # Half of six rows would cut through the three rows at 3, so the cut moves before them.
    assert times[early].tolist() == [1]
    assert times[late].tolist() == [3, 3, 3, 5, 9]


def test_by_time_raises_when_one_instant_swallows_a_part():
    with pytest.raises(DataError, match="too many rows share one instant"):
        by_time(np.zeros(10, np.int64), (0.5, 0.5))


def test_by_user_splits_users_not_rows():
    users = np.repeat(np.arange(10), np.arange(1, 11))
    parts = by_user(users, (0.6, 0.2, 0.2), seed=0)
    assert [len(np.unique(users[part])) for part in parts] == [6, 2, 2]
    assert sorted(np.concatenate(parts)) == list(range(len(users)))


def test_by_user_depends_on_the_seed():
    users = np.arange(50)
    first, again, other = (by_user(users, (0.5, 0.5), seed=seed)[0] for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()


def test_at_random_is_a_partition():
    parts = at_random(10, (0.7, 0.3), seed=4)
    assert [len(part) for part in parts] == [7, 3]
    assert sorted(np.concatenate(parts)) == list(range(10))


def test_leaks_are_found():
    with pytest.raises(DataError, match="leaks the future: part 0 ends at 4, part 1 starts at 4"):
        check_ordered([np.array([1, 4]), np.array([4, 6])])
    with pytest.raises(DataError, match="leaks users: parts 0 and 2 share user 7"):
        check_disjoint([np.array([7, 1]), np.array([2]), np.array([7])])


@pytest.mark.parametrize("fractions", [(), (0.5, 0.6), (1.2, -0.2), (0.5, 0.5, 0.0), (0.9,)])
def test_refuses_fractions(fractions):
    with pytest.raises(ValueError, match="fractions must"):
        at_random(10, fractions, seed=0)


def test_refuses_more_parts_than_rows():
    with pytest.raises(DataError, match="do not fill the parts"):
        at_random(2, (0.5, 0.25, 0.25), seed=0)


@pytest.mark.parametrize("split", [by_user, at_random])
def test_refuses_a_seed_that_is_no_int(split):
    with pytest.raises(TypeError, match=r"seed must be an int of at least 0, got 0\.5"):
        split(np.arange(4) if split is by_user else 4, (0.5, 0.5), seed=0.5)


def test_refuses_one_number_for_the_fractions():
    with pytest.raises(TypeError, match="fractions must be numbers such as"):
        at_random(10, 0.5, seed=0)


def test_groups_stay_whole_the_largest_first():
    groups = np.array(["d", "a", "b", "a", "c", "b", "a", "e", "a", "d"])
    # Sizes: a 4, b 2, d 2, c 1, e 1; room for 7, 2 and 1.
    parts = by_group(groups, (0.7, 0.2, 0.1))
    assert [sorted(set(groups[part])) for part in parts] == [["a", "b", "c"], ["d"], ["e"]]
    assert sorted(np.concatenate(parts)) == list(range(10))


def test_groups_that_do_not_fill_the_parts():
    with pytest.raises(DataError, match=r"1 groups do not fill the parts \(0.5, 0.5\)"):
        by_group(np.array(["a"] * 4), (0.5, 0.5))
