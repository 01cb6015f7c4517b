"""bfloat16 parameters, and 64-bit types."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.aggregators.conformance import lone
from tests.aggregators.conformance.probe import Probe, fallen, stepper
from tests.aggregators.conformance.run import methods
from tests.aggregators.conformance.stack import FOURS
from tests.aggregators.table import TABLE

CASES = ("random 0", "random 1", "random 2", "stationary", "zero row")


@methods
@pytest.mark.conformance
def test_bfloat16(name):
    """Updates keep the type of the parameters, and losses and state do not take it."""
    found, weights = zip(*_answers(name, jnp.bfloat16, jnp.float32), strict=True)
    for v, w in zip(found, weights, strict=True):
        assert v.dtype == jnp.bfloat16
        assert np.isfinite(np.asarray(v, np.float32)).all()
        assert w is None or w.dtype == jnp.float32


@methods
@pytest.mark.conformance
def test_float64(name, x64):
    for case, (v, w) in zip(CASES, _answers(name, jnp.float64, jnp.float64), strict=True):
        assert v.dtype == np.float64
        assert w is None or w.dtype == np.float64
        asked, row = _three(case), TABLE[name]
        assert np.isfinite(v).all()
        if row.oracle and case.startswith("random") and row.applies(asked.matrix):
            expected = row.oracle(asked.matrix, np.asarray(fallen(name, asked), np.float64)[0])
            allowed = 2e-6 * max(np.linalg.norm(asked.rows, axis=1).max(), np.linalg.norm(v))
            np.testing.assert_allclose(v, expected, atol=allowed, rtol=0)


def _three(case):
    return Probe(*(field[:3] for field in FOURS[case]))


def _answers(name, params, losses):
    """Return v and the weights of the first step on each case."""
    tx = TABLE[name].build(lone.M)
    state, step = tx.init(jnp.zeros(lone.D, params)), jax.jit(stepper(name, tx, params))
    for case in CASES:
        asked = _three(case)
        asked = asked._replace(
            rows=jnp.asarray(asked.rows, params), losses=jnp.asarray(asked.losses, losses)
        )
        yield step(state, asked, fallen(name, asked)[0])[1:3]
