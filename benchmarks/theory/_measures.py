"""What is measured of a method, by all of the workbench, and on the noisy toys."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import moo
from benchmarks.theory._entrants import Method
from benchmarks.theory._shortest import shortest
from benchmarks.theory._toys import ends, off
from moo._types import Array
from moo.diagnostics import theory
from moo.diagnostics.theory._noise import Step, draw, exact_jacobian, settle, weights_of

BATCH = 6
TRIALS = 16  # random changes, of which the one with the largest effect counts
# The defaults of CALM were chosen by runs on the first three, by stationarity, avoidance, bias and
# the regret of the second; on label_noise and the toys it had not been run.
MOVING = ("noisy_quadratics", "online_quadratics", "noisy_instance", "label_noise")
STREAMS = ("noisy_quadratics", "online_quadratics", "label_noise")
JUMPS = ("equal lengths", "the second shorter by a quarter of the squared angle")
TOYS = ("two_task_toy_moco", "two_task_toy_sdmgrad", "two_task_toy_modo")

# What is of no consequence, fixed before the first run. Of bias, offset and covariance the square
# is judged, whose estimate is not biased by noise: .01 is a tenth of a gradient's unit noise. A
# twentieth of the least final gap of the pilot, and the like for the distance; a twentieth of a
# power; a tenth of the root of the rounds; a hundredth of the toys' windows, and of a gradient of
# 1; one point in fifty; less than a hundredth of the start's distance from the set.
MARGINS = {
    "bias": 0.01, "offset": 0.01, "covariance": 0.01, "gap": 0.0025, "gap power": 0.05,
    "avoidance": 0.0025, "avoidance power": 0.05, "regret": 5.6, "toy": 0.2, "toy_gap": 0.01,
    "rise": 0.02, "replacement": 0.01,
}  # fmt: skip


class Size(NamedTuple):
    """How much is run.

    Attributes:
        seeds: of everything.
        draws: batches a seed at a point that is held.
        warmup: steps at a point before what is measured there.
        horizons: of runs and of streams.
        toy_steps: steps on the toys.
        points: points a seed at which exact directions are judged.
        samples: sizes of training sets of which one sample is replaced.
        twin_steps: steps of the runs on these.
        angles: between two gradients of which the weights are to be calm.
    """

    seeds: int = 20
    draws: int = 100
    warmup: int = 1000
    horizons: tuple[int, ...] = (100, 316, 1000, 3162)
    toy_steps: int = 20_000
    points: int = 50
    samples: tuple[int, ...] = (16, 64, 256)
    twin_steps: int = 300
    angles: tuple[float, ...] = (0.3, 0.1, 0.03)


SMOKE = Size(seeds=3, draws=20, warmup=2, horizons=(10, 30), toy_steps=20, points=3, twin_steps=10)


class Value(NamedTuple):
    """One measurement: what, on which problem, at which horizon or size (0: none), by seed."""

    measure: str
    problem: str
    horizon: float
    seeds: np.ndarray


def measure(method: Method, key: Array, size: Size) -> Iterator[Value]:
    """Yield all measurements of a method; NaN where it has neither weights nor multipliers."""
    for name in MOVING:
        yield from _held(name, _for(method, size.warmup), key, size)
    for name in MOVING:
        yield from _along(name, method, key, size)
    for name in STREAMS:
        problem = moo.problem(name)
        found = theory.regret(
            problem, method, rate=_rate, key=key, comparators=problem.pareto_set(101),
            rounds=size.horizons, seeds=size.seeds, batch_size=BATCH,
        )  # fmt: skip
        yield from _by_horizon("regret", name, size.horizons, found.regret)
    for name in TOYS:
        problem, built = moo.problem(name), _for(method, size.toy_steps)
        last = ends(problem, built, key, seeds=size.seeds, steps=size.toy_steps,
                    learning_rate=0.005, batch=BATCH)  # fmt: skip
        kind = "toy_gap" if problem.pareto_set is None else "toy"
        yield Value(kind, name, 0, off(problem, last))
    yield from _exactly(method, key, size)


def _for(method: Method, horizon: int) -> moo.Aggregator:
    return method(jnp.asarray(float(horizon)))


def _exactly(method: Method, key: Array, size: Size) -> Iterator[Value]:
    """Yield rises along exact directions, twins' distances, and how far weights jump."""
    learned = _for(method, size.warmup)
    problem = moo.problem("noisy_quadratics")
    rng = np.random.default_rng(int(jax.random.randint(key, (), 0, 2**31 - 1)))
    count = size.seeds * size.points
    beside = problem.pareto_set(count) + 0.05 * rng.normal(size=(count, problem.dim))
    found = theory.descent_certificate(
        problem, learned, rng.permutation(beside), steps=(0.01, 0.1), warmup=size.warmup
    )
    rises = ~found.conflict_free.reshape(size.seeds, size.points)
    yield Value("rise", problem.name, 0, rises.mean(axis=1))
    twins = theory.replacement_stability(
        problem, _for(method, size.twin_steps), key=key, rate=lambda samples: 0.1,
        sizes=size.samples, seeds=size.seeds, batch_size=BATCH, steps=size.twin_steps,
    )  # fmt: skip
    yield from _by_horizon("replacement", problem.name, size.samples, twins.distance)
    yield from _jumps(learned, key, size)


