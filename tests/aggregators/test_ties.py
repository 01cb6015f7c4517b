import jax
import jax.numpy as jnp
import numpy as np

from moo.aggregators._ties import shared


def test_shares_are_equal_and_nothing_chosen_is_announced():
    chosen = jnp.array([[True, True, False], [False, True, False], [False, False, False]])
    found = jax.jit(lambda chosen: shared(chosen, 1))(chosen)
    np.testing.assert_array_equal(found, [[0.5, 0.5, 0], [0, 1, 0], [np.nan] * 3])


def test_an_extremum_that_is_nan_is_announced():
    values = jnp.array([1.0, jnp.nan])
    found = jax.jit(lambda values: shared(values == jnp.max(values), 0))(values)
    assert np.isnan(found).all()
