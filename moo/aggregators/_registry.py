"""What each method is, one row a method; readable without importing jax."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from moo._names import find_name

Scale = Literal["sum", "mean", "convex", "affine", "unit", "learned"]


class Law(NamedTuple):
    """A property that a method claims, and the range in which it holds.

    Attributes:
        name: `non_conflicting`: gᵢᵀv >= 0 for every row gᵢ; `stationary`: v = 0 where the convex
            hull of the rows holds 0; `permutation_equivariant`: v does not depend on the order of
            the rows; `homogeneous`: v(sJ) = s v(J) for s > 0; `linear_under_scaling`: v(diag(c) J)
            is linear in c > 0; `row_scale_invariant`: the direction of v(diag(c) J) does not
            depend on c > 0; `equal_projections`: uᵢᵀv is the same for all unit rows uᵢ;
            `loss_scale_invariant`: the weights do not depend on a common factor of the losses.
        holds: the range, in words.
    """

    name: str
    holds: str = "always"


@dataclass(frozen=True, kw_only=True)
class Method:
    """One aggregation method.

    Attributes:
        factory: `module:function` of its factory.
        family: folder of `moo.aggregators` that holds it.
        summary: the rule in one line.
        placement: `first` in an optax chain, or `wraps` the chain because it also needs the losses
            after the whole step.
        needs: the smallest statistic it asks of the Jacobian.
        backward_passes: backward passes a step, for m objectives.
        scale: length of the direction v. Its weights add up to m on equal rows (`sum`), or to 1
            (`mean`); lie in the simplex (`convex`); add up to 1 with either sign (`affine`);
            are trained (`learned`); or v has norm at most 1 (`unit`).
        linear: v == Jᵀw for the weights w kept in the state.
        laws: what is claimed for it, with the range.
        paper: key of `moo/references.bib`.
        defaults: hyper-parameters, and where their default values come from.
    """

    factory: str
    family: Literal["losses", "min_norm", "equalize", "project"]
    summary: str
    placement: Literal["first", "wraps"] = "first"
    needs: Literal["losses", "gram", "jacobian"] = "gram"
    backward_passes: Literal["1", "m"] = "m"
    scale: Scale
    linear: bool = True
    laws: tuple[Law, ...]
    paper: str
    defaults: str

    def claims(self, law: str) -> bool:
        """Whether the method claims the law, in whatever range."""
        return any(law == claimed.name for claimed in self.laws)


_EQUIVARIANT = Law("permutation_equivariant")
_HOMOGENEOUS = Law("homogeneous")
_LINEAR = Law("linear_under_scaling")

METHODS: dict[str, Method] = {
    "mean": Method(
        factory="moo.aggregators.losses._mean:mean",
        family="losses",
        summary="w = 1/m: the gradient of the average loss",
        needs="losses",
        backward_passes="1",
        scale="mean",
        laws=(_EQUIVARIANT, _HOMOGENEOUS, _LINEAR),
        paper="caruana1997multitask",
        defaults="none",
    ),
    "sum": Method(
        factory="moo.aggregators.losses._sum:sum",
        family="losses",
        summary="w = 1: the gradient of the total loss",
        needs="losses",
        backward_passes="1",
        scale="sum",
        laws=(_EQUIVARIANT, _HOMOGENEOUS, _LINEAR),
        paper="caruana1997multitask",
        defaults="none",
    ),
    "uncertainty": Method(
        factory="moo.aggregators.losses._uncertainty:uncertainty",
        family="losses",
        summary="w = exp(-s)/2 with trained log-variances s",
        needs="losses",
        backward_passes="1",
        scale="learned",
        laws=(_EQUIVARIANT,),
        paper="kendall2018multitask",
        defaults="s = 0 at the start (paper)",
    ),
    "famo": Method(
        factory="moo.aggregators.losses._famo:famo",
        family="losses",
        summary="equal decrease of the log losses, from the losses before and after the step",
        placement="wraps",
        needs="losses",
        backward_passes="1",
        scale="convex",
        linear=False,
        laws=(_EQUIVARIANT, Law("loss_scale_invariant", "floors at 0")),
        paper="liu2023famo",
        defaults="logits by Adam at 0.025 (code); decay 1e-3 (paper's NYUv2 setting)",
    ),
    "mgda": Method(
        factory="moo.aggregators.min_norm._mgda:mgda",
        family="min_norm",
        summary="the shortest vector in the convex hull of the gradients",
        scale="convex",
        laws=(_EQUIVARIANT, _HOMOGENEOUS, Law("non_conflicting"), Law("stationary")),
        paper="desideri2012multiple",
        defaults="rows as they are (paper)",
    ),
    "cagrad": Method(
        factory="moo.aggregators.min_norm._cagrad:cagrad",
        family="min_norm",
        summary="the best worst-case decrease within c times the mean gradient's length of it",
        scale="mean",
        laws=(_EQUIVARIANT, _HOMOGENEOUS, Law("non_conflicting", "c >= 1")),
        paper="liu2021conflict",
        defaults="c = 0.4 (paper's NYUv2 setting)",
    ),
    "imtl_g": Method(
        factory="moo.aggregators.equalize._imtl_g:imtl_g",
        family="equalize",
        summary="equal projections onto every unit gradient",
        scale="affine",
        laws=(
            _EQUIVARIANT,
            _HOMOGENEOUS,
            Law("equal_projections", "independent rows"),
            Law("row_scale_invariant", "independent rows"),
            Law("non_conflicting", "m = 2"),
        ),
        paper="liu2021towards",
        defaults="none",
    ),
    "nash_mtl": Method(
        factory="moo.aggregators.equalize._nash_mtl:nash_mtl",
        family="equalize",
        summary="the Nash bargaining solution: Gw = 1/w, w > 0",
        scale="unit",
        laws=(
            _EQUIVARIANT,
            Law("non_conflicting", "not Pareto-stationary"),
            Law("row_scale_invariant", "not Pareto-stationary"),
        ),
        paper="navon2022multitask",
        defaults="max_norm = 1, solved at each step (code)",
    ),
    "aligned_mtl": Method(
        factory="moo.aggregators.equalize._aligned_mtl:aligned_mtl",
        family="equalize",
        summary="all principal components of the gradients scaled to the smallest one",
        scale="sum",
        laws=(_EQUIVARIANT, _HOMOGENEOUS),
        paper="senushkin2023independent",
        defaults="smallest singular value, preference 1 an objective (code)",
    ),
    "pcgrad": Method(
        factory="moo.aggregators.project._pcgrad:pcgrad",
        family="project",
        summary="each gradient loses its part against the others, in random order; summed",
        scale="sum",
        laws=(
            _HOMOGENEOUS,
            _LINEAR,
            Law("permutation_equivariant", "m = 2; in distribution beyond"),
            Law("non_conflicting", "m = 2"),
        ),
        paper="yu2020gradient",
        defaults="none",
    ),
    "upgrad": Method(
        factory="moo.aggregators.project._upgrad:upgrad",
        family="project",
        summary="mean of the gradients, each projected onto the dual cone of all",
        scale="mean",
        laws=(_EQUIVARIANT, _HOMOGENEOUS, _LINEAR, Law("non_conflicting")),
        paper="quinton2024jacobian",
        defaults="preference 1/m (paper)",
    ),
    "dual_proj": Method(
        factory="moo.aggregators.project._dual_proj:dual_proj",
        family="project",
        summary="the mean gradient projected onto the dual cone of all",
        scale="mean",
        laws=(_EQUIVARIANT, _HOMOGENEOUS, Law("non_conflicting")),
        paper="lopezpaz2017gradient",
        defaults="preference 1/m",
    ),
}

SETS: dict[str, Method] = {}


def lookup(name: str) -> Method:
    """Return the registry row of a method.

    Args:
        name: canonical name, a key of `METHODS`.

    Returns:
        Its row.

    Raises:
        ValueError: no method has that name; the message gives the nearest ones.

    Example:
        >>> lookup("mgda").scale
        'convex'
    """
    return find_name("method", name, METHODS)
