"""The plane in which one of two gradients is turned towards the other."""

import numpy as np

_LENGTHS = "give another x, or scale the losses"


def in_plane_of(rows: np.ndarray, pair: tuple[int, int], *, keep_second: bool) -> np.ndarray:
    """Return gradients in axes of which the first is along the pair's first, the second beside it.

    There the small changes of the pair are not lost in the rounding of large entries. Collinear
    gradients get any plane through them, and one dimension a second one.

    Args:
        rows: (m, d) gradients.
        pair: the two objectives of the plane.
        keep_second: whether the length of the pair's second counts.

    Returns:
        (m, max(d, 2)); the pair's first has but one entry, which is positive.

    Raises:
        ValueError: if the pair is not two objectives, or a gradient is not finite, or 0 where its
            length counts.
    """
    if len(pair) != 2 or pair[0] == pair[1] or not all(0 <= i < len(rows) for i in pair):
        raise ValueError(f"pair must be two of the {len(rows)} objectives, got {pair}")
    if not np.isfinite(rows).all():
        raise ValueError(f"the gradients at x must be finite, got {rows.tolist()}: {_LENGTHS}")
    lengths = np.linalg.norm(rows, axis=1)
    for i in pair if keep_second else pair[:1]:
        if lengths[i] == 0:
            raise ValueError(f"the gradient of objective {i} at x must not be 0: {_LENGTHS}")
    wide = np.pad(rows, ((0, 0), (0, max(2 - rows.shape[1], 0))))
    units = wide[list(pair)] / np.where(lengths[list(pair)] == 0, 1, lengths[list(pair)])[:, None]
    axes, _ = np.linalg.qr(np.hstack([units.T, np.eye(wide.shape[1])]))
    turned = wide @ axes
    turned[pair[0], 1:] = 0
    return np.asarray(turned * np.sign(turned[pair[0], 0]))
