"""What lanes of one program may differ in: seeds, extra arguments, hyper-parameters."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from moo._types import Array, is_typed_key

Build = Callable[[Mapping[str, Array]], optax.GradientTransformation]


def grid(**axes: Any) -> dict[str, Any]:
    """Return every combination of some axes, the last one varying fastest, as lanes.

    Args:
        **axes: arrays or sequences by name, each with its values along the first axis.

    Returns:
        An array by name; all have the same leading axis, one entry a combination.

    Raises:
        ValueError: if there is no axis, or one is empty or has no first axis.

    Example:
        >>> import moo
        >>> lanes = moo.grid(seed=range(2), preference=[[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
        >>> lanes["seed"].tolist(), lanes["preference"].shape
        ([0, 0, 0, 1, 1, 1], (6, 2))
    """
    values = {name: axis if is_typed_key(axis) else np.asarray(axis) for name, axis in axes.items()}
    for name, axis in values.items():
        if axis.ndim == 0 or len(axis) == 0:
            raise ValueError(f"{name} must hold at least one value, got shape {axis.shape}")
    if not values:
        raise ValueError("grid needs at least one axis, such as seed=range(8)")
    indices = np.indices([len(axis) for axis in values.values()]).reshape(len(values), -1)
    return {name: values[name][index] for name, index in zip(values, indices, strict=True)}


def check_counts(**counts: Any) -> None:
    """Refuse what is no int of at least 1.

    Raises:
        ValueError: naming the first of them.
    """
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be an int of at least 1, got {value!r}")


def check_mapped(mapped: Mapping[str, Any], extra: Mapping[str, Any], lanes: int, of: str) -> None:
    """Refuse extra arguments that are given twice, or not once a lane.

    Raises:
        ValueError: naming the first of them.
    """
    if twice := sorted(mapped.keys() & extra.keys()):
        raise ValueError(f"{', '.join(twice)} is given both in extra and in mapped: give it once")
    for name, value in mapped.items():
        _check_leading(f"mapped[{name!r}]", value, lanes, of)


def lane_seeds(seeds: Any, lanes: int, of: str) -> np.ndarray:
    """Return what is folded into the keys of each lane; by default 0, 1, 2, ...

    Raises:
        TypeError: if they are no integers.
        ValueError: if their number or range is wrong.
    """
    values = np.arange(lanes) if seeds is None else np.asarray(seeds)
    if values.dtype.kind not in "iu":
        raise TypeError(f"seeds must be ints, got {values.dtype}")
    if values.shape != (lanes,):
        raise ValueError(f"seeds must have shape ({lanes},), one for each of the {of}, got "
                         f"{values.shape}")  # fmt: skip
    if values.min() < 0 or values.max() >= 2**32:
        raise ValueError(f"seeds must lie in [0, 2**32), got {values.min()} to {values.max()}")
    return values.astype(np.uint32)


def lane_hyperparameters(given: Mapping[str, Any], lanes: int, of: str) -> dict[str, Array]:
    """Return hyper-parameters as arrays with a leading axis of lanes.

    Raises:
        TypeError: if one is not made of numbers.
        ValueError: if one has another leading axis.
    """
    for name, value in given.items():
        if not is_typed_key(value) and np.asarray(value).dtype.kind not in "fiu":
            raise TypeError(
                f"hyperparameters[{name!r}] must be numbers, got {np.asarray(value).dtype}: what "
                "picks code or a shape needs a run of its own for each value"
            )
        _check_leading(f"hyperparameters[{name!r}]", value, lanes, of)
    return {name: jnp.asarray(value) for name, value in given.items()}


def _check_leading(name: str, value: Any, lanes: int, of: str) -> None:
    if np.shape(value)[:1] != (lanes,):
        raise ValueError(
            f"{name} must have a leading axis of {lanes} {of}, got shape {np.shape(value)}"
        )


def builder(tx: Any, told: Mapping[str, Array], lanes: int) -> Build:
    """Return what makes a lane's optimizer of its hyper-parameters.

    Every lane's optimizer is built once of its plain numbers, because a factory can refuse these
    and not what is traced.

    Raises:
        TypeError: if there are hyper-parameters and `tx` is no function of them.
        ValueError: when the program is traced, if one of them shapes it.
    """
    if not told:
        return lambda _: tx
    if isinstance(tx, tuple) or not callable(tx):
        raise TypeError(
            f"tx must be a function of the hyperparameters {', '.join(told)} that returns an "
            f"optimizer, got {type(tx).__name__}"
        )
    plain = {name: v if is_typed_key(v) else np.asarray(v) for name, v in told.items()}
    for lane in range(lanes):
        _tried(tx, {name: value[lane] for name, value in plain.items()}, lane)

    def build(traced: Mapping[str, Array]) -> optax.GradientTransformation:
        try:
            return tx(**traced)
        except (TypeError, ValueError, jax.errors.JAXTypeError) as error:
            raise ValueError(
                f"tx takes {', '.join(traced)} only as plain numbers, so a lane cannot have its "
                "own: what picks code or a shape needs a run of its own for each value"
            ) from error

    return build


def _tried(tx: Callable[..., Any], numbers: Mapping[str, Any], lane: int) -> None:
    try:
        tx(**numbers)
    except Exception as error:
        error.add_note(f"in lane {lane} of hyperparameters, {dict(numbers)}")
        raise
