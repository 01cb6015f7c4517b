"""Run a solver on a stack of matrices with one compilation for each number of rows."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from moo._jacobian._gram import gram_of_rows

SIZES = {2: (2, 8, 64), 4: (4, 8, 64), 64: (64, 100, 4)}


def solve(solver, stack, parameter=0.0, active=None):
    """Return weights, residuals and `converged` of `solver(gram, active, parameter)`, in float64.

    The stack, shape (n, m, d), is padded with inactive rows and zero columns, and run in pieces of
    one size.
    """
    stack = np.asarray(stack, np.float64)
    n, m, d = stack.shape
    active = np.ones((n, m), bool) if active is None else np.asarray(active)
    rows, columns, lanes = next(SIZES[size] for size in SIZES if size >= m)
    padded = np.zeros((-(-n // lanes) * lanes, rows, columns), np.float32)
    padded[:n, :m, :d] = stack
    mask = np.zeros(padded.shape[:2], bool)
    mask[:n, :m] = active
    run = compiled(solver)
    pieces = [
        run(padded[k : k + lanes], mask[k : k + lanes], jnp.float32(parameter))
        for k in range(0, len(padded), lanes)
    ]
    weights, residual, converged = (
        np.concatenate([np.asarray(x, np.float64) for x in field])[:n]
        for field in zip(*pieces, strict=True)
    )
    assert not weights[:, m:].any()
    return weights[:, :m], residual, converged


def directions(stack, weights):
    """Return v for every matrix of the stack, shape (n, d)."""
    return np.einsum("nmd,nm->nd", np.asarray(stack, np.float64), weights)


@functools.cache
def compiled(solver):
    one = functools.partial(_of_rows, solver)
    return jax.jit(jax.vmap(one, in_axes=(0, 0, None)))


def _of_rows(solver, rows, active, parameter):
    return solver(gram_of_rows(rows), active, parameter)
