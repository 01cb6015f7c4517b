import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo._jacobian import Gram, _gram
from tests.helpers.core import compiled

ROWS = np.random.default_rng(0).normal(size=(4, 6))


def _exact(rows):
    """Cosines and norms in float64, the rows' own powers of two taken out first."""
    rows = np.asarray(rows, np.float64)
    peaks = np.abs(rows).max(axis=1, keepdims=True)
    scaled = rows / np.where(peaks > 0, peaks, 1)
    norms = np.linalg.norm(scaled, axis=1)
    safe = np.where(norms > 0, norms, 1)
    return scaled @ scaled.T / safe[:, None] / safe[None, :], norms * peaks[:, 0]


@pytest.fixture(scope="module", params=["short", "long"])
def gram_of(request):
    """The Gramian as it is taken of short rows, and as of long ones on a single device."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "long":
            patch.setattr(_gram, "_LONG", 0)
            patch.setattr(jax, "device_count", lambda: 1)
        yield jax.jit(lambda rows: moo.stacked_jacobian(rows).gram())


@pytest.mark.parametrize(
    "scales",
    [
        np.full(4, 2.0**60),
        np.full(4, 2.0**-60),
        np.full(4, 1e-30),
        np.full(4, 1e30),
        np.array([1.0, 1e-3, 1e-6, 1e-9]),
        np.array([1e30, 1e-30, 1.0, 1e-18]),
    ],
    ids=["2^60", "2^-60", "1e-30", "1e30", "mixed", "extreme"],
)
def test_cosines_and_norms_at_every_scale(gram_of, scales):
    rows = jnp.asarray(ROWS * scales[:, None], jnp.float32)
    gram = gram_of(rows)
    cosines, norms = _exact(rows)
    np.testing.assert_allclose(gram.cosines, cosines, atol=3e-7)
    true = np.asarray(gram.norms, np.float64) * 2.0 ** np.asarray(gram.exponents, np.float64)
    np.testing.assert_allclose(true, norms, rtol=1e-6)
    np.testing.assert_allclose(gram.lengths, norms, rtol=1e-6)


def test_uniform_powers_of_two_change_only_exponents(gram_of):
    plain = gram_of(jnp.asarray(ROWS, jnp.float32))
    for power in (-60, 60):
        scaled = gram_of(jnp.asarray(ROWS * 2.0**power, jnp.float32))
        np.testing.assert_array_equal(scaled.cosines, plain.cosines)
        np.testing.assert_array_equal(scaled.norms, plain.norms)
        np.testing.assert_array_equal(scaled.exponents, plain.exponents + power)


def test_norms_are_scaled_and_the_diagonal_is_exactly_one(gram_of):
    gram = gram_of(jnp.asarray(ROWS, jnp.float32))
    assert ((gram.norms >= 0.5) & (gram.norms < np.sqrt(6))).all()
    np.testing.assert_array_equal(jnp.diagonal(gram.cosines), 1)
    np.testing.assert_array_equal(gram.cosines, gram.cosines.T)
    assert gram.exponents.dtype == jnp.int32


def test_zero_row_has_zero_norm_and_cosines(gram_of):
    rows = jnp.asarray(ROWS, jnp.float32).at[2].set(0)
    gram = gram_of(rows)
    assert gram.norms[2] == 0
    assert gram.exponents[2] == 0
    np.testing.assert_array_equal(gram.cosines[2], 0)
    np.testing.assert_array_equal(gram.cosines[:, 2], 0)
    np.testing.assert_allclose(gram.matrix, np.asarray(rows) @ np.asarray(rows).T, atol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_non_finite_row_stays_visible_and_alone(gram_of, bad):
    gram = gram_of(jnp.asarray(ROWS, jnp.float32).at[1, 3].set(bad))
    assert jnp.isnan(gram.cosines[1]).all()
    others = np.array([0, 2, 3])
    cosines = _exact(ROWS)[0]
    np.testing.assert_allclose(
        gram.cosines[np.ix_(others, others)], cosines[np.ix_(others, others)], atol=3e-7
    )


def test_opposite_and_duplicate_rows_have_exact_cosines(gram_of):
    row = ROWS[0] / 3
    gram = gram_of(jnp.asarray(np.stack([row, -row, 7 * row, row]), jnp.float32))
    np.testing.assert_allclose(gram.cosines[0], [1, -1, 1, 1], atol=2e-7)
    assert (jnp.abs(gram.cosines) <= 1).all()


def test_matrix_is_the_plain_gramian(gram_of):
    rows = jnp.asarray(ROWS, jnp.float32)
    np.testing.assert_allclose(gram_of(rows).matrix, ROWS @ ROWS.T, rtol=1e-5, atol=1e-5)


def test_matrix_of_orthogonal_rows_is_zero_off_the_diagonal_at_the_largest_scale(gram_of):
    rows = jnp.zeros((4, 6)).at[0, 0].set(3e38).at[1, 1].set(3e38)
    matrix = gram_of(rows).matrix
    assert matrix[0, 1] == 0
    assert jnp.isinf(matrix[0, 0])


def test_of_a_plain_gramian_round_trips():
    matrix = jnp.asarray(ROWS @ ROWS.T, jnp.float32).at[2].set(0).at[:, 2].set(0)
    gram = compiled(Gram.of, matrix)
    np.testing.assert_allclose(gram.matrix, matrix, rtol=2e-6, atol=2e-6)
    np.testing.assert_array_equal(gram.norms[2], 0)
    np.testing.assert_array_equal(jnp.diagonal(gram.cosines), [1, 1, 0, 1])


def test_cross_gramian_and_its_scales(gram_of):
    other = ROWS[::-1] * np.array([1e-20, 1.0, 1e20, 0.0])[:, None]
    one = moo.stacked_jacobian(jnp.asarray(ROWS, jnp.float32))
    two = moo.stacked_jacobian(jnp.asarray(other, jnp.float32))
    cross = compiled(lambda: one.gram(two))
    norms = np.linalg.norm(ROWS, axis=1)
    widths = np.linalg.norm(other, axis=1)
    cosines = ROWS @ other.T / norms[:, None] / np.where(widths > 0, widths, 1)
    np.testing.assert_allclose(cross.cosines, cosines, atol=3e-7)
    np.testing.assert_array_equal(cross.cosines[:, 3], 0)
    np.testing.assert_allclose(cross.matrix, ROWS @ other.T, rtol=2e-6, atol=1e-6)


def test_no_rounding_between_leaves_of_different_scale():
    """A leaf at 1e-25 beside one at 1 must not disturb, nor be lost where it is all there is."""
    tree = {"big": jnp.array([[1.0], [0.0]]), "small": jnp.array([[1e-25], [2e-25]])}
    gram = compiled(lambda: moo.stacked_jacobian(tree).gram())
    np.testing.assert_allclose(gram.lengths, [1, 2e-25], rtol=1e-6)
    np.testing.assert_allclose(gram.cosines, [[1, 1e-25], [1e-25, 1]], rtol=1e-6, atol=0)


@pytest.mark.parametrize("power", [-31, -30, 0, 30, 31])
def test_leaves_of_any_rank_at_the_edge_of_moderate_scales(gram_of, power):
    tree = {"scalar": ROWS[:, 0], "vector": ROWS[:, 1:2], "matrix": ROWS[:, 2:].reshape(4, 2, 2)}
    tree = jax.tree.map(lambda leaf: jnp.asarray(leaf * 2.0**power, jnp.float32), tree)
    gram = gram_of(tree)
    cosines, norms = _exact(ROWS * 2.0**power)
    np.testing.assert_allclose(gram.cosines, cosines, atol=3e-7)
    np.testing.assert_allclose(gram.lengths, norms, rtol=1e-6)
    assert ((gram.norms >= 0.5) & (gram.norms < np.sqrt(6))).all()


def test_bfloat16_rows_are_multiplied_in_float32():
    rows = jnp.asarray(ROWS, jnp.bfloat16)
    gram = compiled(lambda: moo.stacked_jacobian(rows).gram())
    assert gram.cosines.dtype == gram.norms.dtype == jnp.float32
    np.testing.assert_allclose(gram.cosines, _exact(rows)[0], atol=3e-7)


def test_mixed_dtypes_in_x64_survive_extreme_exponents(x64):
    tree = {
        "narrow": jnp.zeros((2, 2), jnp.float32),
        "wide": jnp.array([[3e-200, 4e-200], [5e-200, 0]], jnp.float64),
    }
    gram = compiled(lambda: moo.stacked_jacobian(tree).gram())
    assert gram.cosines.dtype == jnp.float64
    np.testing.assert_allclose(gram.cosines, [[1, 0.6], [0.6, 1]], rtol=1e-12)


def test_gramian_maps_over_a_batch(gram_of):
    stack = jnp.asarray(np.stack([ROWS, 2 * ROWS, ROWS[::-1]]), jnp.float32)
    mapped = compiled(jax.vmap(lambda rows: moo.stacked_jacobian(rows).gram()), stack)
    for i in range(3):
        alone = gram_of(stack[i])
        np.testing.assert_allclose(mapped.cosines[i], alone.cosines, atol=1e-6)
        np.testing.assert_array_equal(mapped.exponents[i], alone.exponents)
