import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.follow import follow

MATRICES = np.array([[[1, 0.2], [-0.5, 0.3]], [[-0.8, 0.9], [0.1, 0.4]]])
EXACT = {"steps": 20, "coefficients": (1.875, -1.25, 0.375)}
TX = moo.moon(2, **EXACT)


def factor(matrix):
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return left @ right


def test_worked_numbers():
    tx = moo.moon(2, momentum=0.9, learning_rate=0.5, **EXACT)
    v, state = follow(tx, MATRICES, MATRICES)
    average = 0.1 * MATRICES.mean(axis=0)
    np.testing.assert_allclose(average, [[0.01, 0.055], [-0.02, 0.035]])
    np.testing.assert_allclose(v[0], factor(average), atol=1e-5)
    np.testing.assert_allclose(v[0], [[0.514496, 0.857493], [-0.857493, 0.514496]], atol=1e-5)
    slope = np.einsum("mij,ij->m", MATRICES, factor(average))
    np.testing.assert_allclose(slope, [1.26909, 0.480196], atol=1e-5)
    shares = np.exp(-0.5 * slope) / np.exp(-0.5 * slope).sum()
    average = 0.9 * average + 0.1 * np.einsum("m,mij->ij", shares, MATRICES)
    np.testing.assert_allclose(v[1], factor(average), atol=1e-5)
    np.testing.assert_allclose(state.inner.momentum, average, atol=1e-6)
    second = np.einsum("mij,ij->m", MATRICES, factor(average)) - 1e-3 * 0.5 * slope
    np.testing.assert_allclose(state.inner.logits, -0.5 * (slope + second), atol=1e-5)


def test_the_papers_two_matrices():
    """Its appendix E: the polar factor is the identity, and both losses fall at rate 3."""
    rows = np.array([[[2.0, 1], [-1, 1]], [[2, -1], [1, 1]]])
    v, state = follow(moo.moon(2, learning_rate=1.0, **EXACT), rows)
    np.testing.assert_allclose(v[0], np.eye(2), atol=1e-5)
    np.testing.assert_allclose(state.inner.logits, [-3, -3], atol=1e-5)


def test_a_loss_that_the_step_decreases_loses_weight():
    _, state = follow(TX, np.stack([3 * MATRICES[0], -MATRICES[0]]))
    assert float(state.inner.logits[0]) < 0 < float(state.inner.logits[1])


def test_leaves_of_all_shapes():
    """Kernels fold all axes but the last; vectors and numbers get unit length."""
    rng = np.random.default_rng(1)
    rows = {
        "kernel": rng.standard_normal((2, 2, 3, 4)),
        "bias": rng.standard_normal((2, 4)),
        "scale": np.array([2.0, -5]),
    }
    v = follow(TX, rows)[0]
    mean = {name: leaf.mean(axis=0) for name, leaf in rows.items()}
    expected = factor(mean["kernel"].reshape(6, 4)).reshape(2, 3, 4)
    np.testing.assert_allclose(v["kernel"][0], expected, atol=1e-5)
    np.testing.assert_allclose(v["bias"][0], mean["bias"] / np.linalg.norm(mean["bias"]), atol=1e-6)
    np.testing.assert_allclose(v["scale"], [-1])


def test_the_slope_adds_up_over_leaves_and_inactive_logits_stay():
    rows = {"a": jnp.array([[1.0, 0], [0, 1]]), "b": jnp.array([[0.0, 2], [1, 0]])}
    tx = moo.moon(2, learning_rate=1.0)
    _, state = follow(tx, rows, active=[True, False])
    np.testing.assert_allclose(state.inner.logits, [-3, 0], atol=1e-6)


def test_opposite_and_zero_rows():
    g = MATRICES[0]
    v = follow(TX, np.stack([g, -2 * g]))[0][0]
    np.testing.assert_allclose(v, -factor(g), atol=1e-5)
    np.testing.assert_array_equal(follow(moo.moon(2), np.stack([g, -g]))[0][0], 0)


def test_errors():
    with pytest.raises(ValueError, match="steps must be at least 1"):
        moo.moon(2, steps=0)
    with pytest.raises(ValueError, match=r"momentum must lie in \[0, 1\)"):
        moo.moon(2, momentum=1.0)


def test_wrong_coefficients():
    with pytest.raises(ValueError, match="coefficients must be 3 numbers"):
        moo.moon(2, coefficients=(1, 2))
