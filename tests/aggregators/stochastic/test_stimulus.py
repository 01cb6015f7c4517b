import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.parts import FIRST, SECOND, mean_of_rows, weights_of_pair

BEFORE = np.array([[0.9, 0.15, -0.45], [-0.85, 0.95, 0.2]])
ZERO, ONE = jnp.zeros(3), jnp.ones(3)


def bowl(x, start, end):
    """Losses whose rows are `start` at 0 and `end` at (1, 1, 1)."""
    return start @ x + (end - start) @ (x * x) / 2


def at(x, start, end, **options):
    return moo.jacobian(bowl, x, jnp.float32(start), jnp.float32(end), **options)


def test_worked_numbers():
    def two_steps():
        tx = moo.stimulus(2)
        v, state = tx.update(at(ZERO, FIRST, FIRST), tx.init(ZERO), ZERO)
        return v, *tx.update(at(ONE, BEFORE, SECOND), state, ONE)

    v, u, state = jax.jit(two_steps)()
    tracked = FIRST + SECOND - BEFORE
    np.testing.assert_allclose(v, weights_of_pair(FIRST) @ FIRST, atol=1e-6)
    np.testing.assert_allclose(state.tracked, tracked, atol=1e-6)
    np.testing.assert_allclose(state.multipliers, weights_of_pair(tracked), atol=1e-6)
    np.testing.assert_allclose(u, weights_of_pair(tracked) @ tracked, atol=1e-6)
    np.testing.assert_allclose(u, [0.158636, 0.488909, -0.174636], atol=1e-6)


def test_differences_add_up_to_the_gradient_where_there_is_no_noise():
    """On one data set the estimator is exact at every step, whatever the period."""
    tx = moo.stimulus(2, period=100)

    def step(carry, _):
        x, state = carry
        v, state = tx.update(at(x, FIRST, SECOND), state, x)
        gap = jnp.abs(state.tracked - at(x, FIRST, SECOND).rows()).max()
        return (x - 0.1 * v, state), gap

    gaps = jax.jit(lambda c: jax.lax.scan(step, c, length=20)[1])((ZERO, tx.init(ZERO)))
    assert gaps.max() < 1e-5


def test_a_refresh_reads_the_reference():
    full = jnp.asarray(SECOND, jnp.float32)[None]
    tx = moo.stimulus(2, reference=lambda params: moo.jacobian(mean_of_rows, params, full))
    v, _ = jax.jit(lambda: tx.update(at(ZERO, FIRST, FIRST), tx.init(ZERO), ZERO))()
    np.testing.assert_allclose(v, weights_of_pair(SECOND) @ SECOND, atol=1e-6)


def test_a_refresh_reads_the_labels_of_the_reference():
    """An objective that is not in the batch is renewed, and one not in the reference stays."""
    full = jnp.asarray(SECOND, jnp.float32)[None]

    def two_steps(first, second):
        def reference(params):
            return moo.jacobian(mean_of_rows, params, full, active=jnp.asarray(second))

        tx = moo.stimulus(2, reference=reference)
        before = tx.init(ZERO)._replace(tracked=jnp.ones((2, 3)), seen=jnp.array([False, True]))
        v, state = tx.update(at(ZERO, FIRST, FIRST, active=jnp.asarray(first)), before, ZERO)
        return v, state, tx.update(at(ONE, BEFORE, SECOND), state, ONE)[1]

    v, state, after = two_steps([True, False], [True, True])
    np.testing.assert_allclose(v, SECOND[0], rtol=1e-6)
    np.testing.assert_allclose(state.tracked, SECOND, rtol=1e-6)
    np.testing.assert_allclose(after.tracked, SECOND + SECOND - BEFORE, atol=1e-6)
    _, state, after = two_steps([True, True], [True, False])
    np.testing.assert_array_equal(state.seen, True)
    np.testing.assert_allclose(state.tracked, [SECOND[0], np.ones(3)], rtol=1e-6)
    np.testing.assert_allclose(after.tracked[1], 1 + SECOND[1] - BEFORE[1], atol=1e-6)


def test_an_objective_without_a_track_is_no_zero_row():
    """In the batch, but not in the reference: v would be 0 if its row of zeros took part."""
    full, first = jnp.asarray(SECOND, jnp.float32)[None], jnp.array([True, False])
    tx = moo.stimulus(2, reference=lambda x: moo.jacobian(mean_of_rows, x, full, active=first))
    v, state = tx.update(at(ZERO, FIRST, FIRST), tx.init(ZERO), ZERO)
    np.testing.assert_allclose(v, SECOND[0], rtol=1e-6)
    np.testing.assert_array_equal(state.seen, first)


def test_an_objective_seen_late_starts_with_its_gradient():
    def two_steps():
        tx, only = moo.stimulus(2), jnp.array([True, False])
        v, state = tx.update(at(ZERO, FIRST, FIRST, active=only), tx.init(ZERO), ZERO)
        return v, tx.update(at(ONE, BEFORE, SECOND), state, ONE)[1]

    v, state = jax.jit(two_steps)()
    np.testing.assert_allclose(v, FIRST[0], rtol=1e-6)
    expected = [FIRST[0] + SECOND[0] - BEFORE[0], SECOND[1]]
    np.testing.assert_allclose(state.tracked, expected, atol=1e-6)


def test_heads_receive_the_sum_of_their_tracks():
    params = {"trunk": jnp.zeros(3), "head": jnp.zeros(3)}

    def objectives(p):
        return jnp.float32(FIRST) @ p["trunk"] + jnp.float32(SECOND) @ p["head"]

    def one_step():
        jac = moo.jacobian(objectives, params, shared={"trunk": True, "head": False})
        tx = moo.stimulus(2)
        return tx.update(jac, tx.init(params), params)[0]

    v = jax.jit(one_step)()
    np.testing.assert_allclose(v["trunk"], weights_of_pair(FIRST) @ FIRST, atol=1e-6)
    np.testing.assert_allclose(v["head"], SECOND.sum(axis=0), atol=1e-6)


def test_what_is_missing():
    tx = moo.stimulus(2)
    with pytest.raises(ValueError, match="params is missing"):
        tx.update(at(ZERO, FIRST, FIRST), tx.init(ZERO))
    with pytest.raises(ValueError, match="cannot be taken at another point"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.zeros(2)), jnp.zeros(2))
    with pytest.raises(ValueError, match="period must be at least 1"):
        moo.stimulus(2, period=0)


def test_a_wrong_reference():
    with pytest.raises(TypeError, match="reference must be a function of params"):
        moo.stimulus(2, reference=3)
    tx = moo.stimulus(2, reference=lambda x: moo.jacobian(lambda x: x, x))
    x = jnp.zeros(3)
    jac = moo.jacobian(lambda x: x[:2], x)
    with pytest.raises(ValueError, match=r"what reference returns must .* 2 objectives, got 3"):
        tx.update(jac, tx.init(x), x)
    tx = moo.stimulus(2, reference=lambda x: x)
    with pytest.raises(TypeError, match=r"what reference returns must be a moo\.Jacobian"):
        tx.update(jac, tx.init(x), x)
