import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.aggregators.follow import ROWS, as_tree, flat, follow
from tests.helpers.core import products

TX = moo.momentum_config(2)

SECOND = np.array([[0.8, 0.1, -0.4], [-0.9, 1, 0.3]])
THIRD = np.array([[0.6, 0.4, -0.2], [-0.3, 0.8, 0.2]])


def config(J):
    units = J / np.linalg.norm(J, axis=1)[:, None]
    x = np.linalg.pinv(units) @ np.ones(len(J))
    x = x / np.linalg.norm(x)
    return (J @ x).sum() * x


def momentum_config(batches, b1=0.9, b2=0.999, eps=1e-8):
    """Follow the authors' operator on two rows, one gradient a call, in float64."""
    m, d = batches[0].shape
    first, turns, steps = np.zeros((m, d)), np.zeros(m), 0
    before, square, out = np.zeros(d), np.zeros(d), []
    for call, J in enumerate(batches):
        i = call % m
        turns[i] += 1
        first[i] = b1 * first[i] + (1 - b1) * J[i]
        if not turns.all():
            out.append(np.zeros(d))
            continue
        steps += 1
        v = config(first / (1 - b1 ** turns[:, None]))
        momentum = v * (1 - b1**steps)
        pseudo, before = (momentum - b1 * before) / (1 - b1), momentum
        square = b2 * square + (1 - b2) * pseudo**2
        out.append(v / (np.sqrt(square / (1 - b2**steps)) + eps))
    return np.array(out)


def test_worked_numbers():
    """The gradients are task 1's of the first rows, task 2's of the first, task 1's of the next."""
    batches = [ROWS, ROWS, SECOND, THIRD]
    v = flat(follow(TX, *map(as_tree, batches))[0])
    expected = momentum_config(batches)
    np.testing.assert_allclose(expected[:2], [[0, 0, 0], [1, 1, -1]], atol=1e-6)
    np.testing.assert_allclose(expected[2], [0.997706, 0.991699, -0.996444], atol=1e-5)
    np.testing.assert_allclose(v, expected, atol=1e-5)


def test_one_objective_is_adam():
    v = follow(moo.momentum_config(1), ROWS[:1], SECOND[:1], THIRD[:1])[0]
    tx = optax.scale_by_adam()
    state = tx.init(np.zeros(3, np.float32))
    for step, J in zip(v, (ROWS, SECOND, THIRD), strict=True):
        expected, state = tx.update(np.float32(J[0]), state)
        np.testing.assert_allclose(step, expected, rtol=1e-4)


def test_inactive_objectives_lose_their_turn():
    """With two of three active it is the method on those two."""
    batches = [np.insert(J, 1, 9.0, axis=0) for J in (ROWS, ROWS, SECOND)]
    v, state = follow(moo.momentum_config(3), *batches, active=[True, False, True])
    np.testing.assert_allclose(v, momentum_config([ROWS, ROWS, SECOND]), atol=1e-5)
    np.testing.assert_array_equal(state.turns, [2, 0, 1])
    nothing, state = follow(TX, ROWS, active=[False, False])
    assert not nothing.any()
    assert int(state.turn) == 0


def test_opposite_and_zero_momenta():
    opposite = np.stack([ROWS[0], -ROWS[0]])
    np.testing.assert_allclose(follow(TX, opposite, opposite)[0][1], 0, atol=1e-6)
    zero = ROWS * [[1], [0]]
    v = follow(TX, zero, zero)[0][1]
    np.testing.assert_allclose(v, np.sign(ROWS[0]), atol=1e-5)


def test_one_backward_pass():
    weights = jnp.eye(4)

    def objectives(x):
        return jnp.sum((weights @ x) ** 2) * jnp.arange(1.0, 6.0)

    tx = moo.momentum_config(5)
    state = tx.init(jnp.ones(4))

    def step(x):
        return tx.update(moo.jacobian(objectives, x), state)[0]

    plain = jax.make_jaxpr(lambda x: jax.grad(lambda y: objectives(y).sum())(x))(jnp.ones(4))
    whole = jax.make_jaxpr(step)(jnp.ones(4))
    # The Gramian of the momenta is one product more, and the step on it another.
    assert products(whole.jaxpr) <= products(plain.jaxpr) + 2


def test_a_nan_is_announced_before_the_first_step():
    rows = ROWS.copy()
    rows[0, 1] = np.nan
    assert np.isnan(follow(TX, rows)[0]).any()


def test_errors():
    with pytest.raises(ValueError, match=r"b2 must lie in \[0, 1\)"):
        moo.momentum_config(2, b2=1.0)


def test_long_gradients_are_divided_as_others_are():
    """At eps = 0 the step does not depend on the scale."""
    tx = moo.momentum_config(2, eps=0.0)
    plain = follow(tx, ROWS, ROWS, SECOND)[0]
    for scale in (1e-30, 1e30):
        found = follow(tx, *(scale * J for J in (ROWS, ROWS, SECOND)))[0]
        np.testing.assert_allclose(found, plain, rtol=1e-4, atol=1e-6)


def test_plain_heads_are_refused():
    """They would put the gradients of all objectives into one's momentum."""
    params = {"body": jnp.ones(2), "head": jnp.ones(1)}
    jac = moo.jacobian(
        lambda p: p["head"] * p["body"], params, shared={"body": True, "head": False}, heads="plain"
    )
    for seen in (jac, jac.materialize()):
        with pytest.raises(ValueError, match="heads must be 'weighted' for momentum_config"):
            TX.update(seen, TX.init(params))
