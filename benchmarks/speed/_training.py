"""The settings that all packages of the throughput row share, and training with moo."""

import functools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

import moo
from benchmarks.speed._click_log import FIELDS, Size
from moo.data import Dataset
from moo.models import apply, build, esmm_losses, functional

DIM, HIDDEN, TOWER, EXPERTS = 16, (256, 128), (64,), 4
RATE, STD = 1e-3, 0.05
DECAY = 0.9  # of the running moments of batch norm: PyTorch's default
Scores = Callable[[Dataset], np.ndarray]


class Trainer(NamedTuple):
    """One package's training loop.

    Attributes:
        epoch: trains over all rows once, and returns how many were used.
        scores: the scores of a data set's rows, click and conversion, (n, 2); None without any.
        compilation: seconds.
    """

    epoch: Callable[[], int]
    scores: Scores | None
    compilation: float = 0.0


def moo_trainer(
    name: str, size: Size, train: Dataset, *, batch_norm: bool, sparse: bool = True
) -> Trainer:
    """Return moo's loop: a compiled step a batch, on the rows of the tables that a batch reads."""
    graphdef, carry, step = _step(name, train, batch_norm, sparse)
    batches = functools.partial(train.batches, size.batch)
    started = time.perf_counter()
    program = step.lower(*carry, batches()[0]).compile()
    compilation = time.perf_counter() - started
    epochs = iter(range(1 << 30))

    def epoch() -> int:
        drawn = batches(seed=next(epochs))
        for batch in drawn:
            carry[:] = program(*carry, batch)
        jax.block_until_ready(carry)
        return len(drawn) * size.batch

    return Trainer(epoch, lambda test: _scores(name, graphdef, carry, test), compilation)


def network_alone(name: str, size: Size, train: Dataset, *, batch_norm: bool) -> Trainer:
    """Return the network's passes forward and back, on vectors that are there: the floor.

    A compiled step a batch, with neither tables nor loader, and with SGD, so that no step is the
    same as the one before.
    """
    graphdef, params, model_state = _network(name, train, batch_norm, _Vectors)
    first = train.batches(size.batch)[0]
    width, count = DIM * len(FIELDS), len(train) // size.batch
    vectors = jax.random.normal(jax.random.key(0), (size.batch, width))

    def total(given: Any, model_state: Any) -> tuple[Any, Any]:
        params, vectors = given
        logits, model_state = apply(graphdef, params, model_state, {"vectors": vectors})
        return losses_of(name, logits, first).sum(), model_state

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def step(given: Any, model_state: Any) -> tuple[Any, Any]:
        gradients, model_state = jax.grad(total, has_aux=True)(given, model_state)
        return jax.tree.map(lambda x, g: x - RATE * g, given, gradients), model_state

    carry = [(params, vectors), model_state]
    started = time.perf_counter()
    program = step.lower(*carry).compile()
    compilation = time.perf_counter() - started

    def epoch() -> int:
        for _ in range(count):
            carry[:] = program(*carry)
        jax.block_until_ready(carry)
        return count * size.batch

    return Trainer(epoch, None, compilation)


class _Vectors(nnx.Module):
    """An input layer that passes on what the batch holds."""

    def __init__(self, columns: Any, embedding_dim: int, *, rngs: nnx.Rngs) -> None:
        self.width = embedding_dim * len(FIELDS)

    def __call__(self, batch: Any) -> jax.Array:
        return jnp.asarray(batch["vectors"])


def _network(
    name: str, train: Dataset, batch_norm: bool, inputs: Any = None
) -> tuple[Any, Any, Any]:
    options = {} if name == "esmm" else {"num_experts": EXPERTS, "tower": TOWER}
    model = build(
        name, columns=train.columns, num_tasks=2, embedding_dim=DIM, hidden=HIDDEN,
        batch_norm=batch_norm, inputs=inputs, rngs=nnx.Rngs(0), **options,
    )  # fmt: skip
    for _, module in nnx.iter_modules(model):
        if isinstance(module, nnx.BatchNorm):
            module.momentum = DECAY
    return functional(model)


def _step(name: str, train: Dataset, batch_norm: bool, sparse: bool) -> tuple[Any, list[Any], Any]:
    """Return the model's graph, what a step carries, and the step."""
    graphdef, params, model_state = _network(name, train, batch_norm)
    params = _begun(params, like_torch=batch_norm)

    def objectives(params: Any, batch: Any, model_state: Any) -> Any:
        logits, model_state = apply(graphdef, params, model_state, batch)
        return losses_of(name, logits, batch), model_state

    adam = optax.adam(RATE)
    tx = moo.optimizer("sum", moo.sparse.lazy(adam) if sparse else adam, num_objectives=2)
    if sparse:
        inner = moo.sparse.make_step(objectives, tx, tables=_tables(), has_aux=True)
    else:
        inner = moo.make_step(objectives, tx, has_aux=True)

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
    def step(params: Any, state: Any, model_state: Any, batch: Any) -> tuple[Any, Any, Any]:
        params, state, record = inner(params, state, batch, model_state)
        return params, state, record.aux

    return graphdef, [params, tx.init(params), model_state], step


def _begun(params: Any, *, like_torch: bool) -> Any:
    """Return the parameters with the peers' deviations: under batch norm they set its pace."""
    # A linear layer of n inputs begins with 1/√n in flax and with 1/√(3 n) in PyTorch.
    factor = 3**-0.5 if like_torch else 1.0
    params = jax.tree.map(lambda leaf: leaf * factor if leaf.ndim == 2 else leaf, params)
    tables = params["features"]["tables"]
    params["features"]["tables"] = jax.tree.map(lambda t: t * STD / t.std(), tables)
    return params


def losses_of(name: str, logits: Any, batch: Any) -> Any:
    """Return the losses of clicks and of clicked conversions, (2,)."""
    if name == "esmm":
        return esmm_losses(*logits.T, batch["click"], batch["conversion"])
    labels = jnp.stack([batch["click"], batch["conversion"]], axis=1)
    return optax.sigmoid_binary_cross_entropy(logits, labels).mean(axis=0)


def _tables() -> dict[str, str]:
    """Return the path of every field's table, and the field."""
    return {f"features.tables.{field}.embedding": field for field in FIELDS}


def _scores(name: str, graphdef: Any, carry: list[Any], test: Dataset) -> np.ndarray:
    params, _, model_state = carry
    batch = {field: jnp.asarray(test[field]) for field in FIELDS}
    logits, _ = apply(graphdef, params, model_state, batch, train=False)
    chances = np.array(jax.nn.sigmoid(logits))
    if name == "esmm":
        chances[:, 1] *= chances[:, 0]
    return chances
