"""The subproblem of SDMGrad: min-norm shares of gradients that are leaned towards their mean."""

from typing import Literal

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._jacobian._gram import times_power_of_two
from moo._types import Array
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._simplex import project_simplex
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.stochastic._multipliers import scaled_products

Inner = Literal["exact", "published"]

# The authors' loop, number for number.
_STEPS, _LEARNING_RATE, _MOMENTUM, _FLOOR = 20, 10.0, 0.5, 1e-4


def solve(gram: Gram, before: Array, active: Array, lam: ArrayLike, inner: Inner) -> Solution:
    r"""Return shares w on the simplex for $\tfrac12 w^\top A w + \lambda w^\top A \tilde w$.

    `"exact"` minimises it with the positive part of the symmetric part of A, certified; what two
    batches leave of A beside it is noise, whose expectation is 0. `"published"` runs the authors'
    projected momentum steps on A from `before`, with no certificate.
    """
    if inner == "published":
        shares = _published(gram, before, active, lam)
        return Solution(shares, jnp.zeros((), shares.dtype), jnp.isfinite(shares).all())
    products, _ = scaled_products(gram)
    products = jnp.where(active[:, None] & active[None, :], products, 0)
    if gram.other_norms is not None:
        products = _positive_part(products)
    lean = _lean(active, lam, products.dtype)
    mixed = jnp.matmul(jnp.matmul(lean, products, precision="highest"), lean.T, precision="highest")
    diagonal = jnp.maximum(jnp.diagonal(mixed), 0)
    return min_norm(Gram.of(jnp.where(jnp.eye(len(active), dtype=bool), diagonal, mixed)), active)


def leaned(shares: Array, active: Array, lam: ArrayLike) -> Array:
    r"""Return $(w + \lambda \tilde w) / (1 + \lambda)$, the weights of the rows."""
    return (jnp.sum(_lean(active, lam, shares.dtype) * shares[:, None], axis=0)).astype(
        shares.dtype
    )


def _lean(active: Array, lam: ArrayLike, dtype: jnp.dtype) -> Array:
    r"""Return M with rows $M_i$ that turn J into $(g_i + \lambda \bar g) / (1 + \lambda)$."""
    even = active / jnp.maximum(jnp.sum(active), 1).astype(dtype)
    mixed = (jnp.eye(len(active), dtype=dtype) + lam * even[None, :]) / (1 + jnp.asarray(lam))
    return jnp.where(active[:, None] & active[None, :], mixed, 0).astype(dtype)


def _positive_part(products: Array) -> Array:
    values, vectors = jnp.linalg.eigh((products + products.T) / 2)
    kept = vectors * jnp.maximum(values, 0)
    return jnp.matmul(kept, vectors.T, precision="highest")


@jax.jit
def _published(gram: Gram, before: Array, active: Array, lam: ArrayLike) -> Array:
    products, exponent = scaled_products(gram)
    products = jnp.where(active[:, None] & active[None, :], products, 0)
    count = jnp.maximum(jnp.sum(active), 1)
    floor = times_power_of_two(jnp.asarray(_FLOOR, products.dtype), -exponent)
    lengths = jnp.sqrt(jnp.maximum(jnp.diagonal(products), 0) + floor)
    size = jnp.sum(jnp.where(active, lengths, 0)) / count
    matrix = products / jnp.where(size > 0, size, 1) ** 2
    even = jnp.where(active, 1 / count, 0).astype(products.dtype)

    def step(_: int, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        shares, speed = carry
        along = jnp.sum(matrix * (shares + lam * even), axis=1)
        speed = (_MOMENTUM * speed + along).astype(shares.dtype)
        return project_simplex(shares - _LEARNING_RATE * speed, active), speed

    return lax.fori_loop(0, _STEPS, step, (before, jnp.zeros_like(before)))[0]
