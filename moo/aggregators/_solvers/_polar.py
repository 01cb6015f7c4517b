"""The polar factor of a matrix by Newton-Schulz iterations: matrix products only."""

import jax.numpy as jnp
from jax import lax

from moo._jacobian._gram import scale_exponents, times_power_of_two
from moo._types import Array
from moo.aggregators._solvers._rows import matmul, nonzero

Quintic = tuple[float, float, float]

# Jordan et al.'s coefficients: singular values reach [0.68, 1.13] in five steps, never 1 itself.
MUON: Quintic = (3.4445, -4.7750, 2.0315)
# The convergent quintic: error of third order, exact in the limit.
EXACT: Quintic = (1.875, -1.25, 0.375)


def polar(matrix: Array, steps: int = 5, coefficients: Quintic = MUON) -> Array:
    r"""Approach $U V^\top$ of the singular value decomposition $M = U S V^\top$.

    $X \leftarrow a X + (b A + c A^2) X$ with $A = X X^\top$, from $X = M / \lVert M \rVert_F$. Only
    directions of singular values above about $a^{-k}$ of the norm arrive in k steps; a zero matrix
    stays zero.

    Args:
        matrix: shape (rows, columns), of any scale.
        steps: k, static.
        coefficients: a, b, c.

    Returns:
        An array of the same shape.
    """
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    small = times_power_of_two(wide, -scale_exponents([wide[None]])[0])
    norm = jnp.sqrt(jnp.sum(small**2))
    a, b, c = coefficients

    def step(_: int, x: Array) -> Array:
        square = matmul(x, x.T)
        bent = b * square + c * matmul(square, square)
        return a * x + matmul(bent, x)

    found = lax.fori_loop(0, steps, step, small / nonzero(norm))
    return found if wide is matrix else found.T
