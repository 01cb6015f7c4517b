"""One method, one probe, one step a call: three objectives, by one compiled program a method."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from tests.aggregators.conformance.probe import STEPS, answers, fallen, stacked, stepper
from tests.aggregators.conformance.run import at
from tests.aggregators.conformance.stack import D
from tests.aggregators.table import TABLE

M = 3


@functools.cache
def program(name):
    """Return the first state and the compiled step."""
    tx = TABLE[name].build(M)
    return jax.jit(tx.init)(jnp.zeros(D)), jax.jit(stepper(name, tx))


def steps(name, asked, losses):
    """Return (v, weights, converged) at each vector of losses."""
    state, step = program(name)
    found = []
    for ell in losses:
        state, *answer = step(state, asked, ell)
        found.append(answer)
    return found


def answer(name, asked):
    """Return the same answer as a lane of the stack."""
    found = steps(name, asked, np.asarray(fallen(name, asked))[:STEPS])
    raw = [None if x[0] is None else np.stack(x)[None] for x in zip(*found, strict=True)]
    return at(answers(name, stacked([asked]), raw), 0)
