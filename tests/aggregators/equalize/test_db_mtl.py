import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.follow import LATER, LATER_LOSSES, LOSSES, ROWS, as_tree, flat, follow

TX = moo.db_mtl(2)

BOTH = [LOSSES, LATER_LOSSES]


def db_mtl(batches, losses, beta=0.9, sigma=0.0):
    """Follow the rule in float64."""
    average, out = 0.0, []
    for k, (J, ell) in enumerate(zip(batches, losses, strict=True), 1):
        rate = beta / k**sigma
        average = rate * average + (1 - rate) * J / ell[:, None]
        lengths = np.linalg.norm(average, axis=1)
        out.append(lengths.max() * (average / lengths[:, None]).sum(axis=0))
    return np.array(out), lengths


def test_worked_numbers():
    v, state = follow(TX, as_tree(ROWS), as_tree(LATER), losses=BOTH)
    expected, lengths = db_mtl([ROWS, LATER], BOTH)
    np.testing.assert_allclose(flat(v), expected, rtol=1e-5)
    known = [[0.024802, 0.104598, -0.0406], [0.040219, 0.15593, -0.042674]]
    np.testing.assert_allclose(expected, known, atol=2e-6)
    np.testing.assert_allclose(lengths, [0.170548, 0.126631], atol=1e-6)
    np.testing.assert_array_equal(state.inner.steps, [2, 2])


@pytest.mark.parametrize(("decay", "power"), [(0.0, 0.0), (0.9, 0.5)])
def test_decays(decay, power):
    tx = moo.db_mtl(2, decay=decay, decay_power=power)
    v = follow(tx, ROWS, LATER, losses=BOTH)[0]
    expected = db_mtl([ROWS, LATER], BOTH, decay, power)[0]
    np.testing.assert_allclose(v, expected, rtol=1e-5)
    if decay == 0:
        np.testing.assert_allclose(expected[0], [0.248016, 1.045982, -0.406002], atol=2e-6)


def test_units_of_a_loss_do_not_matter():
    units = np.array([1e3, 1e-3])
    tx = TX
    v = follow(tx, ROWS, LATER, losses=BOTH)[0]
    rescaled = [ell * units for ell in BOTH]
    w = follow(tx, ROWS * units[:, None], LATER * units[:, None], losses=rescaled)[0]
    np.testing.assert_allclose(w, v, rtol=1e-4)


def test_opposite_zero_and_inactive_rows():
    opposite = np.stack([ROWS[0], -3 * ROWS[0]])
    np.testing.assert_allclose(follow(TX, opposite)[0][0], 0, atol=1e-6)
    v = follow(TX, ROWS * [[1], [0]])[0][0]
    np.testing.assert_allclose(v, 0.1 * ROWS[0], rtol=1e-5)
    alone, state = follow(TX, ROWS, active=[False, True])
    np.testing.assert_allclose(alone[0], 0.1 * ROWS[1], rtol=1e-5)
    np.testing.assert_array_equal(state.inner.steps, [0, 1])


def test_losses_must_be_there_and_above_zero():
    assert np.isnan(follow(TX, ROWS, losses=[[-1.0, 1]])[0]).all()
    tx = TX
    with pytest.raises(ValueError, match="db_mtl needs the losses"):
        tx.update(moo.stacked_jacobian(jnp.float32(ROWS)), tx.init(jnp.zeros(3)))


def test_units_do_not_matter_for_tiny_losses():
    units = np.array([1e-12, 1.0])
    v = follow(TX, ROWS, losses=[LOSSES])[0]
    w = follow(TX, ROWS * units[:, None], losses=[LOSSES * units])[0]
    np.testing.assert_allclose(w, v, rtol=1e-4)
    assert np.isnan(follow(TX, ROWS, losses=[[0.0, 1]])[0]).all()
