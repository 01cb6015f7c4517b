"""M-ConFIG: the conflict-free direction of momenta, for one gradient a step."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params, stacked_jacobian
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    expect_jacobian,
)
from moo.aggregators._checks import check_number, check_share
from moo.aggregators._from_rows import finite_rows
from moo.aggregators._moments import mass, unbias
from moo.aggregators._rowwise import cast_rows, column, stacked_zeros
from moo.aggregators.equalize._config import config


class MomentumConFIGState(NamedTuple):
    """Whose turn it is, turns taken (m,), steps made, and the moments, of the second the roots."""

    turn: Array  # (), int32
    turns: Array  # (m,), int32
    steps: Array  # (), int32
    first: PyTree  # leaves (m, ...)
    pseudo: PyTree  # like the parameters
    roots: PyTree  # like the parameters


def momentum_config(
    num_objectives: int, *, b1: ArrayLike = 0.9, b2: ArrayLike = 0.999, eps: ArrayLike = 1e-8
) -> Aggregator:
    r"""Update one objective's momentum a step, and take ConFIG's direction of all of them.

    The objectives take turns. With bias-corrected momenta $\hat m_j$, $v = \mathrm{ConFIG}(\hat m)$
    and a pseudo gradient $q = (f - \beta_1 f^-) / (1 - \beta_1)$ from $f = (1 - \beta_1^t) v$,
    whose momentum is f, $s \leftarrow \beta_2 s + (1 - \beta_2) q^2$, and the update is
    $v / (\sqrt{s / (1 - \beta_2^t)} + \epsilon)$.

    Args:
        num_objectives: the number m of objectives.
        b1: $\beta_1$ in [0, 1); 0.9 in the authors' code.
        b2: $\beta_2$ in [0, 1); 0.999 likewise.
        eps: $\epsilon \ge 0$, in units of the gradients; 1e-8 likewise.

    Returns:
        An aggregator of one backward pass, whatever m. Its update is a step of Adam's size:
        follow it by `optax.scale_by_learning_rate`, not by Adam. It is 0 until every active
        objective had a turn; turns skip inactive ones. The state holds m + 2 times the
        parameters, and every leaf is treated as shared. One objective gives Adam; a momentum of
        zero is dropped; exactly opposite momenta give 0.

    Raises:
        ValueError: if a hyper-parameter is out of range, or the Jacobian has plain heads, which
            would put the gradients of all objectives into one's momentum.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [0.0, 2.0]]))
        >>> method = moo.momentum_config(num_objectives=2)
        >>> first, state = method.update(jac, method.init(jnp.zeros(2)))
        >>> second, state = method.update(jac, state)
        >>> first.tolist(), second.round(4).tolist()
        ([0.0, 0.0], [1.0, 1.0])

    Source: Liu, Chu, Thuerey, "ConFIG: Towards Conflict-free Training of Physics Informed Neural
    Networks", ICLR 2025, arXiv 2408.11104; rule and defaults as in its code.
    Differs from the paper: momenta of zero are dropped, where the code asks them for a projection
    of 1. The division by the second moment is part of the rule, so an update may conflict.
    """
    m = check_num_objectives(num_objectives)
    check_share("b1", b1)
    check_share("b2", b2)
    check_number("eps", eps)
    direction = config(m)

    def init(params: Params) -> MomentumConFIGState:
        check_params(params)
        dtype = solver_dtype(params)
        turn, pseudo = jnp.zeros((), jnp.int32), _zeros(params, dtype)
        first, roots = stacked_zeros(params, m, dtype), _zeros(params, dtype)
        turns, steps = jnp.zeros(m, jnp.int32), jnp.zeros((), jnp.int32)
        return MomentumConFIGState(turn, turns, steps, first, pseudo, roots)

    def update(
        jac: Jacobian, state: MomentumConFIGState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, MomentumConFIGState]:
        expect_jacobian(jac, m)
        _refuse_plain_heads(jac)
        active, dtype = active_mask(jac), jax.tree.leaves(state.first)[0].dtype
        index = _next_turn(state.turn, active)
        chosen = active & (jnp.arange(m) == index)
        gradient = jac.combine(chosen.astype(dtype))
        turns = state.turns + chosen
        first = _remembered(state.first, cast_rows(gradient, dtype), chosen, b1)
        rows = jax.tree.map(lambda leaf: leaf / unbias(turns, b1, leaf), first)
        momenta = stacked_jacobian(rows, active=active)
        v, _ = direction.update(momenta, direction.init(state.roots))
        ready = active.any() & jnp.all((turns > 0) | ~active)
        steps = state.steps + ready
        pseudo, roots, step = _adam(v, state.pseudo, state.roots, steps, (b1, b2, eps))
        keep = jax.tree.map(
            lambda new, old: jnp.where(ready, new, old),
            (pseudo, roots), (state.pseudo, state.roots),
        )  # fmt: skip
        sound = finite_rows(gradient)
        settled = jax.tree.map(
            lambda x, g: jnp.where(sound, jnp.where(ready, x, 0), jnp.nan).astype(g.dtype),
            step, gradient,
        )  # fmt: skip
        turn = jnp.where(active.any(), (index + 1) % m, state.turn).astype(jnp.int32)
        return settled, MomentumConFIGState(turn, turns, steps, first, *keep)

    return Aggregator(init, update, num_objectives=m, linear=False, needs="losses")


def _refuse_plain_heads(jac: Jacobian) -> None:
    mixed = not all(jax.tree.leaves(getattr(jac, "shared", True)))
    if getattr(jac, "heads", "weighted") == "plain" and mixed:
        raise ValueError(
            "heads must be 'weighted' for momentum_config, got 'plain': it takes the gradient of "
            "one objective a step, over all leaves"
        )


def _zeros(params: Params, dtype: Any) -> PyTree:
    return jax.tree.map(lambda leaf: jnp.zeros(jnp.shape(leaf), dtype), params)


def _next_turn(turn: Array, active: Array) -> Array:
    """Return the first active objective from `turn` on, cyclically."""
    m = len(active)
    return jnp.argmin(jnp.where(active, (jnp.arange(m) - turn) % m, m))


def _remembered(first: PyTree, gradient: PyTree, chosen: Array, b1: ArrayLike) -> PyTree:
    """Take the gradient into the chosen row's momentum."""

    def one(old: Array, g: Array) -> Array:
        blended = jnp.asarray(b1, old.dtype) * old + jnp.asarray(1 - b1, old.dtype) * g
        return jnp.where(column(chosen, old), blended, old)

    return jax.tree.map(one, first, gradient)


def _adam(
    v: PyTree, pseudo: PyTree, roots: PyTree, steps: Array, rates: tuple[Any, Any, Any]
) -> tuple[PyTree, PyTree, PyTree]:
    """Return pseudo gradients' new momentum, the roots of their second moment, and the step."""
    b1, b2, eps = rates

    def one(now: Array, before: Array, root: Array) -> tuple[Array, Array, Array]:
        dtype = before.dtype
        momentum = now.astype(dtype) * mass(steps, b1, dtype)
        gradient = (momentum - b1 * before) / (1 - b1)
        # Roots, because the square of an entry beyond 1e19 overflows float32.
        root = jnp.hypot(b2**0.5 * root, (1 - b2) ** 0.5 * gradient).astype(dtype)
        size = root / jnp.sqrt(jnp.where(steps > 0, mass(steps, b2, dtype), 1)) + eps
        return momentum, root, now / jnp.where(size == 0, 1, size)

    triples = jax.tree.map(one, v, pseudo, roots)
    return jax.tree.transpose(jax.tree.structure(v), jax.tree.structure((0, 0, 0)), triples)
