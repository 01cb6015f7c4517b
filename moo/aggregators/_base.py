"""The protocol of aggregators: an optax pair that turns a lazy Jacobian into an update."""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from moo._jacobian import Gram, Jacobian, SetJacobian, check_params
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._solvers._solution import Solution


class Aggregator(optax.GradientTransformationExtraArgs):
    r"""An optax transformation that comes first in a chain and reads a `moo.Jacobian`.

    Law of `linear`: the update equals $J^\top w$ with $w$ the `weights` of its state.

    Attributes:
        init: `init(params) -> state`.
        update: `update(jacobian, state, params=None, **extra) -> (updates, state)`.
        num_objectives: the number m of objectives.
        linear: whether the law of `linear` holds.
        placement: `"first"` in its chain, or `"wraps"` where it holds the rest of the chain itself.
        needs: `"losses"`, `"gram"` or `"jacobian"`, the largest statistic that it asks for.
    """

    num_objectives: int
    linear: bool
    needs: str
    placement: str

    def __new__(
        cls,
        init: Callable[..., Any],
        update: Callable[..., Any],
        *,
        num_objectives: int,
        linear: bool,
        needs: str = "jacobian",
        placement: str = "first",
    ) -> "Aggregator":
        """Bind the pair of functions to what drivers and wrappers need to know of it."""
        self = super().__new__(cls, init, update)
        self.num_objectives = check_num_objectives(num_objectives)
        self.linear, self.needs, self.placement = linear, needs, placement
        return self


class SetAggregator(Aggregator):
    """An aggregator of K solutions, whose update reads the Jacobians of all of them."""


class LossState(NamedTuple):
    """State of an aggregator built by `from_losses`: the weights used, and the method's own."""

    weights: Array  # (m,)
    inner: PyTree


class GramState(NamedTuple):
    """State of an aggregator built by `from_gram`: what recorders want, and the method's own."""

    weights: Array  # (m,)
    gram: Gram
    residual: Array  # ()
    converged: Array  # (), bool
    inner: PyTree


def from_losses(
    num_objectives: int, init: Callable[..., PyTree], weigh: Callable[..., Any]
) -> Aggregator:
    r"""Build an aggregator that weighs the objectives by their losses alone: one backward pass.

    $v = J^\top w(\ell)$.

    Args:
        num_objectives: the number m of objectives.
        init: `init(params, dtype) -> state`, the method's own state.
        weigh: `weigh(losses, state, *, active, ...) -> (weights, state)`; `active` is an (m,)
            mask; further keyword-only names are passed from `update`'s extras.

    Returns:
        A linear aggregator with a `LossState`.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> worst = moo.from_losses(
        ...     2, lambda params, dtype: (),
        ...     lambda losses, state, *, active: (jnp.eye(2)[losses.argmax()], state))
        >>> jac = moo.stacked_jacobian(jnp.eye(2), losses=jnp.array([1.0, 3.0]))
        >>> update, _ = worst.update(jac, worst.init(jnp.zeros(2)))
        >>> update.tolist()
        [0.0, 1.0]
    """
    m = check_num_objectives(num_objectives)
    pick = extras_of(weigh, given=2)

    def initialise(params: Params) -> LossState:
        check_params(params)
        dtype = solver_dtype(params)
        return LossState(jnp.zeros(m, dtype), init(params, dtype))

    def update(
        jac: Jacobian, state: LossState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, LossState]:
        expect_jacobian(jac, m)
        dtype, active = state.weights.dtype, active_mask(jac)
        losses = jac.losses.astype(dtype)
        weights, inner = weigh(losses, state.inner, active=active, **pick(extra, m))
        weights = _shaped(weights, active, dtype)
        return combined(jac, weights), LossState(weights, inner)

    return Aggregator(initialise, update, num_objectives=m, linear=True, needs="losses")


