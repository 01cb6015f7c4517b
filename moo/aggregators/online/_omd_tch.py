"""Tchebycheff scalarization as a game, played by online mirror descent."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._jacobian._checks import check_choice
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, check_num_objectives, combined, expect_jacobian
from moo.aggregators._checks import Preference, check_number, check_preference
from moo.aggregators.losses._masked import coefficients
from moo.aggregators.online._adversary import Adversary, Mirror, expect_params, observed


class OmdTchState(NamedTuple):
    """Weights used, the mirrored multipliers, and the average of the iterates so far."""

    weights: Array  # (m,)
    mirrored: Array  # (m,)
    rounds: Array  # (), int32
    average: PyTree  # like the parameters, in at least float32


def omd_tch(
    num_objectives: int,
    *,
    eta: ArrayLike = 1.0,
    preference: Preference | None = None,
    mirror: Mirror = "eg",
) -> Aggregator:
    r"""Play $\min_\theta \max_{\lambda \in \Delta} \sum_i \lambda_i p_i \ell_i(\theta)$.

    The step follows $v = \sum_i \lambda_i p_i g_i$; then, with the losses of the same batch,
    $\lambda_i \propto \lambda_i e^{\eta p_i \ell_i}$ (`"eg"`), or
    $\lambda = \Pi_\Delta(\lambda + \eta\, p \circ \ell)$ (`"gd"`). The answer is the average of the
    iterates: of the state, `average`.

    Args:
        num_objectives: the number m of objectives.
        eta: $\eta \ge 0$, over a unit of loss (1 in the authors' synthetic runs).
        preference: p, shape (m,), non-negative; by default, and where it is 0 for all active
            objectives, 1 each. An extra argument `preference` of `update` takes its place.
        mirror: `"eg"`, the entropy, or `"gd"`, the Euclidean norm.

    Returns:
        A linear aggregator of one backward pass, convex scale (times p), whose `update` needs
        `params`. Its `OmdTchState` keeps one copy of the parameters in at
        least float32: `moo.find(state, "average")`, the mean of the points at which gradients were
        taken.

    Raises:
        ValueError: if a hyper-parameter is out of range, or `params` is missing.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> method, x = moo.omd_tch(num_objectives=2), jnp.zeros(2)
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 2.0]))
        >>> _, state = method.update(jac, method.init(x), x)
        >>> update, state = method.update(jac, state, x)
        >>> [round(float(entry), 3) for entry in update]
        [0.269, 0.731]

    Source: Liu, Zhang, Xie, Donahue, Zhao, "Adaptive Online Mirror Descent for Tchebycheff
    Scalarization in Multi-Objective Learning", TMLR 2026, arXiv 2410.21764.
    Differs from the paper: none; inactive objectives keep their multiplier, and the active ones
    share the rest as they did before.
    """
    m = check_num_objectives(num_objectives)
    check_number("eta", eta)
    check_preference(preference, m)
    check_choice("mirror", mirror, Mirror)
    adversary = Adversary(m, mirror, eta)

    def init(params: Params) -> OmdTchState:
        check_params(params)
        dtype = solver_dtype(params)
        rounds, start = jnp.zeros((), jnp.int32), adversary.start(dtype)
        # In bfloat16 the mean would stop moving as soon as 1 / rounds is below its rounding.
        average = jax.tree.map(
            lambda x: jnp.zeros(jnp.shape(x), jnp.promote_types(jnp.float32, jnp.result_type(x))),
            params,
        )
        return OmdTchState(jnp.zeros(m, dtype), start, rounds, average)

    def update(
        jac: Jacobian,
        state: OmdTchState,
        params: Params = None,
        *,
        preference: Preference | None = preference,
        **extra: Any,
    ) -> tuple[PyTree, OmdTchState]:
        expect_jacobian(jac, m)
        expect_params(params, "omd_tch")
        check_preference(preference, m)
        losses, active = observed(jac, state.weights.dtype)
        scale = coefficients(preference, losses, active)
        weights = scale * adversary.multipliers(state.mirrored, active)
        mirrored = adversary.respond(state.mirrored, scale * losses, active)
        rounds = state.rounds + 1
        average = jax.tree.map(lambda a, x: _moved(a, x, rounds), state.average, params)
        return combined(jac, weights), OmdTchState(weights, mirrored, rounds, average)

    return Aggregator(init, update, num_objectives=m, linear=True, needs="losses")


def _moved(average: Array, point: Array, rounds: Array) -> Array:
    """Return the mean of `rounds` points from that of all but the last."""
    dtype = average.dtype
    return average + (jnp.asarray(point, dtype) - average) / rounds.astype(dtype)
