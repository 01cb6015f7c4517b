import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.parts import FIRST, SECOND, THIRD, parted, simplex_of_pair


def step(weights, one, two, gamma=0.1, rho=0.1):
    return simplex_of_pair(weights - gamma * (one @ (two.T @ weights) + rho * weights))


def test_worked_numbers():
    def two_steps():
        tx = moo.modo(2)
        v, state = tx.update(parted(FIRST, SECOND), tx.init(jnp.zeros(3)))
        return v, *tx.update(parted(SECOND, THIRD), state)

    v, u, state = jax.jit(two_steps)()
    one = step(np.full(2, 0.5), FIRST, SECOND)
    two = step(one, SECOND, THIRD)
    np.testing.assert_allclose([one[0], two[0]], [0.52225, 0.533863], atol=1e-6)
    np.testing.assert_allclose(v, one @ (FIRST + SECOND) / 2, atol=1e-6)
    np.testing.assert_allclose(u, two @ (SECOND + THIRD) / 2, atol=1e-6)
    np.testing.assert_allclose(u, [0.094022, 0.552989, -0.043625], atol=1e-6)
    np.testing.assert_allclose(state.weights, two, atol=1e-6)


def test_a_third_batch_takes_the_step():
    tx = moo.modo(2, batches=3)
    v, state = jax.jit(lambda: tx.update(parted(FIRST, SECOND, THIRD), tx.init(jnp.zeros(3))))()
    np.testing.assert_allclose(v, [0.170025, 0.5911, -0.0089], atol=1e-6)
    assert not tx.linear
    assert moo.find(state, "weights") is None


def test_an_objective_without_labels_in_a_part_waits():
    """Objective 2 has labels in the first part only: the step is that of the other two."""

    def objectives(x, rows, labels):
        each = jnp.einsum("bmd,d->bm", rows, x)
        return jnp.stack([moo.masked_mean(each[:, i], labels[:, i]) for i in range(3)])

    def has_labels(rows, labels):
        return labels.any(axis=0)

    rows = np.stack([np.vstack([J, np.ones(3)]) for J in (FIRST, SECOND)])
    labels = jnp.array([[True, True, True], [True, True, False]])
    options = {"batched": (True, True), "active": has_labels}
    tx = moo.modo(3)

    def one_step():
        jac = moo.jacobian(objectives, jnp.zeros(3), jnp.float32(rows), labels, **options)
        return tx.update(jac, tx.init(jnp.zeros(3)))

    _, state = jax.jit(one_step)()
    expected = step(np.full(2, 0.5), FIRST, SECOND)
    np.testing.assert_allclose(state.weights, [*expected, 0], atol=1e-6)
    np.testing.assert_allclose(state.multipliers, [*expected * 2 / 3, 1 / 3], atol=1e-6)


def test_what_cannot_be_split_or_is_out_of_range():
    tx = moo.modo(2)
    with pytest.raises(ValueError, match="cannot be split"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.zeros(2)))
    with pytest.raises(ValueError, match="batches must be 2 or 3, got 1"):
        moo.modo(2, batches=1)
    with pytest.raises(TypeError, match=r"batches must be an int, got float 2.0"):
        moo.modo(2, batches=2.0)
