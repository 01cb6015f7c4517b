import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators._registry import METHODS
from tests.aggregators.losses.steps import take
from tests.aggregators.table import TABLE

BY_LOSSES = [
    name
    for name, method in METHODS.items()
    if method.family in ("losses", "online")
    and method.needs == "losses"
    and method.placement == "first"
    and not method.random
]
HISTORY = np.array([[1, 7, 2], [0.5, 3, 3], [2, 1, 4], [0.1, 5, 1.5]])
SEEN = np.array([True, False, True])


def batches(history):
    return [(np.ones((len(losses), 3)), losses) for losses in history]


@pytest.mark.parametrize("name", BY_LOSSES)
def test_an_inactive_objective_might_as_well_not_be(name):
    """Over four steps: the weights are those of the smaller problem, and its state stays."""
    whole, fewer = TABLE[name].build(3), TABLE[name].build(2)
    _, states = take(whole, *batches(HISTORY), active=SEEN)
    _, expected = take(fewer, *batches(HISTORY[:, SEEN]))
    for state, other in zip(states, expected, strict=True):
        np.testing.assert_allclose(np.asarray(state.weights)[SEEN], other.weights, rtol=2e-6)
        assert float(state.weights[1]) == 0
    start, end = (jax.tree.leaves(state) for state in (whole.init(jnp.zeros(3)), states[-1]))
    for old, new in zip(start, end, strict=True):
        if new.shape == (3,):
            np.testing.assert_array_equal(new[1], old[1])


@pytest.mark.parametrize("name", BY_LOSSES)
def test_losses_over_thirty_decades(name):
    """No exponent, sum or ratio of finite positive losses turns into NaN."""
    history = np.array([[1e-15, 1.0, 1e15], [1e15, 1e-15, 1.0], [1.0, 1.0, 1e-15]])
    _, states = take(TABLE[name].build(3), *batches(np.tile(history, (2, 1))))
    for state in states:
        assert np.isfinite(state.weights).all()
