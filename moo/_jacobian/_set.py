"""What the Jacobians of sets of solutions have in common."""

import abc
import copy
from typing import Any, Self

import jax
import jax.numpy as jnp

from moo._jacobian._base import Unflattenable
from moo._jacobian._checks import check_losses
from moo._jacobian._gram import Gram, gram_of_rows
from moo._types import Array, Objectives, PyTree


class SetJacobian(Unflattenable, abc.ABC):
    r"""The Jacobians $J_1, \dots, J_K$ of m losses at K solutions, computed on demand.

    Like `moo.Jacobian` it is immutable, keeps no cache, and is no pytree: build it inside the
    jitted function and close over it.

    Attributes:
        losses: shape (K, m).
        num_solutions: the number K of solutions.
        num_objectives: the number m of objectives.
        aux: what the objectives returned beside the losses, with a leading axis K; None without
            `has_aux`.
    """

    losses: Array
    num_solutions: int
    num_objectives: int
    aux: PyTree
    _held: PyTree | None = None

    def combine(self, weights: Array) -> PyTree:
        """Return the gradients combined by weights, shape (K, m): K backward passes, batched."""
        weights = self._checked(weights)
        if self._held is None:
            return self._pull(weights.astype(self.losses.dtype))
        return self._combine_rows(self._held, weights)

    def rows(self) -> PyTree:
        """Return every gradient: leaves (K, m, ...). K m backward passes."""
        return self._rows() if self._held is None else self._held

    def gram(self) -> Gram:
        r"""Return the Gramians $J_k J_k^\top$, each field of `Gram` with a leading axis K."""
        return jax.vmap(gram_of_rows)(self.rows())

    def materialize(self) -> Self:
        """Compute the rows once, so that `gram` and `combine` afterwards are cheap."""
        held = copy.copy(self)
        held._held = self.rows()
        return held

    @abc.abstractmethod
    def _pull(self, weights: Array) -> PyTree:
        """Combine by one backward pass of all solutions."""

    @abc.abstractmethod
    def _rows(self) -> PyTree:
        """Compute the rows."""

    @abc.abstractmethod
    def _combine_rows(self, rows: PyTree, weights: Array) -> PyTree:
        """Combine stored rows."""

    def _checked(self, weights: Any) -> Array:
        weights, shape = jnp.asarray(weights), (self.num_solutions, self.num_objectives)
        if weights.shape != shape:
            raise ValueError(
                f"weights must have shape {shape}, a row for each solution, got {weights.shape}"
            )
        return weights


def losses_and_aux(fn: Objectives, has_aux: bool, *args: Any) -> tuple[Array, PyTree]:
    """Evaluate the objectives of one solution, and check what they return."""
    out = fn(*args)
    if not has_aux:
        return check_losses(out, False), None
    if not (isinstance(out, tuple) and len(out) == 2):
        raise TypeError(
            "with has_aux=True the objectives must return (losses, aux), got a "
            f"{type(out).__name__}"
        )
    return check_losses(out[0], True), out[1]
