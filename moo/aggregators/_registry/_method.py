"""What a row of the registry says; readable without importing jax."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Scale = Literal["sum", "mean", "convex", "affine", "unit", "learned", "adam", "free"]
Family = Literal[
    "losses", "min_norm", "equalize", "project", "coordinate", "matrix", "stochastic", "online",
    "bilevel", "preference", "sets",
]  # fmt: skip

LAWS = {
    "permutation_equivariant": "v does not depend on the order of the rows",
    "orthogonal_equivariant": "v(JQ) = v(J) Q for every orthogonal change of basis Q",
    "homogeneous": "v(sJ) = s v(J) for s > 0; the weights keep every bit for s a power of two",
    "scale_invariant": "v(sJ) = v(J) for s > 0; the weights change by exactly 1/s where s = 2^k",
    "row_scale_invariant": "the direction of v(diag(c) J) does not depend on c > 0",
    "loss_scale_invariant": "v does not depend on a common factor of the losses beside the rows",
    "linear_under_scaling": "v(diag(c) J) is linear in c > 0",
    "linear": "v(J + K) = v(J) + v(K) at the same losses",
    "non_conflicting": "g_i'v >= 0 for every row g_i",
    "stationary": "v = 0 if and only if the convex hull of the rows holds 0",
    "equal_projections": "u_i'v is the same for all unit rows u_i",
}


class Law(NamedTuple):
    """A property that a method claims, and the range in which it holds.

    Attributes:
        name: a key of `LAWS`.
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
        backward_passes: backward passes a step, for m objectives (K solutions).
        batches: independent sub-batches that it takes from `Jacobian.split`.
        state: what it remembers between steps, beside the last weights and Gramian.
        extras: names that `update` must be given, such as `preference`.
        random: whether v is drawn from a key in the state.
        scale: length of the direction v. Its weights add up to m on equal rows (`sum`), or to 1
            (`mean`); lie in the simplex (`convex`); add up to 1 with either sign (`affine`);
            are trained (`learned`); v has norm at most 1 (`unit`); v is a step of Adam's size an
            entry (`adam`); or none of these (`free`).
        linear: v == J'w for the weights w kept in the state.
        laws: what is claimed, with the range. It holds for the method as built by its defaults,
            unless the range names a hyper-parameter, such as c >= 1.
        paper: key of `moo/references.bib`.
        defaults: hyper-parameters, and where their default values come from.
        same_as: a method whose directions it shares, where it differs in what is around them.
    """

    factory: str
    family: Family
    summary: str
    placement: Literal["first", "wraps"] = "first"
    needs: Literal["losses", "gram", "jacobian"] = "gram"
    backward_passes: str = "m"
    batches: int = 1
    state: str = "none"
    extras: tuple[str, ...] = ()
    random: bool = False
    scale: Scale
    linear: bool = True
    laws: tuple[Law, ...]
    paper: str
    defaults: str
    same_as: str | None = None

    def claims(self, law: str) -> bool:
        """Whether the method claims the law, in whatever range."""
        return any(law == claimed.name for claimed in self.laws)


EQUIVARIANT = Law("permutation_equivariant")
ROTATION = Law("orthogonal_equivariant")
LOSS_FREE = Law("loss_scale_invariant")
HOMOGENEOUS = Law("homogeneous")
LINEAR_UNDER_SCALING = Law("linear_under_scaling")
NON_CONFLICTING = Law("non_conflicting")

FAMILIES: dict[str, str] = {
    "losses": "Weights from losses",
    "min_norm": "Shortest vectors",
    "equalize": "Equal shares",
    "project": "Projections",
    "coordinate": "Entry by entry, row by row",
    "matrix": "Matrix geometry",
    "stochastic": "Noise and amortisation",
    "online": "Online",
    "bilevel": "Bilevel",
    "preference": "Preferences",
    "sets": "Sets of solutions",
}

LEFT_OUT: dict[str, tuple[str, str]] = {
    "APT": ("arXiv 2604.08939", "abstract and summary only; no formula, no code"),
    "ConicGrad": ("arXiv 2502.00217", "in words only; matrix, weight update and defaults open"),
    "DRGrad": ("arXiv 2510.09643", "an architecture, not a rule of aggregation"),
    "MultiBalance": ("arXiv 2411.11871", "abstract only; no equations, no code"),
    "MSMD": ("arXiv 2410.06632", "abstract and introduction only; order and size of steps open"),
    "PPE": ("arXiv 2606.19521", "abstract only; no formula"),
    "Recon": ("arXiv 2302.11289", "turns conflicting layers into task-specific ones: a new model"),
    "RotoGrad": ("arXiv 2103.02631", "rotations before the heads, trained beside it: a model"),
}
