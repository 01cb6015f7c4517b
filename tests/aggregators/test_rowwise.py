import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators import _rowwise

ROWS = {
    "a": np.array([[3], [0], [-6]], np.float32),
    "b": np.array([[[4]], [[0]], [[8]]], np.float32),
}


@jax.jit
def summary(rows):
    lengths = _rowwise.row_lengths(rows)
    units, common = _rowwise.unit_rows(rows, lengths), _rowwise.common_exponent(rows)
    return lengths.plain, lengths.ratios, lengths.relative(), units, common


@pytest.mark.parametrize("exponent", [-100, 0, 100])
def test_lengths_and_units_at_every_scale(exponent):
    """A 3-4-5 row and its double, at scales whose squares float32 cannot hold."""
    plain, ratios, (relative, power), units, common = summary(
        jax.tree.map(lambda leaf: np.ldexp(leaf, exponent), ROWS)
    )
    np.testing.assert_array_equal(plain, np.ldexp([5.0, 0.0, 10.0], exponent))
    np.testing.assert_array_equal(np.ldexp(np.float64(relative), power), plain)
    np.testing.assert_array_equal(ratios, [[1, 0, 0.5], [0, 0, 0], [2, 0, 1]])
    np.testing.assert_allclose(units["a"][:, 0], [0.6, 0, -0.6], rtol=1e-6)
    np.testing.assert_allclose(units["b"][:, 0, 0], [0.8, 0, 0.8], rtol=1e-6)
    assert int(common) == exponent + 4


def test_ratio_of_lengths_that_no_float32_holds():
    _, ratios, *_ = summary(np.array([[2e-38], [1e38]], np.float32))
    np.testing.assert_array_equal(ratios[0], [1, 0])
    assert np.isinf(ratios[1, 0])


def test_all_rows_zero():
    _, ratios, (relative, _), units, common = summary(np.zeros((2, 3), np.float32))
    np.testing.assert_array_equal(ratios, np.zeros((2, 2)))
    np.testing.assert_array_equal(relative, [0, 0])
    np.testing.assert_array_equal(units, np.zeros((2, 3)))
    assert int(common) == 0


def test_scale_sum_and_freeze():
    scaled = _rowwise.scale_rows(ROWS, jnp.array([1.0, 5.0, 0.5]))
    assert jax.tree.map(lambda leaf: leaf.ravel().tolist(), _rowwise.sum_rows(scaled)) == {
        "a": [0.0],
        "b": [8.0],
    }
    zeros = _rowwise.stacked_zeros({"a": jnp.ones(1), "b": 2.0}, 3, jnp.float32)
    assert zeros["b"].shape == (3,)
    active = jnp.array([True, False, False])
    kept = _rowwise.freeze_inactive(ROWS, jax.tree.map(jnp.zeros_like, ROWS), active)
    np.testing.assert_array_equal(kept["b"].ravel(), [4, 0, 0])
