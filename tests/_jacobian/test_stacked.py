import jax.numpy as jnp
import numpy as np
import pytest

import moo

ROWS = jnp.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]])


def test_a_matrix_is_a_jacobian():
    jac = moo.stacked_jacobian(ROWS, losses=jnp.array([3.0, 4.0]))
    np.testing.assert_array_equal(jac.losses, [3, 4])
    np.testing.assert_array_equal(jac.rows(), ROWS)
    np.testing.assert_array_equal(jac.combine(jnp.array([2.0, 1.0])), [2, 3, 3])
    np.testing.assert_allclose(jac.gram().matrix, [[5, -2], [-2, 10]], rtol=1e-6)
    assert jac.materialize() is jac
    assert jac.has_losses


def test_a_pair_of_arrays_is_a_tree_of_rows():
    jac = moo.stacked_jacobian((ROWS, ROWS[:, :1]))
    one, two = jac.combine(jnp.array([1.0, 1.0]))
    np.testing.assert_array_equal(one, [1, 1, 3])
    np.testing.assert_array_equal(two, [1])
    assert not jac.has_losses


def test_inactive_rows_count_as_zero_even_when_nan():
    rows = ROWS.at[1].set(jnp.nan)
    jac = moo.stacked_jacobian(rows, active=jnp.array([True, False]))
    np.testing.assert_array_equal(jac.combine(jnp.ones(2)), ROWS[0])
    np.testing.assert_allclose(jac.gram().matrix, [[5, 0], [0, 0]], rtol=1e-6)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda jac: jac.losses, "has no losses: give stacked_jacobian losses="),
        (lambda jac: jac.split(2), "StackedJacobian cannot be split: it holds no batch"),
        (lambda jac: jac.at(ROWS[0]), "StackedJacobian cannot be taken at another point"),
        (lambda jac: jac.losses_at(ROWS[0]), "cannot evaluate losses at another point"),
    ],
)
def test_what_it_does_not_hold_raises(ask, message):
    with pytest.raises(ValueError, match=message):
        ask(moo.stacked_jacobian(ROWS))


@pytest.mark.parametrize(
    ("rows", "losses", "error", "message"),
    [
        (jnp.ones((2, 3), int), None, TypeError, "rows has dtype int32"),
        ({"a": jnp.ones((2, 3), int)}, None, TypeError, r"rows\['a'\] has dtype int32"),
        ({}, None, ValueError, "rows has no leaf"),
        (jnp.float32(1), None, ValueError, r"one leading axis m >= 1, got leading axes \[\(\)\]"),
        (jnp.ones((0, 3)), None, ValueError, r"one leading axis m >= 1, got leading axes"),
        ((jnp.ones((2, 3)), jnp.ones((3, 3))), None, ValueError, r"got leading axes \[\(2,\), "),
        (ROWS, jnp.ones(3), ValueError, r"losses must have shape \(2,\), one for each row"),
        (ROWS, jnp.ones(2, jnp.bfloat16), TypeError, "losses have dtype bfloat16"),
        (ROWS, jnp.ones((2, 1)), ValueError, r"got shape \(2, 1\)"),
    ],
)
def test_rows_of_another_form_are_refused(rows, losses, error, message):
    with pytest.raises(error, match=message):
        moo.stacked_jacobian(rows, losses)


def test_losses_based_aggregators_need_losses():
    from tests.helpers.core import by_loss

    agg = by_loss(2)
    with pytest.raises(ValueError, match="give stacked_jacobian losses="):
        agg.update(moo.stacked_jacobian(ROWS), agg.init(ROWS[0]))
