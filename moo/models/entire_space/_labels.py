"""What labels and weights of a chain may be, where they can be seen."""

import numpy as np
from jax.typing import ArrayLike
from numpy.typing import NDArray

from moo._concrete import concrete


def check_labels(
    click: ArrayLike,
    conversion: ArrayLike,
    where: ArrayLike | None,
    sample_weight: ArrayLike | None,
    *,
    name: str = "conversion",
) -> None:
    """Check values on the rows that count; whatever is traced, and what needs it, is passed over.

    Raises:
        ValueError: on a label other than 0 and 1, a conversion without a click, or a weight that
            is negative or NaN.
    """
    y, z = concrete(click), concrete(conversion)
    counts = np.bool_(True) if where is None else concrete(where)
    if counts is None:
        return
    for which, label in (("click", y), (name, z)):
        if label is not None:
            _refuse(f"{which} must be 0 or 1", label, counts & (label != 0) & (label != 1))
    if y is not None and z is not None:
        _refuse(f"{name} must be 0 where click is 0", z, counts & (z != 0) & (y == 0))
    _check_weight(sample_weight, counts)


def check_nested(
    labels: ArrayLike, where: ArrayLike | None, sample_weight: ArrayLike | None
) -> None:
    """Check (n, K) labels of a funnel where they count; what is traced is passed over.

    Raises:
        ValueError: on a label other than 0 and 1, one that is 1 after an earlier 0, or a weight
            that is negative or NaN.
    """
    z = concrete(labels)
    counts = np.ones((1, 1), bool) if where is None else concrete(where)
    if counts is None:
        return
    counts = counts[:, None] if counts.ndim == 1 else counts
    _check_weight(sample_weight, counts.any(axis=-1))
    if z is None:
        return
    _refuse("labels must be 0 or 1", z, counts & (z != 0) & (z != 1))
    known = np.where(counts, z, 1).astype(np.float64)
    earlier = np.minimum.accumulate(known, axis=1)[:, :-1]
    grows = np.zeros(z.shape, bool)
    grows[:, 1:] = known[:, 1:] > earlier
    _refuse("labels must not grow from step to step", z, counts & grows)


def check_elapsed(elapsed: ArrayLike, where: ArrayLike | None) -> None:
    """Raise on a time below 0, NaN or inf in a row that counts, where it can be seen."""
    counts = np.bool_(True) if where is None else concrete(where)
    time = concrete(elapsed)
    if counts is not None and time is not None:
        bad = counts & ~((time >= 0) & np.isfinite(time))
        _refuse("elapsed must be finite and at least 0", time, bad)


def _check_weight(sample_weight: ArrayLike | None, counts: NDArray[np.bool_] | np.bool_) -> None:
    weight = None if sample_weight is None else concrete(sample_weight)
    if weight is not None:
        _refuse("sample_weight must be at least 0", weight, counts & ~(weight >= 0))


def _refuse(rule: str, values: NDArray[np.generic], bad: NDArray[np.bool_]) -> None:
    """Raise for the first bad row, and step where there are several."""
    if bad.any():
        row, *step = (int(i) for i in np.argwhere(bad)[0])
        place = f"row {row}, step {step[0]}" if step else f"row {row}"
        raise ValueError(f"{rule}, got {values[(row, *step)]} in {place}")
