"""Values that can be looked at before anything is traced."""

from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray


def concrete(value: Any) -> NDArray[Any] | None:
    """Return an array's values, or None where they are traced or not all on this host."""
    if isinstance(value, jax.core.Tracer):
        return None
    if isinstance(value, jax.Array) and not value.is_fully_addressable:
        return None
    return np.asarray(value)
