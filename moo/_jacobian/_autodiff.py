"""The lazy Jacobian of objectives by reverse-mode differentiation."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from moo._jacobian._base import Jacobian
from moo._jacobian._checks import (
    active_of,
    check_like,
    check_losses,
    check_memory,
    check_options,
    check_params,
    check_weights,
    shared_mask,
)
from moo._jacobian._dense import vjp
from moo._jacobian._engines import chosen, each_row
from moo._jacobian._gram import Gram, gram_of_rows
from moo._jacobian._jvp import check_pushes, gram_by_jvp, pushes
from moo._jacobian._sketch import Sketch, sketch
from moo._jacobian._split import batch_masks, parts
from moo._jacobian._stacked import MaterializedJacobian, shared_rows
from moo._jacobian._walk import is_manual
from moo._types import Array, Engine, GramKind, Heads, Objectives, Params, PyTree

# 512 MiB of rows.
MEMORY = 2**29


@dataclasses.dataclass(frozen=True)
class Options:
    """How a Jacobian is taken; the arguments of `moo.jacobian` by their names."""

    has_aux: bool = False
    shared: Any = None
    heads: Heads = "weighted"
    active: Array | Callable[..., Array] | None = None
    batched: Sequence[Any] | None = None
    engine: Engine = "auto"
    gram: GramKind = "rows"
    memory: int = MEMORY


def jacobian(
    fn: Objectives,
    params: Params,
    *args: Any,
    has_aux: bool = False,
    shared: Any = None,
    heads: Heads = "weighted",
    active: Array | Callable[..., Array] | None = None,
    batched: Sequence[Any] | None = None,
    engine: Engine = "auto",
    gram: GramKind = "rows",
    memory: int = MEMORY,
) -> "AutodiffJacobian":
    r"""Take the lazy Jacobian $J_{ij} = \partial \ell_i / \partial \theta_j$ of objectives.

    Args:
        fn: `fn(params, *args) -> losses`, shape (m,), at least float32; with `has_aux`,
            `(losses, aux)`.
        params: pytree of floating-point arrays.
        *args: further arguments of `fn`, not differentiated.
        has_aux: whether `fn` returns auxiliary output, kept in `aux`.
        shared: tree prefix of bools, or a callable of params that gives one: the leaves over
            which the Gramian is taken. None: all. `combine` covers every leaf.
        heads: `"weighted"`: leaves that are not shared receive the weighted combination;
            `"plain"`: each receives the unweighted sum, so a task's own head its own gradient.
        active: (m,) bool mask of objectives that have labels in this batch, or a callable of
            `args` that gives one (evaluated again by `split`). A loss without labels must still
            be finite: see `moo.masked_mean`.
        batched: one tree prefix of bools for each of `args`, True where the leading axis is the
            batch; needed by `split`.
        engine: `"scan"`, `"unroll"` or `"vmap"` over objectives; `"auto"` chooses. On a CPU a
            scan makes gradients of convolutions about 50 times slower, as XLA has it.
        gram: `"rows"` keeps m rows of all leaves from the Gramian to the combination;
            `"two_pass"` takes those of the shared leaves for the Gramian alone, and combines by
            a backward pass more; `"jvp"` computes $J (J^\top e_i)$ and keeps one gradient, in
            about twice the time; `"auto"` takes the first of them whose rows fit `memory`, and
            `"jvp"` only where the objectives can be pushed forward.
        memory: bytes, at least 0, that rows may take with `gram="auto"`; 512 MiB by default. While
            their Gramian is taken, a CPU holds about twice as much.

    Returns:
        The Jacobian; nothing but the losses is computed until it is asked for.

    Raises:
        TypeError: if losses or a leaf of params have a wrong type.
        ValueError: if a shape or an option is wrong.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.jacobian(lambda x: jnp.stack([x[0] ** 2, x[0] * x[1]]), jnp.array([1.0, 2.0]))
        >>> jac.rows().tolist()
        [[2.0, 0.0], [2.0, 1.0]]
    """
    options = Options(has_aux, shared, heads, active, batched, engine, gram, memory)
    return AutodiffJacobian(fn, params, args, options)


class AutodiffJacobian(Jacobian):
    """The Jacobian of objectives with respect to parameters, by one vector-Jacobian product."""

    def __init__(
        self, fn: Objectives, params: Params, args: Sequence[Any], options: Options
    ) -> None:
        check_params(params)
        check_options(options.engine, options.gram, options.heads, params)
        check_memory(options.memory)
        self.shared = shared_mask(options.shared, params)
        self.heads = options.heads
        self._fn, self._params, self._args, self._options = fn, params, tuple(args), options
        self._losses, self._pull, self.aux = vjp(self._checked, params)
        self.num_objectives = self._losses.shape[0]
        self.active = active_of(options.active, self._args, self.num_objectives)

    @property
    def losses(self) -> Array:
        """The losses, shape (m,)."""
        return self._losses

    def combine(self, weights: Array) -> PyTree:
        r"""Return $J^\top w$; plain heads each get their own gradient."""
        weights = check_weights(weights, self.num_objectives)
        weighted = self._pull_active(weights, self._pull.once)
        if self.heads == "weighted" or all(jax.tree.leaves(self.shared)):
            return weighted
        plain = self._pull_active(jnp.ones_like(weights), self._pull.once)
        return jax.tree.map(lambda keep, w, p: w if keep else p, self.shared, weighted, plain)

    def rows(self) -> PyTree:
        """Return every gradient, zero where inactive."""
        return each_row(
            self._pull_often, self.num_objectives, self._losses.dtype, self._options.engine
        )

    def gram(self, other: Jacobian | None = None) -> Gram:
        r"""Return $J J^\top$ over the shared leaves, or $J J_2^\top$ with `other`, by rows."""
        if other is not None:
            others = shared_rows(other.rows(), self.shared)
            return gram_of_rows(shared_rows(self.rows(), self.shared), others)
        if self._kind == "jvp":
            check_pushes(self.losses_at, self._params)
            return gram_by_jvp(self._push, self._pull_shared, self.num_objectives, self._losses)
        return gram_of_rows(shared_rows(self.rows(), self.shared))

    def sketched_gram(self, key: Any, probes: int) -> Sketch:
        """Estimate the Gramian over the shared leaves by random forward passes."""
        return sketch(self.losses_at, self._params, self.shared, self.active, key, probes)

    def materialize(self) -> Jacobian:
        """Compute the rows once; a no-op where they are not to be kept."""
        return MaterializedJacobian(self) if self._kind == "rows" else self

    def split(self, k: int) -> "list[AutodiffJacobian]":
        """Return k Jacobians on strided parts of the batch, with typed keys folded by part."""
        if self._options.active is not None and not callable(self._options.active):
            raise ValueError(
                "active is an array, but each part has its own labels: give active= as a callable "
                "of the arguments"
            )
        return [self.on(self._params, args) for args in parts(self._args, self._options.batched, k)]

    def at(self, params: Params) -> "AutodiffJacobian":
        """Return the Jacobian at other parameters, with the same batch and keys."""
        check_like(params, self._params)
        return self.on(params, self._args)

    def arguments(self, k: int, name: str = "k") -> tuple[tuple[Any, ...], tuple[PyTree, ...]]:
        """Return the arguments, and a bool for each leaf: is its leading axis a batch of k parts.

        Args:
            k: the number of parts, a divisor of the batch size.
            name: what the number is called in the error.
        """
        return self._args, batch_masks(self._args, self._options.batched, k, name)

    def losses_at(self, params: Params) -> Array:
        """Return the losses at other parameters, with the same batch and keys."""
        check_like(params, self._params)
        return self._checked(params)[0]

    def on(self, params: Params, args: Sequence[Any]) -> "AutodiffJacobian":
        """Return the same Jacobian at another point and on other arguments."""
        return AutodiffJacobian(self._fn, params, args, self._options)

    @property
    def engine(self) -> str:
        """How the Gramian's gradients are taken: `unroll`, `scan`, `vmap`, or `jvp`."""
        if self._kind == "jvp":
            return "jvp"
        of_losses = self.num_objectives, self._losses.dtype
        return chosen(self._pull_often, *of_losses, self._options.engine)

    @property
    def _kind(self) -> GramKind:
        """How the Gramian is taken: as the options say, or by the rows that fit their memory."""
        if self._options.gram != "auto":
            return self._options.gram
        leaves = jax.tree.leaves(self._params)
        rows = 4 * self.num_objectives * np.array([jnp.size(leaf) for leaf in leaves])
        if rows.sum() <= self._options.memory:
            return "rows"
        narrow = any(jnp.finfo(jnp.result_type(leaf)).bits < 32 for leaf in leaves)
        fit = rows[jax.tree.leaves(self.shared)].sum() <= self._options.memory
        return "two_pass" if fit or narrow or not pushes(self.losses_at, self._params) else "jvp"

    def _checked(self, params: Params) -> tuple[Array, PyTree]:
        out = self._fn(params, *self._args)
        if not self._options.has_aux:
            return check_losses(out, False), None
        if not (isinstance(out, tuple) and len(out) == 2):
            raise TypeError(
                "with has_aux=True the objectives must return (losses, aux), got a "
                f"{type(out).__name__}"
            )
        return check_losses(out[0], True), out[1]

    def _pull_active(self, weights: Array, pull: Callable[[Array], PyTree]) -> PyTree:
        weights = weights.astype(self._losses.dtype)
        if self.active is not None:
            weights = jnp.where(self.active, weights, 0)
        try:
            return pull(weights)
        except ValueError as error:
            if not is_manual():
                raise
            raise ValueError(
                "under shard_map losses and weights must be the same on every device, or differ on "
                "every one: return jax.lax.pmean(losses, axis) from the objectives, or take local "
                "aggregates as moo.parallel.local_aggregates does"
            ) from error

    def _pull_often(self, weights: Array) -> PyTree:
        return self._pull_active(weights, self._pull.often)

    def _pull_shared(self, weights: Array) -> list[Array]:
        return shared_rows(self._pull_often(weights), self.shared)

    def _push(self, tangents: list[Array]) -> Array:
        """Return J t for tangents on the shared leaves and zero elsewhere."""
        leaves, tree = jax.tree.flatten(self._params)
        given = iter(tangents)
        full = [
            next(given) if shared else jnp.zeros_like(leaf)
            for leaf, shared in zip(leaves, jax.tree.leaves(self.shared), strict=True)
        ]
        pushed = jax.jvp(self.losses_at, (self._params,), (jax.tree.unflatten(tree, full),))[1]
        return pushed if self.active is None else jnp.where(self.active, pushed, 0)
