"""What certificates in float64 share: a solver run on a stack of Gramians, and their products."""

import functools

import clarabel
import jax
import jax.numpy as jnp
import numpy as np
import quadprog
from scipy import sparse

from moo._jacobian._gram import Gram

LANES, WIDE = 500, 16  # so many problems at once, and one at a time from so many rows on
SINGLE, DOUBLE = (1e-4, 1e-6), (1e-8, 1e-12)
BARS = {np.float32: SINGLE, np.float64: DOUBLE}


def answers(solver, stack, *parameters, dtype=np.float32):
    """Return weights, residuals and `converged` of `solver(gram, active, *parameters)`."""
    run = compiled(solver)
    given = [np.asarray(x, dtype) for x in (*rounded(stack), *parameters)]
    n = len(stack)
    lanes = LANES if stack.shape[1] < WIDE else 1
    # The last piece is filled up, so that a size is compiled once.
    given = [np.concatenate([x, np.repeat(x[:1], -n % lanes, axis=0)]) for x in given]
    pieces = [run(*[x[k : k + lanes] for x in given]) for k in range(0, len(given[0]), lanes)]
    fields = [np.concatenate(field)[:n].astype(np.float64) for field in zip(*pieces, strict=True)]
    return fields[0], fields[1], fields[2].astype(bool)


def rounded(stack):
    """Return cosines and norms from double precision: a solver is judged, not the products."""
    norms = np.linalg.norm(stack, axis=2)
    return gramians(stack / norms[:, :, None]), norms


@functools.cache
def compiled(solver):
    def one(cosines, norms, *parameters):
        mantissas, exponents = jnp.frexp(norms)
        cosines = jnp.where(jnp.eye(len(norms), dtype=bool), 1, cosines)
        gram = Gram(cosines, mantissas, exponents)
        return solver(gram, jnp.ones(len(norms), bool), *parameters)

    return jax.jit(jax.vmap(one))


def gramians(stack):
    return stack @ stack.transpose(0, 2, 1)


def combined(stack, weights):
    """Return v = J'w for every Jacobian, shape (n, d)."""
    return np.einsum("nmd,nm->nd", stack, weights)


def products(stack, vectors):
    """Return Jv for every Jacobian, shape (n, m)."""
    return np.einsum("nmd,nd->nm", stack, vectors)


def dots(a, b):
    return np.einsum("ni,ni->n", a, b)


def terms(stack, weights):
    """Return the sum of the lengths of which v is made: what rounding is relative to."""
    return dots(np.abs(weights), np.linalg.norm(stack, axis=2))


def uniform(stack):
    return np.full(stack.shape[:2], 1 / stack.shape[1])


def excess(grams, weights, bar, least=None):
    """Return (|v|² - min g·v) / bar, with bar = relative · |v|² + absolute · least squared norm."""
    slopes = np.einsum("nij,nj->ni", grams, weights)
    square = dots(weights, slopes)
    shortest = np.einsum("nii->ni", grams).min(axis=1)
    least = slopes.min(axis=1) if least is None else least(slopes)
    return (square - least) / (bar[0] * square + bar[1] * shortest)


def quadratic(gram, linear, rows, sides, equalities):
    """Minimise ½wᵀGw - linearᵀw subject to rows w >= sides, the first ones equalities.

    The ridge that the factorisation of quadprog needs changes the least value by 1e-9 at most.
    """
    size = np.trace(gram) / len(gram)
    ridged = gram / size + 1e-9 * np.eye(len(gram))
    return quadprog.solve_qp(ridged, linear / size, rows.T, sides, equalities)[0]


def shortest(gram, cap=1.0):
    """Return the weights of the shortest vector, none above the cap, by quadprog."""
    m = len(gram)
    rows = np.vstack([np.ones(m), np.eye(m), -np.eye(m)])
    sides = np.concatenate([[1.0], np.zeros(m), np.full(m, -cap)])
    return quadratic(gram, np.zeros(m), rows, sides, 1)


def conic(hessian, linear, rows, sides, cones):
    """Return the least value of a conic program, by clarabel."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    hessian, rows = (sparse.csc_matrix(x) for x in (np.triu(hessian), rows))
    return clarabel.DefaultSolver(hessian, linear, rows, sides, cones, settings).solve().obj_val
