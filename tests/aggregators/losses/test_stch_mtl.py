import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, take

NADIR = np.array([1.2, 1.8])


def after_warmup(mu):
    """Warm up for two steps, of which the last is the nadir; then take the worked step."""
    method = moo.stch_mtl(2, mu=mu, warmup=2, window=1)
    return take(method, (ROWS, [9, 9]), (ROWS, NADIR), (ROWS, LOSSES))


def test_worked_example():
    updates, states = after_warmup(1.0)
    np.testing.assert_allclose(states[1].weights, 1 / NADIR, rtol=1e-6)
    np.testing.assert_allclose(states[2].weights, [6 / 7, 4 / 7], rtol=1e-6)
    np.testing.assert_allclose(updates[2], [0.4, 0.685714, -0.371429], rtol=1e-5)


def test_smaller_mu():
    """The shares of exp(10 log(L / nadir)), twice over the losses."""
    powers = (LOSSES / NADIR) ** 10
    expected = 2 * powers / powers.sum() / LOSSES
    np.testing.assert_allclose(after_warmup(0.1)[1][2].weights, expected, rtol=1e-5)
    np.testing.assert_allclose(expected, [0.106623, 0.946689], atol=1e-6)


def test_nadir_is_the_mean_of_the_window():
    method = moo.stch_mtl(2, warmup=3, window=2)
    _, states = take(method, *((ROWS, losses) for losses in ([7, 7], [1, 1], [1.4, 2.6], [5, 5])))
    np.testing.assert_allclose(states[2].inner.totals / 2, NADIR, rtol=1e-6)
    np.testing.assert_array_equal(states[3].inner.totals, states[2].inner.totals)
    np.testing.assert_array_equal(states[3].inner.steps, 3)


def test_the_warmup_waits_for_every_active_objective():
    method = moo.stch_mtl(2, warmup=1, window=1)
    _, states = take(method, (ROWS, [2, 2]), active=[True, False])
    _, alone = take(method, (ROWS, [4, 2]), state=states[0], active=[True, False])
    np.testing.assert_allclose(alone[0].weights, [0.25, 0])
    _, states = take(method, (ROWS, [4, 4]), (ROWS, [2, 4]), state=states[0])
    np.testing.assert_allclose(states[0].weights, 0.25)
    np.testing.assert_allclose(states[1].weights, [0.5, 0.25], rtol=1e-6)


def test_no_unit_of_a_loss_matters():
    units = np.array([[2.0**40], [2.0**-40]])
    method = moo.stch_mtl(2, warmup=1, window=1)
    plain, _ = take(method, (ROWS, NADIR), (ROWS, LOSSES))
    scaled, _ = take(
        method, (units * ROWS, units[:, 0] * NADIR), (units * ROWS, units[:, 0] * LOSSES)
    )
    np.testing.assert_allclose(plain[1], scaled[1], rtol=1e-5)


def test_warmup_must_hold_the_window():
    with pytest.raises(ValueError, match="warmup must be at least window = 10 steps, got 5"):
        moo.stch_mtl(2, warmup=5, window=10)