def _jumps(method: moo.Aggregator, key: Array, size: Size) -> Iterator[Value]:
    """Yield how far weights jump, at equal lengths and where the second is a little shorter."""
    problem = moo.problem("noisy_quadratics")
    if weights_of(method, jax.eval_shape(method.init, jnp.zeros(3))) is None:
        return
    for kind, shorter in zip(JUMPS, (0, 1), strict=True):
        found = theory.weight_sensitivity(
            problem, method, _point(problem), key=key, angles=size.angles,
            ratio=1 - shorter * (np.asarray(size.angles) / 2) ** 2, trials=TRIALS,
            repeats=size.seeds, warmup=size.warmup,
        )  # fmt: skip
        yield from _by_horizon("sensitivity", kind, size.angles, found.weights)


def _rate(horizon: Array) -> Array:
    return horizon**-0.5


def _held(name: str, method: moo.Aggregator, key: Array, size: Size) -> Iterator[Value]:
    """Yield what the mean direction is away from, squared, at a point that is held.

    The bias is the distance from the method's own direction by exact gradients, the offset that
    from the shortest combination.
    """
    problem = moo.problem(name)
    x = jnp.asarray(_point(problem))
    rows = np.asarray(jax.jacobian(problem.objectives)(x), float)

    def keep(step: Step, _: Array) -> tuple[Array, Array]:
        return step.direction, jnp.full(2, jnp.nan) if step.weights is None else step.weights

    def run(key: Array) -> tuple[Array, tuple[Array, Array]]:
        own, _ = settle(method, exact_jacobian(problem, x), x, size.warmup)
        return own, draw(
            problem, method, x, keep, batch=BATCH, draws=size.seeds * size.draws,
            warmup=size.warmup, key=key,
        )  # fmt: skip

    own, found = jax.jit(run)(key)
    v, weights = (np.asarray(one, float).reshape(size.seeds, size.draws, -1) for one in found)
    yield Value("bias", name, 0, _squared(v - np.asarray(own, float)))
    yield Value("offset", name, 0, _squared(v - shortest(rows)))
    yield Value("covariance", name, 0, _squared(v - weights @ rows))


def _squared(away: np.ndarray) -> np.ndarray:
    """Return |mean|^2 by seed of (seeds, draws, d), less what noise adds to it."""
    noise = away.var(axis=1, ddof=1).sum(axis=1) / away.shape[1]
    return np.asarray((away.mean(axis=1) ** 2).sum(axis=1) - noise)


def _point(problem: moo.problems.Problem) -> np.ndarray:
    """Return a point beside the Pareto set, where the shortest combination takes both gradients."""
    assert problem.starts is not None
    assert problem.pareto_set is not None
    return 0.1 * problem.starts[0] + 0.9 * problem.pareto_set(5)[1]


def _along(name: str, method: Method, key: Array, size: Size) -> Iterator[Value]:
    found = theory.convergence(
        moo.problem(name), method, rate=_rate, key=key, horizons=size.horizons,
        seeds=size.seeds, batch_size=BATCH,
    )  # fmt: skip
    yield from _by_horizon("gap", name, size.horizons, found.gap)
    yield from _by_horizon("avoidance", name, size.horizons, found.avoidance)


def _by_horizon(
    measure: str, name: str, horizons: Sequence[float], values: np.ndarray
) -> Iterator[Value]:
    for horizon, column in zip(horizons, values.T, strict=True):
        yield Value(measure, name, horizon, column)
