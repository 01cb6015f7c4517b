"""Names of anchors: where a number's cells stand in the appendix."""

import hashlib
import re

from benchmarks.reports._compare import Comparison
from benchmarks.runner._cell import canonical

_OTHER = re.compile(r"[^A-Za-z0-9_]+")


def prefix(found: Comparison) -> str:
    """Return a short name of a comparison, the same wherever its settings are the same.

    Example:
        >>> _OTHER.sub("-", 'zdt1 {"dim":2}').strip("-")
        'zdt1-dim-2'
    """
    digest = hashlib.sha256(canonical(dict(found.shared)).encode()).hexdigest()
    return f"{_slug(found.suite.name)}-{digest[:6]}"


def method_link(found: Comparison, method: str) -> str:
    """Return the anchor of all cells of a method."""
    return f"{prefix(found)}.{_slug(method)}"


def cells_link(found: Comparison, method: str, problem: str) -> str:
    """Return the anchor of a method's cells on one problem."""
    return f"{method_link(found, method)}.{_slug(problem)}"


def _slug(name: str) -> str:
    return _OTHER.sub("-", name).strip("-")
