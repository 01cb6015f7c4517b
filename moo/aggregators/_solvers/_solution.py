"""What a solver returns: weights and the certificate that says how good they are."""

from typing import NamedTuple

from moo._types import Array


class Solution(NamedTuple):
    """Weights with a certificate.

    Attributes:
        weights: shape (m,); 0 for inactive objectives.
        residual: shape (); the solver's certificate relative to the answer itself, never to the
            trace of the Gramian; 0 is exact.
        converged: shape (), bool; whether the residual meets the solver's tolerance. A point at
            which the problem has no solution (bargaining at a Pareto-stationary point) says False.
    """

    weights: Array
    residual: Array
    converged: Array
