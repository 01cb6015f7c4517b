"""Training of a recommendation model as one compiled program, shared by all seeds."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax.flatten_util import ravel_pytree

import moo
from benchmarks.portfolio import portfolio
from moo.models import apply, functional

CHECKPOINTS = 12
NUM_OBJECTIVES = 2


class Study(NamedTuple):
    """A model on a data set: everything but the method, the mode and the seed."""

    name: str
    train: moo.data.Dataset
    test: moo.data.Dataset
    build: Callable[[int], nnx.Module]
    losses: Mapping[str, Callable[..., Any]]  # mode -> losses(logits, batch, where=None)
    batch_size: int
    epochs: int
    learning_rate: float
    probe: Callable[..., Any] | None = None  # probe(objectives, params, batch), at checkpoints


class Outcome(NamedTuple):
    """What one seed of one cell left: curves over training, and the last predictions."""

    steps: np.ndarray  # (checkpoints + 1,)
    losses: np.ndarray  # (checkpoints + 1, m), on the test rows
    weights: np.ndarray | None  # (steps, m)
    cosines: np.ndarray | None  # (steps,), of the first two objectives
    probes: Any  # what the study's probe returned at each checkpoint
    logits: np.ndarray  # (test rows, tasks)
    finite: bool


class Cell(NamedTuple):
    """One method in one mode, over all seeds, and the seconds that they ran."""

    method: str
    mode: str
    outcomes: list[Outcome]
    seconds: float


def train(
    study: Study, methods: Mapping[str, dict[str, Any]], seeds: Sequence[int]
) -> tuple[list[Cell], float]:
    """Train one model for each method, mode and seed, all by one compiled program.

    Initial values and the order of batches follow the seed, so they are paired across modes and
    methods.

    Returns:
        The cells, and the seconds of compilation that they share.
    """
    graphdef, _, rest = functional(study.build(seeds[0]))
    tx = optax.chain(portfolio(methods, NUM_OBJECTIVES), optax.adam(study.learning_rate))
    inputs = [_inputs(study, seed) for seed in seeds]
    started = time.perf_counter()
    program = (
        jax.jit(_program(study, tx, graphdef, rest))
        .lower(np.int32(0), np.int32(0), *inputs[0])
        .compile()
    )
    compiled = time.perf_counter() - started
    cells = [
        _run_cell(program, (choice, index), inputs, method, mode)
        for choice, method in enumerate(methods)
        for index, mode in enumerate(study.losses)
    ]
    return cells, compiled


def _run_cell(
    program: Callable[..., Any], at: tuple[int, int], inputs: list[Any], method: str, mode: str
) -> Cell:
    started = time.perf_counter()
    choice, index = (np.int32(k) for k in at)
    outcomes = [_outcome(program(choice, index, *given)) for given in inputs]
    return Cell(method, mode, outcomes, time.perf_counter() - started)


def trajectory(outcomes: Sequence[Outcome], names: tuple[str, ...], label: str) -> moo.Trajectory:
    """Return the test losses of all seeds as one trajectory."""
    losses = np.stack([outcome.losses for outcome in outcomes])
    return moo.Trajectory(outcomes[0].steps, losses, names=names, label=label)


def _program(study: Study, tx: Any, graphdef: Any, rest: Any) -> Callable[..., Any]:
    """Return (method, mode, params, batches, test) -> curves and logits, checked at the end."""
    branches = list(study.losses.values())

    def program(
        choice: Any, mode: Any, params: Any, segments: dict[str, Any], test: dict[str, Any]
    ) -> Any:
        def losses_of(logits: Any, batch: dict[str, Any], where: Any = None) -> Any:
            # One program for all modes: they differ in a few operations on the logits.
            return jax.lax.switch(mode, branches, logits, batch, where)

        def predict(params: Any, batch: dict[str, Any]) -> Any:
            return apply(graphdef, params, rest, batch, train=False)[0]

        def objectives(params: Any, batch: dict[str, Any], where: Any = None) -> Any:
            return losses_of(predict(params, batch), batch, where)

        packed, unpack = pack(params, type(study.build(0)).shared(params))
        points, used = _loop(tx, choice, lambda p, b: objectives(unpack(p), b), packed, segments)

        def check(packed: Any) -> Any:
            params = unpack(packed)
            logits = predict(params, test)
            probed = None if study.probe is None else study.probe(objectives, params, test)
            return losses_of(logits, test), probed, logits

        # One body for all checkpoints: it compiles once, and keeps the training loop small.
        return jax.lax.map(check, points), used

    return program


def pack(params: Any, shared: Any) -> tuple[dict[str, Any], Callable[[Any], Any]]:
    """Pack the shared leaves and the heads into one vector each, and return the way back.

    Dozens of small leaves make dozens of kernels in each gradient, Gramian and optimizer: packed,
    the same training compiles in a third of the time.
    """
    leaves, tree = jax.tree.flatten(params)
    mask = jax.tree.leaves(jax.tree.broadcast(shared, params))
    groups = {"shared": [x for x, s in zip(leaves, mask, strict=True) if s],
              "heads": [x for x, s in zip(leaves, mask, strict=True) if not s]}  # fmt: skip
    ravelled = {name: ravel_pytree(group) for name, group in groups.items()}

    def unpack(packed: Any) -> Any:
        parts = {name: iter(ravelled[name][1](packed[name])) for name in ravelled}
        return jax.tree.unflatten(tree, [next(parts["shared" if s else "heads"]) for s in mask])

    return {name: vector for name, (vector, _) in ravelled.items()}, unpack


def _loop(tx: Any, choice: Any, objectives: Any, packed: Any, segments: dict[str, Any]) -> Any:
    """Return the parameters at every checkpoint, and what each step used."""
    step = moo.make_step(objectives, tx, shared={"shared": True, "heads": False})

    def advance(carry: Any, batch: dict[str, Any]) -> Any:
        packed, state, record = step(*carry, batch, choice=choice)
        cosine = None if record.gram is None else record.gram.cosines[0, 1]
        return (packed, state), (record.weights, cosine, record.finite)

    def segment(carry: Any, batches: dict[str, Any]) -> Any:
        after, used = jax.lax.scan(advance, carry, batches)
        return after, (carry[0], used)

    (last, _), (kept, used) = jax.lax.scan(segment, (packed, tx.init(packed)), segments)
    return jax.tree.map(lambda a, b: jnp.concatenate([a, b[None]]), kept, last), used


def _inputs(study: Study, seed: int) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Return initial parameters, the batches in segments of equal length, and the test rows."""
    _, params, _ = functional(study.build(seed))
    batches = study.train.batches(study.batch_size, epochs=study.epochs, seed=seed)
    per_segment = len(batches) // CHECKPOINTS
    drawn = [batches[i] for i in range(per_segment * CHECKPOINTS)]
    segments = {
        name: np.stack([batch[name] for batch in drawn]).reshape(
            (CHECKPOINTS, per_segment, *drawn[0][name].shape)
        )
        for name in drawn[0]
    }
    test = {name: jnp.asarray(study.test[name]) for name in segments}
    return params, segments, test


def _outcome(results: Any) -> Outcome:
    (losses, probes, logits), (weights, cosines, finite) = jax.device_get(results)
    return Outcome(
        steps=np.arange(CHECKPOINTS + 1) * finite.shape[1],
        losses=losses,
        weights=None if weights is None else weights.reshape(-1, weights.shape[-1]),
        cosines=None if cosines is None else cosines.reshape(-1),
        probes=probes,
        logits=logits[-1],
        finite=bool(finite.all()),
    )
