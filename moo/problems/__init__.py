"""Test problems with known Pareto sets: the toys and quadratics that papers draw."""

from moo._lazy import attach

_PUBLIC = {
    "PROBLEMS": "moo.problems._registry",
    "Problem": "moo.problems._problem",
    "ProblemRecord": "moo.problems._registry",
    "convex_quadratic_forms": "moo.problems._quadratics",
    "elementwise_quadratic": "moo.problems._quadratics",
    "fonseca_fleming": "moo.problems._fonseca",
    "noisy_instance": "moo.problems._noisy",
    "problem": "moo.problems._registry",
    "quadratic_forms": "moo.problems._quadratics",
    "two_task_toy": "moo.problems._toy",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
