"""Gramians of rescaled rows, and weights on them turned back into weights on the rows."""

import jax.numpy as jnp

from moo._jacobian import Gram
from moo._jacobian._gram import times_power_of_two
from moo._types import Array


def unit_rows(gram: Gram) -> Gram:
    """Return the Gramian of the rows over their norms; a zero row stays zero."""
    norms = jnp.where(gram.norms == 0, 0, jnp.ones_like(gram.norms))
    return gram._replace(norms=norms, exponents=jnp.zeros_like(gram.exponents))


def divided_rows(gram: Gram, divisors: Array) -> Gram:
    """Return the Gramian of the rows over positive divisors, shape (m,), at every scale."""
    mantissas, powers = jnp.frexp(divisors)
    exponents = gram.exponents - powers.astype(jnp.int32)
    return gram._replace(norms=gram.norms / mantissas, exponents=exponents)


def over_lengths(weights: Array, gram: Gram) -> Array:
    """Divide weights, shape (m,), by the norms of their rows; those of zero rows stay."""
    norms = jnp.where(gram.norms == 0, 1, gram.norms)
    return times_power_of_two(weights / norms, jnp.where(gram.norms == 0, 0, -gram.exponents))
