"""The record: shapes are checked, arrays are frozen."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from moo.problems import Problem


def make(**changes):
    fields = {
        "name": "line",
        "dim": 2,
        "num_objectives": 2,
        "objectives": lambda x, key=None: jnp.stack([x[0], -x[0]]),
        "source": "here",
        "starts": np.zeros((1, 2)),
    }
    return Problem(**(fields | changes))


def test_objectives_are_named_where_no_name_is_given():
    assert make().objective_names == ("f1", "f2")
    assert make(objective_names=("a", "b")).objective_names == ("a", "b")


def test_arrays_are_read_only_copies():
    starts = np.zeros((1, 2))
    record = make(starts=starts, window=(np.zeros(2), np.ones(2)), facts={"a": 1.0})
    starts[0, 0] = 5.0
    assert record.starts[0, 0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        record.starts[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        record.window[0][0] = 1.0
    with pytest.raises(TypeError):
        record.facts["a"] = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.name = "other"


def test_records_hash_by_identity():
    record = make()
    assert {record: 1}[record] == 1
    assert record != make()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("starts", np.zeros((1, 3))),
        ("starts", np.zeros(2)),
        ("reference_point", np.zeros(3)),
        ("bounds", (np.zeros(3), np.zeros(3))),
    ],
)
def test_wrong_shapes_are_named(field, value):
    with pytest.raises(ValueError, match=rf"{field}: must have shape"):
        make(**{field: value})


def test_distance_needs_a_known_set_and_points_of_dim():
    with pytest.raises(ValueError, match="Pareto set of this problem is not known"):
        make().distance_to_set([[0.0, 0.0]])
    with pytest.raises(ValueError, match="last axis must be dim=2"):
        make(pareto_set=lambda n: np.zeros((n, 2))).distance_to_set([[0.0, 0.0, 0.0]])
