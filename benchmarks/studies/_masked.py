"""Studies on rows of which some labels were never measured: a shared trunk, a head a label."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from scipy.special import expit

from benchmarks.studies._study import Arrays, Metrics, Part, Study
from moo.models import apply, functional
from moo.models._layers import MLP

HIDDEN = (128, 64)


class Rows(NamedTuple):
    """Rows, and what was measured of them.

    Attributes:
        features: (n, d).
        labels: (n, T) float32 in their own units, 0 where not measured.
        mask: (n, T) bool, whether the label was measured.
    """

    features: np.ndarray
    labels: np.ndarray
    mask: np.ndarray


class Labels(NamedTuple):
    """What the columns of `Rows.labels` are.

    Attributes:
        names: the T names.
        regression: of each, whether it is a number; otherwise it is 0 or 1.
        objectives: name of each objective -> names of the labels that its loss is averaged over.
    """

    names: tuple[str, ...]
    regression: tuple[bool, ...]
    objectives: Mapping[str, Sequence[str]]

    @property
    def members(self) -> np.ndarray:
        """Which labels belong to which objective, (T, m) bool."""
        groups = self.objectives.values()
        return np.array([[name in group for group in groups] for name in self.names])


# Rows -> metrics of predictions (n, T): numbers in their own units, and probabilities.
Score = Callable[[Rows], Callable[[np.ndarray], Metrics]]


def masked_study(
    labels: Labels,
    parts: Sequence[Rows],
    score: Score,
    *,
    batch_size: int,
    hidden: Sequence[int] = HIDDEN,
) -> Study:
    """Return a shared trunk with a linear head a label, on rows with partly measured labels.

    Numbers are predicted in units of their standard deviation over the training rows on which they
    were measured, by squared error; what is 0 or 1 by cross-entropy. See `masked_losses`.

    Args:
        labels: the labels, and how they are grouped into objectives.
        parts: training, validation and test rows.
        score: how predictions are scored.
        batch_size: rows in a step.
        hidden: widths of the trunk.
    """
    training, validation, test = parts
    moments = _moments(labels, training)

    def arrays(rows: Rows) -> dict[str, np.ndarray]:
        scaled = np.where(rows.mask, (rows.labels - moments[0]) / moments[1], 0)
        return {"features": rows.features, "labels": scaled.astype(np.float32), "mask": rows.mask}

    def part(rows: Rows) -> Part:
        return _part(arrays(rows), labels, moments, score(rows))

    begin, predict = _network(training.features.shape[1], hidden, len(labels.names))
    return Study(
        objective_names=tuple(labels.objectives),
        train=arrays(training),
        validation=part(validation),
        test=part(test),
        begin=begin,
        predict=predict,
        losses=masked_losses(labels),
        shared=lambda params: {"trunk": True, "heads": False},
        batch_size=batch_size,
        active=measured_objectives(labels),
    )


def masked_losses(labels: Labels) -> Callable[[Any, Arrays], Any]:
    r"""Return (outputs (n, T), arrays) -> losses (m,), each a mean over what was measured.

    $\ell_i = \sum_{n, t \in G_i} M_{nt}\, e_{nt} / \sum_{n, t \in G_i} M_{nt}$ with the error
    $e_{nt}$ of label t of row n, its mask $M_{nt}$, and the labels $G_i$ of objective i; 0 where
    nothing was measured, see `measured_objectives`.
    """
    members = labels.members.astype(np.float32)
    regression = np.array(labels.regression)

    def losses(outputs: Any, arrays: Arrays) -> Any:
        targets, mask = arrays["labels"], arrays["mask"].astype(outputs.dtype)
        classified = optax.sigmoid_binary_cross_entropy(outputs, targets)
        errors = jnp.where(regression, (outputs - targets) ** 2, classified)
        total, count = (errors * mask).sum(axis=0) @ members, mask.sum(axis=0) @ members
        return total / jnp.maximum(count, 1)

    return losses


def measured_objectives(labels: Labels) -> Callable[[Arrays], Any]:
    """Return arrays -> (m,) bool: which objectives have a measured label among these rows.

    It is what `moo.jacobian` takes as `active`: an objective without one must neither pull nor
    change its state.
    """
    members = labels.members

    def active(arrays: Arrays) -> Any:
        return (jnp.any(arrays["mask"], axis=0)[:, None] & members).any(axis=0)

    return active


def _moments(labels: Labels, training: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the measured numbers; 0 and 1 for classes."""
    count = np.maximum(training.mask.sum(axis=0), 1)
    mean = training.labels.sum(axis=0, dtype=np.float64) / count
    squares = np.where(training.mask, (training.labels - mean) ** 2, 0).sum(axis=0) / count
    regression = np.array(labels.regression)
    return np.where(regression, mean, 0), np.where(regression & (squares > 0), np.sqrt(squares), 1)


def _part(
    arrays: Arrays,
    labels: Labels,
    moments: tuple[np.ndarray, np.ndarray],
    score: Callable[[np.ndarray], Metrics],
) -> Part:
    def predicted(outputs: np.ndarray) -> np.ndarray:
        values = outputs.astype(np.float64)
        return np.where(labels.regression, moments[0] + moments[1] * values, expit(values))

    names = tuple(score(predicted(np.zeros(arrays["mask"].shape))))

    def measure(outputs: np.ndarray) -> Metrics:
        found = score(predicted(outputs)) if np.isfinite(outputs).all() else {}
        return {name: found.get(name, float("nan")) for name in names}

    return Part(arrays, names, measure)


class SharedTrunk(nnx.Module):
    """Hard parameter sharing: a trunk, and one linear head a label on top.

    Args:
        width_in: number d of features.
        hidden: widths of the trunk.
        num_labels: number T of heads.
        rngs: random streams.
    """

    def __init__(
        self, width_in: int, hidden: Sequence[int], num_labels: int, *, rngs: nnx.Rngs
    ) -> None:
        self.trunk = MLP(width_in, hidden, rngs=rngs)
        self.heads = nnx.Linear(self.trunk.width, num_labels, rngs=rngs)

    def __call__(self, features: jax.Array) -> jax.Array:
        """Map (n, d) to (n, T)."""
        return self.heads(self.trunk(features.astype(jnp.float32)))


def _network(
    width_in: int, hidden: Sequence[int], num_labels: int
) -> tuple[Callable[[int], Any], Callable[[Any, Arrays], Any]]:
    """Return seed -> parameters, and (parameters, arrays) -> outputs (n, T)."""

    def build(key: Any) -> nnx.Module:
        return SharedTrunk(width_in, hidden, num_labels, rngs=nnx.Rngs(key))

    graphdef = nnx.split(nnx.eval_shape(build, jax.random.key(0)), nnx.Param, ...)[0]
    draw = jax.jit(lambda key: functional(build(key))[1])

    def predict(params: Any, arrays: Arrays) -> Any:
        return apply(graphdef, params, {}, arrays["features"], train=False)[0]

    return functools.cache(lambda seed: draw(jax.random.key(seed))), predict
