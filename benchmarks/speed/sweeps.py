"""Many small trainings as one program, against one after another."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

import moo
from moo._lanes import Mapped
from moo._settings import builder, lane_seeds
from moo._sweep import _Common, _lane
from moo.models import apply, functional

SEEDS, PREFERENCES, CHUNK = 8, 8, 16  # sixteen of these lanes keep to the cache
ROWS, BATCH, EPOCHS = 10_000, 256, 1
EMBEDDING, HIDDEN, METHOD = 8, (16, 8), "stch"
# Adam makes a whole step of a gradient that is rounding alone; at its default 1e-8 the user table,
# most of whose rows get hardly any, differs by 2e-6 between any two orders of summation.
EPSILON = 1e-7


class Trainings(NamedTuple):
    """The same trainings in several forms."""

    lane: Callable[[Any, Any], Any]  # (a lane's arguments, batches) -> its results
    objectives: Callable[..., Any]
    tx: optax.GradientTransformation
    step: Callable[..., Any]  # one step of one lane
    lanes: Any  # arguments with a leading axis of lanes
    batches: Mapping[str, Any]  # stacked


def sweeps(rounds: int = 9) -> dict[str, float]:
    """Time 8 seeds x 8 preferences of a small two-tower ESMM on 10,000 simulated rows.

    The three ways alternate in one process; seconds are medians over the rounds and ratios are
    medians of each round's. Compilation is not in them, and shown beside.

    Args:
        rounds: how often each way is timed.

    Returns:
        Numbers by name: `together_s`, programs of lanes as `moo.sweep` has them, `CHUNK` at once;
        `one_after_another_s`, a program of one whole training (its scan compiled as well), called
        for each lane; `step_loop_s`, one compiled step called for each batch of each lane, as in a
        usual training loop; their ratios to `together_s`, `ratio` and `step_loop_ratio`, with
        `_min` and `_max`; `cpu_ratio`, of the first two in seconds of CPU, which does not count
        the cores used side by side;
        `sweep_call_s` and `fit_call_s`, one call of `moo.sweep` for all lanes and of `moo.fit` for
        one, each with its compilation, and the ratio of as many of the latter to the former;
        seconds of compilation; the `largest_difference` of final parameters; and sizes.
    """
    given = trainings()
    count = SEEDS * PREFERENCES
    lanes = [_at(given.lanes, i) for i in range(count)]
    one, one_s = _compiled(given.lane, lanes[0], given.batches)
    started = time.perf_counter()
    many = Mapped.over(given.lane, given.lanes, given.batches, CHUNK)
    many_s = time.perf_counter() - started
    ways: dict[str, Callable[[], Any]] = {
        "together": lambda: many()[0][0],
        "one_after_another": partial(_called, one, lanes, given.batches),
        "step_loop": partial(_step_loop, *_stepped(given), lanes, _listed(given)),
    }
    together, alone, looped = (way() for way in ways.values())
    facts = {
        "compile_together_s": many_s,
        "compile_one_s": one_s,
        "largest_difference": _difference(together, alone),
        "largest_difference_step_loop": _difference(together, looped),
        "lanes": count,
        "chunk": CHUNK,
        "threads": many.threads,
        "steps": _steps(given),
        "batch": BATCH,
        "parameters": sum(leaf.size for leaf in jax.tree.leaves(lanes[0][0])),
        "temporaries_mb": many.threads * many.program.memory_analysis().temp_size_in_bytes / 1e6,
    }
    return _timings(ways, rounds) | _calls(given) | facts


def _timings(ways: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    times = [{name: _seconds(way) for name, way in ways.items()} for _ in range(rounds)]
    facts = {f"{name}_s": float(np.median([r[name][0] for r in times])) for name in ways}
    facts |= _ratios("", [r["one_after_another"][0] / r["together"][0] for r in times])
    facts |= _ratios("step_loop_", [r["step_loop"][0] / r["together"][0] for r in times])
    return facts | _ratios("cpu_", [r["one_after_another"][1] / r["together"][1] for r in times])


def trainings() -> Trainings:
    """Return the trainings: a model a seed, each under every preference, on the same batches."""
    data = moo.data.simulate("short_video", num_rows=ROWS, seed=0)
    drawn = list(data.batches(BATCH, epochs=EPOCHS, seed=0))
    batches = jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *drawn)
    models = [functional(_model(data, seed)) for seed in range(SEEDS)]
    graphdef, _, rest = models[0]

    def objectives(params: Any, batch: Mapping[str, Any]) -> Any:
        logits, _ = apply(graphdef, params, rest, batch, train=False)
        return moo.models.esmm_losses(
            logits[:, 0], logits[:, 1], batch["click"], batch["conversion"]
        )

    tx = moo.optimizer(METHOD, optax.adam(1e-3, eps=EPSILON), num_objectives=2)
    common = _Common(objectives, None, len(drawn), len(drawn), None, None, False, {}, {})
    lanes = moo.grid(model=range(SEEDS), share=np.linspace(0.1, 0.9, PREFERENCES, dtype=np.float32))
    trees = [params for _, params, _ in models]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves)[lanes["model"]], *trees)
    preferences = np.stack([lanes["share"], 1 - lanes["share"]], axis=1)
    seeds = lane_seeds(None, len(preferences), "lanes")
    given: Any = stacked, None, seeds, {"preference": preferences}, {}
    return Trainings(
        _lane(common, builder(tx, {}, 0)),
        objectives,
        tx,
        moo.make_step(objectives, tx),
        given,
        batches,
    )


def _model(data: moo.data.Dataset, seed: int) -> nnx.Module:
    return moo.models.ESMM(
        columns=data.features, embedding_dim=EMBEDDING, hidden=HIDDEN, rngs=nnx.Rngs(seed)
    )


def _at(lanes: Any, index: slice | int) -> Any:
    return jax.tree.map(lambda leaf: leaf[index], lanes)


def _compiled(function: Callable[..., Any], *given: Any) -> tuple[Any, float]:
    """Return the program, and the seconds of tracing and compilation."""
    started = time.perf_counter()
    program = jax.jit(function).lower(*given).compile()
    return program, time.perf_counter() - started


def _called(program: Any, parts: list[Any], batches: Any) -> list[Any]:
    """Return the trained parameters of each part; one is waited for before the next begins."""
    return [jax.block_until_ready(program(part, batches)[0][0]) for part in parts]


def _stepped(given: Trainings) -> tuple[Any, Any]:
    """Return one compiled step, and what begins a lane, whose parameters it may donate."""
    step = jax.jit(given.step, donate_argnums=(0, 1))
    begin = jax.jit(lambda params: (jax.tree.map(jnp.copy, params), given.tx.init(params)))
    return step, begin


def _step_loop(step: Any, begin: Any, lanes: list[Any], batches: list[Any]) -> list[Any]:
    """Train every lane by one call of the compiled step a batch, with batches on the host."""
    found = []
    for params, _, _, mapped, _ in lanes:
        params, state = begin(params)
        for batch in batches:
            params, state, _ = step(params, state, batch, **mapped)
        found.append(jax.block_until_ready(params))
    return found


def _calls(given: Trainings) -> dict[str, float]:
    """Time one call of `moo.sweep` and one of `moo.fit`, as a user makes them."""
    params, _, _, mapped, _ = given.lanes
    batches, every = _listed(given), _steps(given)
    start, extra = _at(params, 0), _at(mapped, 0)
    fixed = {"mapped": mapped, "every": every, "chunk": CHUNK}
    swept, _ = _seconds(lambda: moo.sweep(given.objectives, given.tx, params, batches, **fixed))
    fixed = {"extra": extra, "every": every, "progress": False}
    fitted, _ = _seconds(lambda: moo.fit(given.objectives, given.tx, start, batches, **fixed))
    ratio = SEEDS * PREFERENCES * fitted / swept
    return {"sweep_call_s": swept, "fit_call_s": fitted, "call_ratio": ratio}


def _listed(given: Trainings) -> list[Any]:
    on_host = jax.device_get(given.batches)
    return [_at(on_host, i) for i in range(_steps(given))]


def _steps(given: Trainings) -> int:
    return len(given.batches["click"])


def _seconds(way: Callable[[], Any]) -> tuple[float, float]:
    """Return seconds of the clock and of CPU."""
    clock, cpu = time.perf_counter(), time.process_time()
    way()
    return time.perf_counter() - clock, time.process_time() - cpu


def _ratios(name: str, values: list[float]) -> dict[str, float]:
    return {
        f"{name}ratio": float(np.median(values)),
        f"{name}ratio_min": min(values),
        f"{name}ratio_max": max(values),
    }


def _difference(together: Any, alone: list[Any]) -> float:
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *alone)
    apart = jax.tree.map(lambda a, b: float(jnp.abs(a - b).max()), together, stacked)
    return max(jax.tree.leaves(apart))
