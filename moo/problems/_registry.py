"""Names of the test problems, kept apart from their code so that listing them needs no jax."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from moo._names import check_options, find_name
from moo.problems._catalogue import FAMILIES

if TYPE_CHECKING:
    from moo.problems._problem import Problem


class ProblemRecord(NamedTuple):
    """One row of `PROBLEMS`.

    Attributes:
        factory: dotted path of the function that builds the problem.
        summary: one line on what the problem shows.
    """

    factory: str
    summary: str


PROBLEMS: dict[str, ProblemRecord] = {
    name: ProblemRecord(f"moo.problems.{module}.{name}", summary)
    for module, rows in FAMILIES.items()
    for name, summary in rows.items()
}


def problem(name: str, **options: Any) -> Problem:
    """Build a test problem by its name in `PROBLEMS`.

    Args:
        name: a key of `PROBLEMS`.
        **options: passed on to the problem's factory.

    Returns:
        The problem.

    Raises:
        ValueError: if no problem bears that name.
        TypeError: if the name is no str, or the factory does not take one of the options.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("two_task_toy", scale=1.0).starts.shape
        (5, 2)
    """
    module, _, attribute = find_name("problem", name, PROBLEMS).factory.rpartition(".")
    factory = getattr(importlib.import_module(module), attribute)
    check_options(name, options, inspect.signature(factory).parameters)
    built: Problem = factory(**options)
    return built
