"""The lazy Jacobian: what an aggregator receives where optax expects updates."""

import abc
from collections.abc import Sequence
from typing import Any, NoReturn

import jax

from moo._jacobian._gram import Gram
from moo._jacobian._sketch import Sketch
from moo._types import Array, Params, PyTree


def _refuse_flatten(jac: Any) -> NoReturn:
    raise TypeError(
        "a moo.Jacobian reached code that maps over gradients: put the aggregator first in "
        "optax.chain; clip, masked, MultiSteps and apply_if_finite go after it, "
        "moo.skip_nonfinite goes around the whole chain, and jit, cond and scan close over it"
    )


def _refuse_unflatten(aux: Any, children: Any) -> NoReturn:
    raise TypeError("a moo.Jacobian cannot be rebuilt from leaves")


class Unflattenable:
    """A pytree node whose flattening raises, so that a wrong placement says what to do."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        jax.tree_util.register_pytree_node(cls, _refuse_flatten, _refuse_unflatten)


class Jacobian(Unflattenable, abc.ABC):
    r"""The Jacobian $J \in \mathbb{R}^{m \times d}$ of m losses at one point, computed on demand.

    Row i is the gradient of loss i. It is immutable and keeps no cache (a cache would leak
    tracers under `lax.cond`): what is not asked for is not computed, so a method that asks only
    for `losses` and `combine` compiles to one backward pass, and one that takes the Gramian to m.

    Build it inside the jitted function with `moo.jacobian`, and close over it. It is registered
    as a pytree node whose flattening raises, so that a wrong placement says what to do.

    Attributes:
        num_objectives: the number m of objectives.
        aux: what the objectives returned beside the losses; None without `has_aux`.
        active: shape (m,), bool; which objectives have labels in this batch; None if all have.
    """

    num_objectives: int
    aux: PyTree
    active: Array | None

    @property
    @abc.abstractmethod
    def losses(self) -> Array:
        """The losses, shape (m,)."""

    @property
    def has_losses(self) -> bool:
        """Whether the losses are known; only a stacked Jacobian may lack them."""
        return True

    @abc.abstractmethod
    def combine(self, weights: Array) -> PyTree:
        r"""Return $J^\top w$ as a pytree like the parameters: one backward pass.

        Args:
            weights: shape (m,).
        """

    @abc.abstractmethod
    def rows(self) -> PyTree:
        """Return every gradient: each leaf with a leading axis m. m backward passes."""

    @abc.abstractmethod
    def gram(self, other: "Jacobian | None" = None) -> Gram:
        r"""Return the Gramian $J J^\top$ over the shared leaves, or $J J_2^\top$ with `other`.

        Args:
            other: a second Jacobian of the same kind, such as one of `split`'s parts.
        """

    def sketched_gram(self, key: Any, probes: int) -> Sketch:
        r"""Estimate the Gramian over the shared leaves from random forward passes.

        $J J^\top = \mathrm{E}[(J z)(J z)^\top]$ for standard normal $z$: a forward pass a probe,
        whatever the number of objectives, in memory for one tangent.

        Args:
            key: an int or a typed key.
            probes: the number s of tangents; the error falls as $1 / \sqrt{s}$.

        Returns:
            The estimate, unbiased in its `gram.matrix`, with standard errors of products and of
            cosines. With fewer probes than objectives it is singular.

        Raises:
            ValueError: if there are no objectives to push through, or `probes` is below 1.
            TypeError: if a shared leaf is below float32.
        """
        raise ValueError(
            f"a {type(self).__name__} cannot push tangents through its objectives: build it with "
            "moo.jacobian or moo.per_example_jacobian"
        )

    def materialize(self) -> "Jacobian":
        """Compute the rows once, so that `gram` and `combine` afterwards are cheap."""
        return self

    def split(self, k: int) -> "Sequence[Jacobian]":
        """Return the Jacobians of k independent sub-batches at the same point.

        Args:
            k: the number of parts, a divisor of the batch size.

        Raises:
            ValueError: if the Jacobian does not know which arguments are batched.
        """
        raise ValueError(f"a {type(self).__name__} cannot be split: it holds no batch")

    def at(self, params: Params) -> "Jacobian":
        """Return the Jacobian at other parameters, with the same batch and keys.

        Args:
            params: a pytree like the parameters.

        Raises:
            ValueError: if its structure or a shape is another, or there are no objectives.
        """
        raise ValueError(
            f"a {type(self).__name__} cannot be taken at another point: it holds no objectives; "
            "build it with moo.jacobian"
        )

    def losses_at(self, params: Params) -> Array:
        """Return the losses, shape (m,), at other parameters with the same batch and keys.

        Args:
            params: a pytree like the parameters.

        Raises:
            ValueError: if its structure or a shape is another, or there are no objectives.
        """
        raise ValueError(
            f"a {type(self).__name__} cannot evaluate losses at another point: it holds no "
            "objectives; build it with moo.jacobian"
        )
