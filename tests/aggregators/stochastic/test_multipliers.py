import jax.numpy as jnp
import numpy as np

from moo.aggregators._solvers._simplex import over_active
from moo.aggregators.stochastic._multipliers import stored


def test_active_multipliers_without_mass_start_even():
    before, active = jnp.array([1.0, 0, 0]), jnp.array([False, True, True])
    shares = over_active(before, active)
    np.testing.assert_allclose(shares, [0, 0.5, 0.5])
    after = stored(shares, before, active)
    np.testing.assert_allclose(after, [1, 1 / 3, 1 / 3], rtol=1e-6)
    np.testing.assert_allclose(over_active(after, jnp.ones(3, bool)), [0.6, 0.2, 0.2], rtol=1e-6)
