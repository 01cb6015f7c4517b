"""Which parameters several tasks share, as the Jacobian's `shared` wants it."""

from moo._types import Params, PyTree


def all_but(params: Params, *heads: str) -> PyTree:
    """Return a tree prefix of booleans: True for every top-level part that is no head."""
    return {part: part not in heads for part in params}
