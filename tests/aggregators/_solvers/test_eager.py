"""The solvers' own operations one by one, without any compilation of the whole."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo._jacobian._gram import gram_of_rows
from moo.aggregators._solvers._bargaining import bargain
from moo.aggregators._solvers._capped import capped_min_norm
from moo.aggregators._solvers._conic import conflict_averse
from moo.aggregators._solvers._dual_cone import project_rows
from moo.aggregators._solvers._min_norm import min_norm

SOLVERS = {
    "min-norm": min_norm,
    "capped": lambda gram, active: capped_min_norm(gram, active, 0.6),
    "dual cone": lambda gram, active: project_rows(gram, active, jnp.full(3, 1 / 3)),
    "CAGrad": lambda gram, active: conflict_averse(gram, active, 0.4),
    "Nash": lambda gram, active: bargain(gram, active, 1.0),
}


@pytest.mark.conformance
@pytest.mark.parametrize("name", SOLVERS)
def test_uncompiled_equals_compiled(name):
    rows = jnp.asarray(np.random.default_rng(0).standard_normal((3, 4)), jnp.float32)
    gram, active = gram_of_rows(rows), jnp.ones(3, bool)
    compiled = SOLVERS[name](gram, active)
    with jax.disable_jit():
        plain = SOLVERS[name](gram, active)
    np.testing.assert_allclose(plain.weights, compiled.weights, rtol=2e-5, atol=2e-6)
    assert bool(plain.converged)
    assert bool(compiled.converged)
