import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.follow import LOSSES, ROWS, follow
from tests.aggregators.matrices import quadruples
from tests.aggregators.oracles import min_norm

LENGTHS = np.linalg.norm(ROWS, axis=1)
DIVISORS = {"l2": LENGTHS, "loss": LOSSES, "loss+": LOSSES * LENGTHS}


@pytest.mark.parametrize("normalization", DIVISORS)
def test_normalised_rows(normalization):
    """The weights solve the problem of J / c, and come back divided by c, or as they are."""
    divisors = DIVISORS[normalization]
    expected = min_norm(ROWS / divisors[:, None])
    tx = moo.mgda(2, normalization=normalization)
    update, state = follow(tx, ROWS, losses=[LOSSES])
    np.testing.assert_allclose(update[0], expected, atol=1e-6)
    assert bool(state.converged)
    tx = moo.mgda(2, normalization=normalization, apply="losses")
    update, plain = follow(tx, ROWS, losses=[LOSSES])
    np.testing.assert_allclose(update[0], (state.weights * divisors) @ ROWS, atol=1e-6)
    assert float(jnp.sum(plain.weights)) == pytest.approx(1, abs=1e-6)


def test_extreme_and_zero_rows():
    J = np.array([[1e-30, 0], [0, 1e30]], np.float32)
    update, _ = follow(moo.mgda(2, normalization="l2"), J, np.eye(2) * [1, 0])
    np.testing.assert_allclose(update, [[0.5, 0.5], [0, 0]], rtol=1e-6)


def test_a_loss_that_is_not_positive_is_announced():
    tx = moo.mgda(2, normalization="loss")
    update, _ = follow(tx, ROWS, ROWS, losses=[[1.0, -1.0], [1.0, 0.0]])
    assert np.isnan(update).all()
    update, _ = follow(tx, ROWS, losses=[[1.0, -1.0]], active=[True, False])
    np.testing.assert_allclose(update[0], ROWS[0], rtol=1e-6)


def test_wrong_options():
    with pytest.raises(ValueError, match=r"normalization must be one of none, l2, loss, loss\+"):
        moo.mgda(2, normalization="l1")
    with pytest.raises(ValueError, match="apply must be one of gradients, losses, got 'rows'"):
        moo.mgda(2, apply="rows")
    tx = moo.mgda(2, normalization="loss")
    with pytest.raises(ValueError, match="losses are missing"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.zeros(2)))


def test_stops_at_pareto_stationary_points():
    for name in ("opposite", "stationary", "zero row"):
        J = quadruples()[name]
        update, state = follow(moo.mgda(4), J)
        mass = np.asarray(state.weights) @ np.linalg.norm(J, axis=1)
        assert np.linalg.norm(update[0]) <= 1e-3 * mass
        assert bool(state.converged)
