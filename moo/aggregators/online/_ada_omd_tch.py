"""Tchebycheff scalarization as a game whose answer leaves dominated iterates out."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._jacobian._checks import check_choice
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, check_num_objectives, combined, expect_jacobian
from moo.aggregators._checks import Preference, check_count, check_number, check_preference
from moo.aggregators.losses._masked import coefficients
from moo.aggregators.online._adversary import Adversary, Mirror, expect_params, observed, zeros_like
from moo.aggregators.online._archive import Archive, average, empty, insert


class AdaOmdTchState(NamedTuple):
    """Weights used, the mirrored multipliers, the archive, and its average."""

    weights: Array  # (m,)
    mirrored: Array  # (m,)
    archive: Archive
    average: PyTree  # like the parameters


def ada_omd_tch(
    num_objectives: int,
    *,
    eta: ArrayLike = 1.0,
    preference: Preference | None = None,
    mirror: Mirror = "eg",
    capacity: int = 16,
) -> Aggregator:
    r"""Play as `omd_tch`, and average only iterates that no other one dominates.

    The directions are those of `omd_tch`. An archive keeps iterates with their losses and counts.
    A new iterate that is nowhere better than some of the kept ones is dropped, and its round is
    shared out among these; otherwise it is kept, in place of all that are nowhere better than it,
    with their counts and its own. The answer is the average by counts: of the state, `average`.

    Args:
        num_objectives: the number m of objectives.
        eta: $\eta \ge 0$, over a unit of loss (1 in the authors' synthetic runs).
        preference: p, shape (m,), non-negative; by default, and where it is 0 for all active
            objectives, 1 each. An extra argument `preference` of `update` takes its place.
        mirror: `"eg"`, the entropy, or `"gd"`, the Euclidean norm.
        capacity: how many iterates are kept, at least 1; 16 is ours, the authors' code has no
            bound. When all places are taken by iterates that do not dominate each other, a new one
            takes the place, and the count, of the one with the least count.

    Returns:
        A linear aggregator of one backward pass, convex scale (times p), whose `update` needs
        `params`. Its `AdaOmdTchState` keeps `capacity` + 1 copies of the parameters in their dtype;
        `moo.find(state, "average")` is the answer.

    Raises:
        TypeError: if `capacity` is no int.
        ValueError: if a hyper-parameter is out of range, or `params` is missing.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> method = moo.ada_omd_tch(num_objectives=2)
        >>> state = method.init(jnp.zeros(2))
        >>> for x, losses in ((0.0, [3.0, 3.0]), (1.0, [1.0, 2.0]), (5.0, [2.0, 2.0])):
        ...     jac = moo.stacked_jacobian(jnp.eye(2), jnp.array(losses))
        ...     _, state = method.update(jac, state, jnp.full(2, x))
        >>> state.average.tolist(), float(state.archive.counts.sum())
        ([1.0, 1.0], 3.0)

    Source: Liu, Zhang, Xie, Donahue, Zhao, "Adaptive Online Mirror Descent for Tchebycheff
    Scalarization in Multi-Objective Learning", TMLR 2026, arXiv 2410.21764.
    Differs from the paper: the archive is bounded. An objective that was inactive counts as
    infinite there, so that no iterate is dropped for what was not seen.
    """
    m = check_num_objectives(num_objectives)
    check_number("eta", eta)
    check_preference(preference, m)
    check_choice("mirror", mirror, Mirror)
    check_count("capacity", capacity, low=1)
    adversary = Adversary(m, mirror, eta)

    def init(params: Params) -> AdaOmdTchState:
        check_params(params)
        dtype = solver_dtype(params)
        archive, start = empty(params, capacity, m, dtype), adversary.start(dtype)
        return AdaOmdTchState(jnp.zeros(m, dtype), start, archive, zeros_like(params))

    def update(
        jac: Jacobian,
        state: AdaOmdTchState,
        params: Params = None,
        *,
        preference: Preference | None = preference,
        **extra: Any,
    ) -> tuple[PyTree, AdaOmdTchState]:
        expect_jacobian(jac, m)
        expect_params(params, "ada_omd_tch")
        check_preference(preference, m)
        losses, active = observed(jac, state.weights.dtype)
        scale = coefficients(preference, losses, active)
        weights = scale * adversary.multipliers(state.mirrored, active)
        mirrored = adversary.respond(state.mirrored, scale * losses, active)
        archive = insert(state.archive, jnp.where(active, losses, jnp.inf), params)
        state = AdaOmdTchState(weights, mirrored, archive, average(archive))
        return combined(jac, weights), state

    return Aggregator(init, update, num_objectives=m, linear=True, needs="losses")
