import numpy as np
import pytest

from moo.data import Batches

ROWS = {"x": np.arange(10), "y": -np.arange(10)}


def drawn(batches):
    return [batch["x"].tolist() for batch in batches]


def test_an_epoch_is_a_permutation_of_aligned_rows():
    batches = list(Batches(ROWS, 5, seed=1))
    assert sorted(np.concatenate([b["x"] for b in batches])) == list(range(10))
    assert all((batch["x"] == -batch["y"]).all() for batch in batches)


def test_same_seed_same_batches():
    assert drawn(Batches(ROWS, 3, epochs=2, seed=5)) == drawn(Batches(ROWS, 3, epochs=2, seed=5))
    assert drawn(Batches(ROWS, 3, seed=5)) != drawn(Batches(ROWS, 3, seed=6))


def test_epochs_differ_and_depend_on_their_number_alone():
    two, three = (drawn(Batches(ROWS, 5, epochs=epochs, seed=0)) for epochs in (2, 3))
    assert two == three[:4]
    assert two[:2] != two[2:]


def test_a_batch_depends_on_nothing_drawn_before():
    batches = Batches(ROWS, 3, epochs=3, seed=2)
    expected = drawn(batches)
    assert [batches[k]["x"].tolist() for k in (7, 0, 8, 3)] == [expected[k] for k in (7, 0, 8, 3)]
    assert drawn(batches) == expected
    assert batches[-1]["x"].tolist() == expected[-1]


def test_two_iterations_at_once_do_not_disturb_each_other():
    batches = Batches(ROWS, 5, epochs=2, seed=2)
    pairs = list(zip(batches, reversed(list(batches)), strict=True))
    assert [first["x"].tolist() for first, _ in pairs] == drawn(batches)


@pytest.mark.parametrize(("size", "drop", "count", "last"), [
    (3, True, 3, 3), (3, False, 4, 1), (5, False, 2, 5), (10, True, 1, 10), (99, False, 1, 10),
])  # fmt: skip
def test_length_and_last_batch(size, drop, count, last):
    batches = Batches(ROWS, size, epochs=2, drop_last=drop)
    assert len(batches) == len(list(batches)) == 2 * count
    assert len(batches[-1]["x"]) == last


def test_without_shuffling_rows_keep_their_order():
    assert drawn(Batches(ROWS, 4, shuffle=False, drop_last=False))[0] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"batch_size": 2, "epochs": 0}, "epochs must be at least 1, got 0"),
        ({"batch_size": 2, "seed": -1}, "seed must be at least 0, got -1"),
        ({"batch_size": 11}, "batch_size 11 exceeds the 10 rows"),
    ],
)
def test_refuses_sizes(arguments, message):
    with pytest.raises(ValueError, match=message):
        Batches(ROWS, **arguments)


@pytest.mark.parametrize("name", ["batch_size", "epochs", "seed"])
def test_refuses_what_is_no_int(name):
    with pytest.raises(TypeError, match=rf"{name} must be an int .*, got 2\.5"):
        Batches(ROWS, **{"batch_size": 2} | {name: 2.5})


def test_small_ints_of_numpy_do_not_overflow():
    rows = {"x": np.arange(300)}
    assert drawn(Batches(rows, np.uint8(100), shuffle=False))[2] == list(range(200, 300))


def test_index_beyond_the_end():
    with pytest.raises(IndexError, match="batch 2 of 2"):
        Batches(ROWS, 5)[2]


def test_repr():
    assert repr(Batches(ROWS, 5)) == "Batches(2 of 5 rows: 1 epochs, columns x, y)"
