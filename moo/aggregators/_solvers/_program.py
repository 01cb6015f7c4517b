r"""A quadratic program with kinks, bounds and one equality.

$$\min_x \tfrac12 x^\top H x - b^\top x + \sum_i s_i |x_i - p_i| \quad \text{subject to}
\quad a^\top x = t, \; 0 \le x \le h.$$
"""

from typing import NamedTuple

from moo._types import Array


class Program(NamedTuple):
    """The data of the program, with entries of order 1.

    Attributes:
        hessian: H, shape (m, m), positive semi-definite.
        linear: b, shape (m,).
        normal: a, shape (m,), positive.
        total: t, ().
        kink: p, shape (m,), in [0, h]; 0 where the slope is 0.
        slope: s, shape (m,), non-negative.
        bound: h, shape (m,), positive, may be infinite.
        allowed: shape (m,), bool; coordinates that may leave 0.
    """

    hessian: Array
    linear: Array
    normal: Array
    total: Array
    kink: Array
    slope: Array
    bound: Array
    allowed: Array
