"""The losses that a method by preferences compares."""

from moo._types import Array


def expect_losses(losses: Array | None, method: str) -> Array:
    """Return the losses, or refuse a Jacobian that has none.

    Raises:
        ValueError: if there are none.
    """
    if losses is None:
        raise ValueError(
            f"losses are missing: {method} compares the losses with the preference; give losses= "
            "to moo.stacked_jacobian"
        )
    return losses
