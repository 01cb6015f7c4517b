"""Which points of a set are dominated by another one."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moo.metrics._checks import Float64

_BLOCK = 512


def nondominated(points: ArrayLike) -> NDArray[np.bool_]:
    """Mark the points that no other point dominates; all objectives minimised.

    p dominates q where p_j <= q_j for every j and p_j < q_j for one. Of equal points the first
    in the order given is kept.

    Args:
        points: `(n, m)`, m >= 1, without NaN; n may be 0.

    Returns:
        `(n,)` mask.

    Raises:
        ValueError: if the points are no matrix or hold NaN.

    Example:
        >>> from moo.metrics import nondominated
        >>> nondominated([[1.0, 3.0], [2.0, 2.0], [2.0, 3.0], [2.0, 2.0]]).tolist()
        [True, True, False, False]
    """
    values = np.asarray(points, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(f"points: must have shape (n, m), got {values.shape}")
    if np.isnan(values).any():
        raise ValueError("points: must not hold NaN; drop failed runs and count them")
    # In lexicographic order (stable for ties) no point is dominated by a later one.
    order = np.lexsort(values.T[::-1])
    ordered = values[order]
    keep = np.zeros(len(values), dtype=bool)
    keep[order] = _staircase(ordered) if values.shape[1] <= 2 else _blocks(ordered)
    return keep


def _staircase(ordered: Float64) -> NDArray[np.bool_]:
    """Keep each point that is lower in the last objective than all before it."""
    last = ordered[:, -1]
    lowest = np.minimum.accumulate(np.concatenate([[np.inf], last]))[:-1]
    return np.asarray(last < lowest)


def _blocks(ordered: Float64) -> NDArray[np.bool_]:
    """Compare block by block with those kept so far, then within the block."""
    kept = ordered[:0]
    masks = [np.zeros(0, dtype=bool)]
    for start in range(0, len(ordered), _BLOCK):
        block = ordered[start : start + _BLOCK]
        survives = ~_weakly_dominated(block, kept)
        rest = block[survives]
        earlier = np.tri(len(rest), k=-1, dtype=bool)
        survives[survives] = ~(_no_worse(rest, rest) & earlier).any(axis=1)
        kept = np.concatenate([kept, block[survives]])
        masks.append(survives)
    return np.concatenate(masks)


def _no_worse(points: Float64, others: Float64) -> NDArray[np.bool_]:
    """`(n, k)`: whether others[j] <= points[i] in every objective."""
    answer = np.ones((len(points), len(others)), dtype=bool)
    for column, other in zip(points.T, others.T, strict=True):
        answer &= other <= column[:, None]
    return answer


def _weakly_dominated(points: Float64, others: Float64) -> NDArray[np.bool_]:
    return np.asarray(_no_worse(points, others).any(axis=1))
