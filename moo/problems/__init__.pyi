# Made by .ci/stubs.py from the _PUBLIC table beside it.
from moo.problems._fonseca import fonseca_fleming as fonseca_fleming
from moo.problems._noisy import noisy_instance as noisy_instance
from moo.problems._problem import Problem as Problem
from moo.problems._quadratics import convex_quadratic_forms as convex_quadratic_forms
from moo.problems._quadratics import elementwise_quadratic as elementwise_quadratic
from moo.problems._quadratics import quadratic_forms as quadratic_forms
from moo.problems._registry import PROBLEMS as PROBLEMS
from moo.problems._registry import ProblemRecord as ProblemRecord
from moo.problems._registry import problem as problem
from moo.problems._toy import two_task_toy as two_task_toy

__all__ = [
    "PROBLEMS",
    "Problem",
    "ProblemRecord",
    "convex_quadratic_forms",
    "elementwise_quadratic",
    "fonseca_fleming",
    "noisy_instance",
    "problem",
    "quadratic_forms",
    "two_task_toy",
]
