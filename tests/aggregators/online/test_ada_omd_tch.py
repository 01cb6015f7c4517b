import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, both_steps


@pytest.mark.parametrize("mirror", ["eg", "gd"])
def test_directions_are_those_of_omd_tch(mirror):
    ours, _ = both_steps(moo.ada_omd_tch(2, mirror=mirror, preference=(0.5, 0.5)))
    theirs, _ = both_steps(moo.omd_tch(2, mirror=mirror, preference=(0.5, 0.5)))
    np.testing.assert_array_equal(ours, theirs)


def test_average_leaves_dominated_points_out():
    """(1, 2) and (2, 1) stand for a round and two; (3, 3), before and after, for none."""
    method, state = moo.ada_omd_tch(2, capacity=3), None
    points = [(8.0, [3, 3]), (0.0, [1, 2]), (3.0, [2, 1]), (9.0, [3, 1])]
    for x, losses in points:
        params = {"x": jnp.full(2, x)}
        state = method.init(params) if state is None else state
        jac = moo.stacked_jacobian({"x": jnp.eye(2)}, jnp.array(losses, jnp.float32))
        _, state = method.update(jac, state, params)
    # The first point's round went to the second, and the last point's to the third.
    np.testing.assert_array_equal(np.sort(state.archive.counts), [0, 2, 2])
    np.testing.assert_allclose(moo.find(state, "average")["x"], 1.5)


def test_copies_keep_the_parameters_dtype():
    method, params = moo.ada_omd_tch(2, capacity=2), jnp.ones(3, jnp.bfloat16)
    jac = moo.stacked_jacobian(jnp.asarray(ROWS, jnp.bfloat16), jnp.asarray(LOSSES, jnp.float32))
    _, state = method.update(jac, method.init(params), params)
    assert state.average.dtype == state.archive.points.dtype == jnp.bfloat16
    assert state.archive.losses.dtype == state.weights.dtype == jnp.float32


def test_params_and_a_capacity_are_needed():
    method = moo.ada_omd_tch(2)
    with pytest.raises(ValueError, match="params is missing: ada_omd_tch"):
        method.update(moo.stacked_jacobian(jnp.eye(2), jnp.ones(2)), method.init(jnp.zeros(2)))
    with pytest.raises(ValueError, match="capacity must be at least 1, got 0"):
        moo.ada_omd_tch(2, capacity=0)
