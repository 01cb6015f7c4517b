import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.follow import LATER, ROWS, follow


def test_worked_numbers():
    """The cosine is -0.488206: at 0.3 two colours take turns, at 0.6 there is one."""
    update, _ = follow(moo.son_goku(2, tau=0.3), ROWS, LATER)
    np.testing.assert_allclose(update, [ROWS[0], LATER[1]], atol=1e-6)
    update, state = follow(moo.son_goku(2, tau=0.6), ROWS, LATER)
    np.testing.assert_allclose(update, [ROWS.sum(axis=0), LATER.sum(axis=0)], atol=1e-6)
    averages = np.asarray(state.averages)
    np.testing.assert_allclose(averages, 0.09 * ROWS + 0.1 * LATER, atol=1e-6)


def test_vertices_of_most_conflicts_first():
    """A star has two colours, its middle the first, wherever it stands."""
    middle, a, b = np.array([1.0, 0, 0]), np.array([-1.0, 1, 0]), np.array([-1.0, -0.5, 1])
    J = np.stack([a, middle, b])
    update, _ = follow(moo.son_goku(3, tau=0.25), J, J, J)
    np.testing.assert_allclose(update, [middle, a + b, middle], atol=1e-6)


def test_conflicts_are_looked_at_every_few_steps():
    x = np.array([1.0, 0.0])
    apart, alike = np.stack([x, -x]), np.stack([x, 30 * x])
    update, state = follow(moo.son_goku(2, refresh=3), apart, alike, alike, alike)
    np.testing.assert_allclose(update, [x, 30 * x, x, 31 * x], atol=1e-5)
    assert not state.conflicts.any()


def test_inactive_objectives_and_plain_heads():
    """An objective that rests sends nothing into its own head, and its average stays."""
    params = {"trunk": jnp.ones(2), "heads": jnp.ones(3)}
    signs = jnp.array([1.0, -1.0, 1.0])

    def objectives(p):
        return signs * p["trunk"].sum() + p["heads"]

    tx = moo.son_goku(3)

    @jax.jit
    def step(state):
        active = jnp.array([True, True, False])
        jac = moo.jacobian(
            objectives, params, shared={"trunk": True, "heads": False}, active=active
        )
        return tx.update(jac, state, params)

    update, state = step(tx.init(params))
    np.testing.assert_array_equal(update["heads"], [1, 0, 0])
    np.testing.assert_array_equal(update["trunk"], [1, 1])
    np.testing.assert_array_equal(state.averages["heads"], 0)
    np.testing.assert_array_equal(state.averages["trunk"][2], 0)
    update, _ = step(state)
    np.testing.assert_array_equal(update["heads"], [0, 1, 0])


def test_wrong_options():
    with pytest.raises(ValueError, match="refresh must be at least 1, got 0"):
        moo.son_goku(2, refresh=0)
    with pytest.raises(ValueError, match=r"decay must lie in \[0, 1\), got 1"):
        moo.son_goku(2, decay=1.0)
    with pytest.raises(ValueError, match=r"tau must lie in \[0, 1\], got 1.5"):
        moo.son_goku(2, tau=1.5)
