import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo._jacobian._gram import gram_of_rows
from moo.aggregators._solvers._rows import Rows


def test_a_length_that_underflows_beside_the_longest_still_divides():
    rows = Rows.of(gram_of_rows(jnp.diag(jnp.array([1e19, 1e-20, 0.0]))), jnp.ones(3, bool))
    assert (rows.length[:2] > 0).all()
    np.testing.assert_allclose(rows.per_length(rows.length), [1, 1, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("method", "weight"),
    [(moo.pcgrad, 1), (moo.gradvac, 1), (moo.gradops, 1), (moo.upgrad, 0.5), (moo.cagrad, 0.5),
     (moo.imgrad, 0.5), (moo.gradcraft, 0.5), (moo.config, 0.5)],
)  # fmt: skip
def test_orthogonal_rows_forty_decades_apart(method, weight):
    """Nothing conflicts: the longer row has its plain weight, and nothing overflows."""
    J = jnp.diag(jnp.array([1e19, 1e-20]))
    tx = method(2)
    update, state = tx.update(moo.stacked_jacobian(J), tx.init(J[0]))
    assert np.isfinite(update).all()
    assert np.isfinite(state.weights).all()
    assert float(state.weights[0]) == pytest.approx(weight, rel=1e-5)
