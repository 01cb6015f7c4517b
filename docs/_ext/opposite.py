"""The table of what each method makes of exactly opposite gradients."""

from rst import heading, table

from benchmarks.opposition import RATIOS, answer, consequence, number
from moo.aggregators import METHODS

INTRODUCTION = r"""
Inside ESMM the two losses pull the click tower in exactly opposite directions on every impression
that was clicked and not converted: the rows of the Jacobian are :math:`(g, -\rho g)` with
:math:`\rho = pq / (1 - pq)`, far below 1. What a method does then is decided by its definition, not
by tuning. The table gives the coefficient c of :math:`v = c g` at the first step of each method,
built by its defaults with both losses at 1; where a method remembers, the sentence says what the
100th step makes of the same gradients. It is computed when this page is built, and by
``python -m benchmarks opposition``.

Methods that return a set of solutions are not in the table: what each solution makes of opposite
gradients, :math:`c = w_1 - \rho w_2` for weights w, follows from its preference, ray and losses, or
from a rule of the table inside the method, such as MGDA's in ``pmtl`` and ``moo_svgd``.
"""


def pages() -> dict[str, str]:
    """Return path -> text."""
    answers = {f":doc:`methods/{name}`": answer(name) for name in METHODS}
    numbers = [(name, *map(number, found.first)) for name, found in answers.items()]
    sentences = [(name, _sentence(found)) for name, found in answers.items()]
    header = ("method", *(f"{ratio:g}" for ratio in RATIOS))
    parts = [
        heading("Exactly opposite gradients"), INTRODUCTION,
        heading("The coefficient c, by the ratio", "-"), table(header, numbers),
        heading("What it means", "-"), table(("method", "consequence"), sentences, "20 80"),
    ]  # fmt: skip
    return {"opposite": "\n".join(parts)}


def _sentence(found) -> str:
    first, settled = consequence(found.first), consequence(found.settled)
    changed = any(
        abs(a - b) > 0.02 * (abs(a) + abs(b))
        for a, b in zip(found.first, found.settled, strict=True)
    )
    return f"{first}; later: {settled}" if changed else first
