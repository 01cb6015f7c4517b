"""Convergence, regret and stability: means along runs, against slow computations of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo.diagnostics import theory

pytestmark = pytest.mark.usefixtures("unoptimised")

KEY = jax.random.key(3)
QUADRATICS = moo.problem("noisy_quadratics", dim=3)
ONLINE = moo.problem("online_quadratics")


def slow_run(problem, key, steps, rate, batch):
    """Points of descent on the mean, and the keys of each step, one step at a time."""
    x, points, drawn = jnp.asarray(problem.starts[0], jnp.float32), [], []
    for t in range(steps):
        keys = jax.random.split(jax.random.fold_in(key, t), batch)
        points.append(x)
        drawn.append(keys)
        rows = jnp.stack([jax.jacobian(problem.objectives)(x, k) for k in keys]).mean(0)
        x = x - rate * rows.mean(axis=0)
    return points, drawn


def test_the_gap_is_the_mean_over_the_steps_of_the_shortest_vector_s_square():
    found = theory.convergence(
        QUADRATICS, lambda horizon: moo.mean(2), rate=lambda horizon: 0.1, key=KEY,
        horizons=(5, 12), seeds=2, batch_size=2,
    )  # fmt: skip
    points, _ = slow_run(QUADRATICS, jax.random.split(KEY, 2)[1], 12, 0.1, 2)
    rows = [np.asarray(jax.jacobian(QUADRATICS.objectives)(x), float) for x in points]
    shares = np.linspace(0, 1, 20_001)[:, None]
    least = [((shares * g[0] + (1 - shares) * g[1]) ** 2).sum(axis=1).min() for g in rows]
    assert found.gap[1, 1] == pytest.approx(np.mean(least), rel=1e-3)
    assert found.gap[1, 0] == pytest.approx(np.mean(least[:5]), rel=1e-3)


def test_conflict_avoidance_is_that_of_the_weights_on_exact_gradients():
    found = theory.convergence(
        QUADRATICS, lambda horizon: moo.mean(2), rate=lambda horizon: 0.1, key=KEY, horizons=(8,),
        seeds=1, batch_size=2,
    )  # fmt: skip
    points, _ = slow_run(QUADRATICS, jax.random.split(KEY, 1)[0], 8, 0.1, 2)
    rows = [np.asarray(jax.jacobian(QUADRATICS.objectives)(x), float) for x in points]
    shares = np.linspace(0, 1, 20_001)[:, None]
    mixed = [shares * g[0] + (1 - shares) * g[1] for g in rows]
    least = [vectors[(vectors**2).sum(axis=1).argmin()] for vectors in mixed]
    away = [((g.mean(axis=0) - d) ** 2).sum() for g, d in zip(rows, least, strict=True)]
    assert found.avoidance[0, 0] == pytest.approx(np.mean(away), rel=1e-3)


@pytest.mark.parametrize(
    "method", [moo.moco(2, gamma=0.0), moo.sdmgrad(2, lam=1e6)], ids=["moco", "sdmgrad"]
)
def test_conflict_avoidance_of_methods_whose_weights_are_multipliers(method):
    """These keep even ones; with steps of 0 they stay at the start."""
    found = theory.convergence(
        QUADRATICS, method, rate=0.0, key=KEY, horizons=(3,), seeds=1, batch_size=3
    )
    rows = np.asarray(jax.jacobian(QUADRATICS.objectives)(QUADRATICS.starts[0]), float)
    shares = np.linspace(0, 1, 20_001)[:, None]
    mixed = shares * rows[0] + (1 - shares) * rows[1]
    least = mixed[(mixed**2).sum(axis=1).argmin()]
    expected = ((rows.mean(axis=0) - least) ** 2).sum()
    assert expected > 0.1
    assert found.avoidance[0, 0] == pytest.approx(expected, rel=1e-3)


def test_what_comes_after_the_end_of_a_run_does_not_count():
    def broken(horizon):
        def scale(count):
            return jnp.where(count < 5, 1.0, jnp.nan)

        return moo.aggregators.Aggregator(
            lambda params: (jnp.zeros((), jnp.int32),),
            lambda jac, state, params=None, **extra: (
                scale(state[0]) * jac.rows().mean(axis=0), (state[0] + 1,)
            ),
            num_objectives=2, linear=False,
        )  # fmt: skip

    found = theory.convergence(
        QUADRATICS, broken, rate=lambda horizon: 0.1, key=KEY, horizons=(5, 9), seeds=1
    )
    assert np.isfinite(found.gap[0, 0])
    assert np.isnan(found.gap[0, 1])
    assert np.isnan(found.avoidance).all()  # it reports no weights


def test_regret_is_that_of_the_best_comparator_in_hindsight():
    others = ONLINE.pareto_set(3)
    found = theory.regret(
        ONLINE, moo.mean(2), rate=0.05, key=KEY, comparators=others, rounds=(4, 9), seeds=2
    )  # fmt: skip
    points, drawn = slow_run(ONLINE, jax.random.split(KEY, 2)[0], 9, 0.05, 1)

    def slow(rounds):
        totals = np.zeros((3, 2))
        for x, keys in zip(points[:rounds], drawn, strict=False):
            here = np.asarray(ONLINE.objectives(x, keys[0]), float)
            for i, other in enumerate(others):
                totals[i] += here - np.asarray(ONLINE.objectives(jnp.asarray(other), keys[0]))
        return totals.min(axis=1).max()

    np.testing.assert_allclose(found.regret[0], [slow(4), slow(9)], rtol=1e-4)


def test_stability_of_the_mean_falls_as_one_over_the_size():
    found = theory.replacement_stability(
        QUADRATICS, moo.mean(2), key=KEY, rate=lambda size: 0.1, sizes=(8, 32, 128), steps=200,
        seeds=16,
    )  # fmt: skip
    # On quadratics the ends differ by the replaced sample's share of the mean, 1 / n.
    assert found.fit.low < -1 < found.fit.high
    assert found.generalisation.shape == (16, 3, 2)


def test_a_training_set_flatters_by_less_the_larger_it_is():
    found = theory.replacement_stability(
        QUADRATICS, moo.mean(2), key=KEY, rate=lambda size: 0.2, sizes=(8, 512), steps=200,
        seeds=16,
    )  # fmt: skip
    small, large = found.generalisation.mean(axis=(0, 2))
    assert small > 4 * abs(large)


def test_what_does_not_fit_is_refused():
    plain = moo.problem("two_task_toy")
    given = {"key": KEY, "rate": lambda count: 0.1}
    for measure in (theory.convergence, theory.regret):
        more = {"comparators": [[0.0, 0.0]]} if measure is theory.regret else {}
        with pytest.raises(ValueError, match="problem must be stochastic, got two_task_toy"):
            measure(plain, lambda count: moo.mean(2), **given, **more)
    with pytest.raises(ValueError, match="problem must be stochastic"):
        theory.replacement_stability(plain, moo.mean(2), **given)
    with pytest.raises(ValueError, match=r"comparators must be \(n, 5\), got \(2,\)"):
        theory.regret(ONLINE, lambda count: moo.mean(2), **given, comparators=[0.0, 1.0])
    with pytest.raises(
        ValueError, match=r"horizons must be one or more positive numbers, got \[\]"
    ):
        theory.convergence(ONLINE, moo.mean(2), **given, horizons=())
    with pytest.raises(ValueError, match=r"rounds must be one or more positive .* got \[0, 10\]"):
        theory.regret(ONLINE, moo.mean(2), **given, comparators=np.zeros((1, 5)), rounds=(0, 10))
    with pytest.raises(ValueError, match="seeds must be at least 1, got 0"):
        theory.replacement_stability(ONLINE, moo.mean(2), **given, seeds=0)
    with pytest.raises(TypeError, match=r"such as moo.mgda\(2\), or a function .* got str"):
        theory.convergence(ONLINE, "mgda", **given)
