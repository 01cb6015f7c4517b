"""Other numbers of objectives and of parameters, up to 512."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.aggregators.conformance.probe import probe, stepper
from tests.aggregators.conformance.run import methods
from tests.aggregators.table import TABLE


@pytest.mark.parametrize(("m", "d"), [(1, 1), (3, 1), (512, 4)])
@methods
@pytest.mark.conformance
def test_finite(name, m, d):
    rng = np.random.default_rng(m)
    active = np.arange(m) % 5 != 1
    asked = probe(rng.standard_normal((m, d)), active=active)
    tx = TABLE[name].build(m)
    state, step = tx.init(jnp.zeros(d)), jax.jit(stepper(name, tx))
    for mask in (active, ~active) if m < 100 else (active,):
        state, v, weights, _ = step(state, asked._replace(active=mask), asked.losses)
        assert np.isfinite(v).all()
        if weights is not None:
            np.testing.assert_array_equal(weights[~mask], 0)
