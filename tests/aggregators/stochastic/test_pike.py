import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.parts import FIRST, SECOND, parted

LATER = np.array([[0.5, 0.1, -0.2], [-0.9, 1, 0.3]])


def grown(weights, square, variance, batch, zeta1=0.1, zeta2=0.5):
    new = weights * np.exp(zeta1 * square - zeta2 / (2 * batch) * variance)
    return new / new.sum()


def halves(J, variance, batch):
    """Rows of two halves with mean J whose distance estimates the variance of one sample."""
    aside = np.cross(J, np.roll(J, 1, axis=1))
    aside = aside / np.linalg.norm(aside, axis=1, keepdims=True)
    shift = np.sqrt(np.asarray(variance) / batch)[:, None] * aside
    return J + shift, J - shift


def test_worked_numbers_and_estimates():
    """The published numbers take the squared lengths and variances as given."""
    square = [np.sum(J**2, axis=1) for J in (FIRST, LATER)]
    one = grown(np.full(2, 0.5), square[0], np.array([1, 2]), 8)
    two = grown(one, square[1], np.array([1, 2]), 8)
    np.testing.assert_allclose([one[0], two[0]], [0.503562, 0.471406], atol=1e-6)

    def two_steps():
        tx = moo.pike(2)
        v, state = tx.update(parted(*halves(FIRST, [1, 2], 8)), tx.init(jnp.zeros(3)))
        return v, state, *tx.update(parted(*halves(LATER, [1, 2], 8)), state)

    v, before, u, after = jax.jit(two_steps)()
    # The product of the halves is the squared length of the mean less the variance over b.
    unbiased = [s - np.array([1, 2]) / 8 for s in square]
    one = grown(np.full(2, 0.5), unbiased[0], np.array([1, 2]), 8)
    two = grown(one, unbiased[1], np.array([1, 2]), 8)
    np.testing.assert_allclose(before.weights, one, rtol=1e-5)
    np.testing.assert_allclose(after.weights, two, rtol=1e-5)
    np.testing.assert_allclose(v, one @ FIRST, atol=1e-5)
    np.testing.assert_allclose(u, two @ LATER, atol=1e-5)


def test_weights_stay_for_a_period():
    def three_steps():
        tx, state, kept = moo.pike(2, period=2), None, []
        state = tx.init(jnp.zeros(3))
        for rows in (FIRST, SECOND, SECOND):
            _, state = tx.update(parted(rows, rows), state)
            kept.append(state.weights)
        return jnp.stack(kept)

    kept = jax.jit(three_steps)()
    one = grown(np.full(2, 0.5), np.sum(FIRST**2, axis=1), 0, 1)
    np.testing.assert_allclose(kept[0], one, rtol=1e-5)
    np.testing.assert_array_equal(kept[1], kept[0])
    np.testing.assert_allclose(kept[2], grown(one, np.sum(SECOND**2, axis=1), 0, 1), rtol=1e-5)


def test_out_of_range():
    with pytest.raises(ValueError, match="zeta2 must be finite and at least 0"):
        moo.pike(2, zeta2=-1.0)
