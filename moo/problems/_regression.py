"""Multi-task regression on generated data, with a small network as a flat vector."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from moo.problems._problem import Float64, Problem

Shapes = Sequence[tuple[int, ...]]


def mmoe_regression(
    correlation: float = 0.5,
    *,
    inputs: int = 100,
    hidden: int = 16,
    rows: int = 1000,
    batch: int = 64,
) -> Problem:
    """Two related regressions after MMoE, learned by a shared layer with two heads.

    y_k = w_k . v + sum_{i=0}^{9} sin((i + 1) w_k . v + i^2) + N(0, .01), v ~ N(0, I), where w_1
    and w_2 are unit vectors with w_1 . w_2 = correlation. The losses are the mean squared errors of
    heads(relu(W v + b)) on all stored rows, or, with a key, on a batch of them drawn with
    replacement. The labels' correlation increases with that of the w_k but is not equal to it.

    Args:
        correlation: p = w_1 . w_2, in [0, 1].
        inputs: number of input features, at least 2.
        hidden: width of the shared layer, positive.
        rows: number of stored rows, positive.
        batch: number of rows that a key draws, positive.

    Returns:
        The problem over the flat parameters W, b, heads, biases; data from seed 0, four starts.
        Its front is not known.

    Raises:
        ValueError: if correlation is not in [0, 1], or a size is too small.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("mmoe_regression", inputs=5, hidden=3).dim
        26

    Source: Ma et al., MMoE, KDD 2018, Sec. 3.2, which leaves the frequencies and phases open: those
        here are of google-research's code; .01 is read as a variance.
    """
    _check_sizes(inputs=(inputs, 2), hidden=(hidden, 1), rows=(rows, 1), batch=(batch, 1))
    if not 0 <= correlation <= 1:
        raise ValueError(f"correlation: must be in [0, 1], got {correlation}")
    features, labels = _mmoe_data(correlation, inputs, rows)
    shapes: list[tuple[int, ...]] = [(hidden, inputs), (hidden,), (2, hidden), (2,)]

    def predict(x: jax.Array, v: jax.Array) -> jax.Array:
        weights, bias, heads, shift = _unpack(x, shapes)
        return jnp.maximum(v @ weights.T + bias, 0) @ heads.T + shift

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        v, y = _drawn(x, key, batch, features, labels)
        return jnp.mean((predict(x, v) - y) ** 2, axis=0)

    source = "Ma et al., MMoE, KDD 2018; data drawn from seed 0"
    return _network("mmoe_regression", objectives, shapes, 2, source)


def gradnorm_regression(
    scales: Sequence[float] = (1.0, 100.0),
    *,
    inputs: int = 250,
    outputs: int = 100,
    hidden: int = 100,
    layers: int = 4,
    rows: int = 256,
    batch: int = 64,
) -> Problem:
    """Regressions of unequal scale after GradNorm, learned by a deep shared network.

    y_k = sigma_k tanh((B + eps_k) v / c), v ~ N(0, I), with entries of B ~ N(0, 10) and of eps_k ~
    N(0, 3.5), variances; c = sqrt(13.5 inputs) keeps tanh from saturating. The losses are the
    mean squared errors of linear heads on `layers` shared relu layers; with a key, on a batch of
    the stored rows drawn with replacement. Equal weights leave the tasks of small scale behind.

    Args:
        scales: sigma, one for each task, positive.
        inputs: number of input features, positive.
        outputs: number of outputs a task, positive.
        hidden: width of the shared layers, positive.
        layers: number of shared layers, positive.
        rows: number of stored rows, positive.
        batch: number of rows that a key draws, positive.

    Returns:
        The problem over the flat parameters; data from seed 0, four starts. Its front is not
        known; divide each loss by its value at the start, or by sigma^2, to compare tasks.

    Raises:
        ValueError: if there are fewer than two scales or one is not positive, or a size is not.

    Example:
        >>> import moo.problems
        >>> sizes = {"inputs": 4, "outputs": 2, "hidden": 3, "layers": 1}
        >>> moo.problems.problem("gradnorm_regression", **sizes).dim
        31

    Source: Chen et al., GradNorm, ICML 2018, arXiv:1711.02257, Sec. 4. Differs from the paper:
        the division by c; the variances are quoted from memory of it.
    """
    sizes = {"inputs": inputs, "outputs": outputs, "hidden": hidden, "layers": layers}
    _check_sizes(
        **{name: (size, 1) for name, size in (sizes | {"rows": rows, "batch": batch}).items()}
    )
    sigma = np.array(scales, dtype=np.float64)
    if sigma.ndim != 1 or len(sigma) < 2 or not (sigma > 0).all():
        raise ValueError(f"scales: must be two or more positive numbers, got {scales}")
    features, labels = _gradnorm_data(sigma, inputs, outputs, rows)
    widths = [inputs] + [hidden] * layers
    shapes: list[tuple[int, ...]] = []
    for n, m in pairwise(widths):
        shapes += [(m, n), (m,)]
    shapes += [(len(sigma), outputs, hidden), (len(sigma), outputs)]

    def predict(x: jax.Array, v: jax.Array) -> jax.Array:
        *trunk, heads, shift = _unpack(x, shapes)
        for weights, bias in zip(trunk[::2], trunk[1::2], strict=True):
            v = jnp.maximum(v @ weights.T + bias, 0)
        return jnp.einsum("nh,koh->nko", v, heads) + shift

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        v, y = _drawn(x, key, batch, features, labels)
        return jnp.mean((predict(x, v) - y) ** 2, axis=(0, 2))

    source = "Chen et al., GradNorm, arXiv:1711.02257; data drawn from seed 0"
    return _network("gradnorm_regression", objectives, shapes, len(sigma), source)


def _network(name: str, objectives: Any, shapes: Shapes, m: int, source: str) -> Problem:
    """Build the record, with four starts by He's rule and biases of zero."""
    rng = np.random.default_rng(1)
    draws = [_initial(rng, shape) for _ in range(4) for shape in shapes]
    starts = np.concatenate(draws).reshape(4, -1)
    return Problem(
        name=name,
        dim=starts.shape[1],
        num_objectives=m,
        objectives=objectives,
        starts=starts,
        stochastic=True,
        source=source,
    )