def from_gram(
    num_objectives: int, init: Callable[..., PyTree], weigh: Callable[..., Any]
) -> Aggregator:
    r"""Build an aggregator that weighs the objectives by their Gramian: m backward passes.

    $v = J^\top w(J J^\top, \ell)$.

    Args:
        num_objectives: the number m of objectives.
        init: `init(params, dtype) -> state`, the method's own state.
        weigh: `weigh(gram, losses, state, *, active, ...) -> (weights, state)`; the weights may
            come as a `Solution` with its certificate. `active` is an (m,) mask; `losses` is None
            for a stacked Jacobian without losses; further keyword-only names are passed from
            `update`'s extras.

    Returns:
        A linear aggregator with a `GramState`.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> unit = moo.from_gram(
        ...     2, lambda params, dtype: (),
        ...     lambda gram, losses, state, *, active: (1 / gram.lengths, state))
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [0.0, 5.0]]))
        >>> update, _ = unit.update(jac, unit.init(jnp.zeros(2)))
        >>> update.tolist()
        [1.0, 1.0]
    """
    m = check_num_objectives(num_objectives)
    pick = extras_of(weigh, given=3)

    def initialise(params: Params) -> GramState:
        check_params(params)
        dtype = solver_dtype(params)
        zeros = jnp.zeros(m, dtype)
        gram = Gram(jnp.zeros((m, m), dtype), zeros, jnp.zeros(m, jnp.int32))
        return GramState(jnp.copy(zeros), gram, jnp.zeros((), dtype), jnp.ones((), bool),
                         init(params, dtype))  # fmt: skip

    def update(
        jac: Jacobian, state: GramState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, GramState]:
        expect_jacobian(jac, m)
        dtype, active = state.weights.dtype, active_mask(jac)
        jac = jac.materialize()
        gram = cast_gram(jac.gram(), dtype)
        losses = jac.losses.astype(dtype) if jac.has_losses else None
        answer, inner = weigh(gram, losses, state.inner, active=active, **pick(extra, m))
        if not isinstance(answer, Solution):
            answer = Solution(answer, jnp.zeros((), dtype), jnp.ones((), bool))
        weights = _shaped(answer.weights, active, dtype)
        converged = answer.converged & jnp.isfinite(weights).all()
        residual = answer.residual.astype(dtype)
        return combined(jac, weights), GramState(weights, gram, residual, converged, inner)

    return Aggregator(initialise, update, num_objectives=m, linear=True, needs="gram")


def no_state(params: Params, dtype: Any) -> tuple[()]:
    """Return the empty state of a method that keeps none, for `from_losses` and `from_gram`."""
    return ()


def combined(jac: Jacobian | SetJacobian, weights: Array) -> PyTree:
    r"""Return $J^\top w$ with NaN for infinite entries.

    `optax.clip` and `sign` would make a finite step of an infinite gradient; nothing hides a NaN.
    """
    return jax.tree.map(
        lambda leaf: jnp.where(jnp.isfinite(leaf), leaf, jnp.nan), jac.combine(weights)
    )


def active_mask(jac: Jacobian) -> Array:
    """Return the (m,) mask of active objectives, all true where the Jacobian has none."""
    return jnp.ones(jac.num_objectives, bool) if jac.active is None else jac.active


def expect_jacobian(jac: object, num_objectives: int, name: str = "updates") -> None:
    """Refuse what is no Jacobian, or one of another number of objectives.

    Raises:
        TypeError: if plain gradients came, as when the aggregator is not first in its chain.
        ValueError: if the numbers of objectives differ.
    """
    own = name == "updates"
    if not isinstance(jac, Jacobian):
        place = " and put the aggregator first in optax.chain" if own else ""
        raise TypeError(
            f"{name} must be a moo.Jacobian, got {type(jac).__name__}: build it with "
            f"moo.jacobian(objectives, params, ...){place}"
        )
    if jac.num_objectives != num_objectives and not own:
        raise ValueError(
            f"{name} must be a Jacobian of {num_objectives} objectives, got "
            f"{jac.num_objectives}: take it of the same objectives as the updates"
        )
    if jac.num_objectives != num_objectives:
        raise ValueError(
            f"num_objectives is {num_objectives}, but the objectives return "
            f"{jac.num_objectives} losses: build the aggregator with num_objectives="
            f"{jac.num_objectives}"
        )


def check_num_objectives(num_objectives: Any) -> int:
    """Return `num_objectives` as an int of at least 1."""
    if isinstance(num_objectives, bool) or not isinstance(num_objectives, int | np.integer):
        raise TypeError(
            f"num_objectives must be an int, got {type(num_objectives).__name__}: give the number "
            "of losses that the objectives return"
        )
    if num_objectives < 1:
        raise ValueError(f"num_objectives must be at least 1, got {num_objectives}")
    return int(num_objectives)


def extras_of(
    weigh: Callable[..., Any], given: int, form: str = "shape ({m},), "
) -> Callable[[dict[str, Any], int], dict[str, Any]]:
    """Inspect `weigh` once; return what picks the extras that it names, and misses none.

    None counts as missing. The error for a missing one says its `form`.
    """
    parameters = list(inspect.signature(weigh).parameters.values())[given:]
    named = [p for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD]
    wanted = {p.name: p.default for p in named if p.name != "active"}

    def pick(extra: dict[str, Any], m: int) -> dict[str, Any]:
        for name, default in wanted.items():
            if default is inspect.Parameter.empty and extra.get(name) is None:
                raise ValueError(
                    f"{name} is missing: this method needs {name}=, {form.format(m=m)}as an extra "
                    "argument of update (of step, run or fit)"
                )
        return {name: extra[name] for name in wanted if extra.get(name) is not None}

    return pick


def _shaped(weights: Any, active: Array, dtype: Any) -> Array:
    weights = jnp.asarray(weights, dtype)
    if weights.shape != active.shape:
        raise ValueError(f"weigh must return weights of shape {active.shape}, got {weights.shape}")
    return jnp.where(active, weights, 0)


def cast_gram(gram: Gram, dtype: Any) -> Gram:
    """Cast a Gramian to the dtype of the solver."""
    return gram._replace(cosines=gram.cosines.astype(dtype), norms=gram.norms.astype(dtype))
