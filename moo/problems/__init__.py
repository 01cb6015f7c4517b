"""Test problems and what is known about them: Pareto sets, fronts, hypervolumes, hazards."""

from moo._lazy import attach
from moo.problems._catalogue import FAMILIES

_PUBLIC = {
    "PROBLEMS": "moo.problems._registry",
    "Problem": "moo.problems._problem",
    "ProblemRecord": "moo.problems._registry",
    "problem": "moo.problems._registry",
    "quadratic_forms": "moo.problems._quadratics",
}
_PUBLIC |= {name: f"moo.problems.{module}" for module, rows in FAMILIES.items() for name in rows}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