def _initial(rng: np.random.Generator, shape: tuple[int, ...]) -> Float64:
    return rng.normal(size=shape).ravel() * np.sqrt(2 / shape[-1])


def _mmoe_data(p: float, inputs: int, rows: int) -> tuple[Float64, Float64]:
    rng = np.random.default_rng(0)
    u1, u2 = np.linalg.qr(rng.normal(size=(inputs, 2)))[0].T
    tasks = np.stack([u1, p * u1 + np.sqrt(1 - p**2) * u2])
    features = rng.normal(size=(rows, inputs))
    linear = features @ tasks.T
    index = np.arange(10.0)
    waves = np.sin(linear[..., None] * (index + 1) + index**2).sum(axis=-1)
    return features, linear + waves + 0.1 * rng.normal(size=linear.shape)


def _gradnorm_data(sigma: Float64, inputs: int, outputs: int, rows: int) -> tuple[Float64, Float64]:
    rng = np.random.default_rng(0)
    common = rng.normal(size=(outputs, inputs)) * np.sqrt(10.0)
    own = rng.normal(size=(len(sigma), outputs, inputs)) * np.sqrt(3.5)
    features = rng.normal(size=(rows, inputs))
    mixed = np.einsum("koi,ni->nko", common + own, features) / np.sqrt(13.5 * inputs)
    return features, sigma[:, None] * np.tanh(mixed)


def _drawn(
    x: jax.Array, key: jax.Array | None, batch: int, features: Float64, labels: Float64
) -> tuple[jax.Array, jax.Array]:
    """All rows, or those that a key draws, in the dtype of x."""
    v, y = jnp.asarray(features, x.dtype), jnp.asarray(labels, x.dtype)
    if key is None:
        return v, y
    rows = jax.random.randint(key, (batch,), 0, len(features))
    return v[rows], y[rows]


def _unpack(x: jax.Array, shapes: Shapes) -> list[jax.Array]:
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [
        part.reshape(shape) for part, shape in zip(jnp.split(x, ends[:-1]), shapes, strict=True)
    ]


def _check_sizes(**sizes: tuple[int, int]) -> None:
    for name, (size, least) in sizes.items():
        if size < least:
            raise ValueError(f"{name}: must be at least {least}, got {size}")
