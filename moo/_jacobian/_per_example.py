"""The Jacobian of one loss an example: a Gramian without the examples' gradients."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr

from moo._jacobian._base import Jacobian
from moo._jacobian._checks import active_of, check_like, check_params, check_weights, shared_mask
from moo._jacobian._examples import read_examples
from moo._jacobian._factored import FactoredJacobian
from moo._jacobian._gram import Gram
from moo._jacobian._sketch import Sketch, sketch
from moo._jacobian._walk import varying_as
from moo._types import Array, Objectives, Params, PyTree


def per_example_jacobian(
    fn: Objectives,
    params: Params,
    *args: Any,
    shared: Any = None,
    active: Array | Callable[..., Array] | None = None,
    batched: Sequence[Any] | None = None,
) -> "PerExampleJacobian":
    r"""Take the lazy Jacobian of one loss an example, whose Gramian needs no example's gradient.

    A dense layer with inputs $a_i$ and output cotangents $d_i$ has the gradients
    $a_i d_i^\top$, so its share of the Gramian is $(A A^\top) \circ (D D^\top)$: the Gramian of
    a batch costs about one forward and one backward pass and two small products a layer. Dense
    layers, embeddings and convolutions are found in the traced function. Where tokens or pixels
    are so many that products cost more than gradients, and for what is read otherwise (biases,
    scales of a norm, a recurrent kernel), the examples' gradients are taken; all of it is exact.

    Args:
        fn: `fn(params, *args) -> losses`, shape (n,), one loss an example of the batch. It is
            evaluated on batches of one, mapped over examples: a loss that reads other examples
            (batch normalisation, negatives from the batch) becomes another one.
        params: pytree of floating-point arrays.
        *args: further arguments of `fn`, not differentiated.
        shared: tree prefix of bools, or a callable of params that gives one: the leaves over
            which the Gramian is taken. None: all. `combine` covers every leaf.
        active: (n,) bool mask of the examples that count, or a callable of `args` that gives one.
        batched: one tree prefix of bools for each of `args`, True where the leading axis is the
            batch. None: every leaf has it. A key for each example makes their noise independent.

    Returns:
        The Jacobian of n objectives. `materialize` keeps inputs and cotangents of layers, so that
        `combine` after `gram` needs no further backward pass. It cannot be split.

    Raises:
        TypeError: if the loss or a leaf of params has a wrong type.
        ValueError: if a shape or an option is wrong.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> x, y = jnp.array([[1.0, 0.0], [1.0, 1.0]]), jnp.array([0.0, 1.0])
        >>> fn = lambda w, x, y: 0.5 * (x @ w - y) ** 2
        >>> jac = moo.per_example_jacobian(fn, jnp.array([1.0, 2.0]), x, y)
        >>> jac.gram().matrix.round(5).tolist()
        [[1.0, 2.0], [2.0, 8.0]]

    Source: Goodfellow, "Efficient per-example gradient computations", 2015, for a dense layer's
    norms; Quinton and Rey, "Jacobian descent for multi-objective optimization", 2024, for the
    Gramian of a batch.
    """
    return PerExampleJacobian(fn, params, args, shared, active, batched)


class PerExampleJacobian(Jacobian):
    """The Jacobian of one loss an example, by one vector-Jacobian product."""

    def __init__(
        self,
        fn: Objectives,
        params: Params,
        args: Sequence[Any],
        shared: Any,
        active: Array | Callable[..., Array] | None,
        batched: Sequence[Any] | None,
    ) -> None:
        check_params(params)
        self._fn, self._params, self._args = fn, params, tuple(args)
        self._options = (shared, active, batched)
        self.shared = shared_mask(shared, params)
        self.examples = read_examples(args, batched)
        self.aux, self.num_objectives = None, self.examples.count
        self.active = active_of(active, self._args, self.num_objectives)
        self._losses, self._pull = jax.vjp(self.losses_at, params)

    @property
    def losses(self) -> Array:
        """The losses, shape (n,)."""
        return self._losses

    def combine(self, weights: Array) -> PyTree:
        r"""Return $J^\top w$: one backward pass."""
        weights = check_weights(weights, self.num_objectives).astype(self._losses.dtype)
        weights = varying_as(self._losses, weights)
        if self.active is not None:
            weights = jnp.where(self.active, weights, 0)
        return self._pull(weights)[0]

    def rows(self) -> PyTree:
        """Return every example's gradient, zero where inactive."""
        return self.materialize().rows()

    def gram(self, other: Jacobian | None = None) -> Gram:
        r"""Return $J J^\top$ over the shared leaves by layers, or $J J_2^\top$ by rows."""
        return self.materialize().gram(other)

    def sketched_gram(self, key: Any, probes: int) -> Sketch:
        """Estimate the Gramian over the shared leaves by random forward passes."""
        return sketch(self.losses_at, self._params, self.shared, self.active, key, probes)

    def materialize(self) -> "FactoredJacobian":
        """Keep the layers' inputs and cotangents, so that `gram` and `combine` are cheap."""
        return FactoredJacobian(self, self._trace, self._params)

    def split(self, k: int) -> Sequence[Jacobian]:
        """Refuse: the batch is the objectives."""
        raise ValueError("a per-example Jacobian cannot be split: its batch is its objectives")

    def at(self, params: Params) -> "PerExampleJacobian":
        """Return the Jacobian at other parameters, with the same batch."""
        check_like(params, self._params)
        return PerExampleJacobian(self._fn, params, self._args, *self._options)

    def losses_at(self, params: Params) -> Array:
        """Return the losses at other parameters, with the same batch."""
        check_like(params, self._params)

        def one(leaves: list[Array]) -> Array:
            return self.examples.loss(self._fn, params, leaves)

        losses: Array = jax.vmap(one, in_axes=(self.examples.axes,))(self.examples.leaves)
        return losses

    def _trace(self, params: Sequence[Array]) -> ClosedJaxpr:
        """Trace one example's loss as a function of the flat parameters and arguments."""
        tree = jax.tree.structure(self._params)

        def one(*leaves: Array) -> Array:
            own = jax.tree.unflatten(tree, leaves[: len(params)])
            return self.examples.loss(self._fn, own, leaves[len(params) :])

        return jax.make_jaxpr(one)(*params, *self.examples.single)
