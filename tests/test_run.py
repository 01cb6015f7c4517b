import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.helpers.core import (
    by_loss,
    counting,
    drawn,
    mean,
    min_norm,
    preferred,
    tilted,
    unit_rows,
)

STARTS = jnp.array([[2.0, -1.0], [0.5, 3.0], [-2.0, 0.0]])


def quadratics(x):
    return jnp.stack([((x - 1) ** 2).sum(), 2 * ((x + 1) ** 2).sum()])


def noisy(x, key):
    return quadratics(x - 0.1 * jax.random.normal(key, x.shape))


def _loop(objectives, tx, start, steps, *, index=0, key=None):
    """The same run by hand: what held at each point, and what was used there."""
    step = jax.jit(moo.make_step(objectives, tx))
    x, state, rows = start, tx.init(start), []
    for t in range(steps):
        args = () if key is None else (jax.random.fold_in(jax.random.fold_in(key, index), t),)
        after, state, record = step(x, state, *args)
        rows.append((x, record.losses, record.weights, record.gram))
        x = after
    return rows, x


@pytest.fixture(scope="module")
def path():
    tx = optax.chain(min_norm(), optax.sgd(0.05))
    return tx, moo.run(quadratics, tx, starts=STARTS, steps=7, every=3, label="min_norm")


def test_rows_hold_the_point_and_what_was_used_there(path):
    tx, trajectory = path
    assert trajectory.steps.tolist() == [0, 3, 6, 7]
    for i, start in enumerate(STARTS):
        rows, last = _loop(quadratics, tx, start, 7)
        for row, t in enumerate([0, 3, 6]):
            x, losses, weights, gram = rows[t]
            np.testing.assert_allclose(trajectory.params[i, row], x, rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(trajectory.objectives[i, row], losses, rtol=1e-5)
            np.testing.assert_allclose(trajectory.weights[i, row], weights, rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(trajectory.cosines[i, row], gram.cosines, atol=1e-5)
        np.testing.assert_allclose(trajectory.params[i, 3], last, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(trajectory.objectives[i, 3], quadratics(last), rtol=1e-5)


def test_nothing_was_used_at_the_last_point(path):
    _, trajectory = path
    assert np.isnan(trajectory.weights[:, -1]).all()
    assert np.isnan(trajectory.cosines[:, -1]).all()
    assert trajectory.finite
    assert trajectory.label == "min_norm"


def test_weights_are_read_after_the_update():
    trajectory = moo.run(quadratics, counting(), starts=STARTS[:1], steps=3)
    np.testing.assert_array_equal(trajectory.weights[0, :3, 0], [1, 2, 3])


@pytest.fixture(scope="module")
def every_row():
    return moo.run(quadratics, optax.chain(by_loss(2), optax.sgd(0.05)), starts=STARTS, steps=5)


@pytest.mark.parametrize(
    ("steps", "every", "kept"), [(4, 2, [0, 2, 4]), (5, 2, [0, 2, 4, 5]), (3, 9, [0, 3])]
)
def test_thinning_keeps_the_last_step_and_changes_no_row(every_row, steps, every, kept):
    tx = optax.chain(by_loss(2), optax.sgd(0.05))
    thin = moo.run(quadratics, tx, starts=STARTS, steps=steps, every=every)
    assert thin.steps.tolist() == kept
    np.testing.assert_allclose(thin.params, every_row.params[:, kept], rtol=1e-5)
    np.testing.assert_allclose(thin.weights[:, :-1], every_row.weights[:, kept[:-1]], rtol=1e-5)


def test_every_lane_and_step_has_noise_of_its_own():
    key, tx = jax.random.key(3), optax.chain(mean(2), optax.sgd(0.05))
    same = jnp.tile(STARTS[:1], (3, 1))
    once = moo.run(noisy, tx, starts=same, steps=4, key=key)
    again = moo.run(noisy, tx, starts=same, steps=4, key=key)
    np.testing.assert_array_equal(once.objectives, again.objectives)
    assert len(np.unique(once.objectives[:, 0, 0])) == 3
    for index in range(2):
        rows, last = _loop(noisy, tx, same[0], 4, index=index, key=key)
        expected = np.stack([losses for _, losses, _, _ in rows])
        np.testing.assert_allclose(once.objectives[index, :4], expected, rtol=1e-5)
        np.testing.assert_allclose(once.params[index, 4], last, rtol=1e-5)
    other = moo.run(noisy, tx, starts=same, steps=4, key=jax.random.key(4))
    assert (once.objectives != other.objectives).all()


def test_a_random_method_draws_independently_in_every_lane():
    tx = optax.chain(drawn(), optax.sgd(0.05))
    trajectory = moo.run(quadratics, tx, starts=jnp.tile(STARTS[:1], (3, 1)), steps=2)
    assert len(np.unique(trajectory.weights[:, :2])) == 3 * 2 * 2
    again = moo.run(quadratics, tx, starts=jnp.tile(STARTS[:1], (3, 1)), steps=2)
    np.testing.assert_array_equal(trajectory.weights, again.weights)


def test_mapped_preferences_equal_a_loop():
    tx = optax.chain(preferred(), optax.sgd(0.05))
    preferences = jnp.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]])
    mapped = moo.run(quadratics, tx, starts=STARTS, steps=5, mapped={"preference": preferences})
    for i in range(3):
        alone = moo.run(
            quadratics, tx, starts=STARTS[i : i + 1], steps=5, extra={"preference": preferences[i]}
        )
        np.testing.assert_allclose(mapped.params[i], alone.params[0], rtol=1e-6)
        np.testing.assert_array_equal(mapped.weights[i, 0], preferences[i])


@pytest.fixture(scope="module")
def lanes_alone():
    """Lanes of their own start, seed, rate and preference: how to run some, and each alone."""
    given = {
        "starts": STARTS, "seeds": np.array([7, 3, 7]), "rate": np.float32([0.1, 0.02, 0.05]),
        "preference": np.float32([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]]), "scale": [1.0, 2.0, 0.5],
    }  # fmt: skip

    def build(rate, scale):
        return optax.chain(tilted(2), optax.scale(scale), optax.sgd(rate))

    def path(at, **options):
        chosen = {name: np.asarray(value)[at] for name, value in given.items()}
        return moo.run(
            noisy, build, starts=chosen["starts"], seeds=chosen["seeds"], steps=5, every=2,
            key=jax.random.key(3), mapped={"preference": chosen["preference"]},
            hyperparameters={name: chosen[name] for name in ("rate", "scale")}, **options,
        )  # fmt: skip

    return path, [path([i]) for i in range(3)]


@pytest.mark.parametrize("chunk", [1, 2, 3, 8, None])
def test_lanes_equal_single_runs_however_they_are_chunked(lanes_alone, chunk):
    path, alone = lanes_alone
    together = path([0, 1, 2], chunk=chunk)
    for i, single in enumerate(alone):
        for name in ("params", "objectives", "weights", "cosines"):
            found, expected = getattr(together, name)[i], getattr(single, name)[0]
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_a_hyperparameter_of_a_lane_is_the_number_of_a_plain_run(lanes_alone):
    _, alone = lanes_alone
    tx = optax.chain(tilted(2), optax.scale(2.0), optax.sgd(0.02))
    plain = moo.run(
        noisy, tx, starts=STARTS[1:2], steps=5,
        every=2, key=jax.random.key(3), seeds=[3], extra={"preference": jnp.array([0.9, 0.1])},
    )  # fmt: skip
    np.testing.assert_allclose(plain.params, alone[1].params, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("seeds", [[5, 9, 5], [0, 2**32 - 1, 0]])
def test_lanes_of_one_seed_draw_alike(seeds):
    tx, same = optax.chain(drawn(), optax.sgd(0.05)), jnp.tile(STARTS[:1], (3, 1))
    path = moo.run(noisy, tx, starts=same, steps=2, key=jax.random.key(1), seeds=seeds, chunk=2)
    np.testing.assert_array_equal(path.weights[0], path.weights[2])
    np.testing.assert_allclose(path.objectives[0], path.objectives[2], rtol=1e-6)
    assert (path.weights[0, :-1] != path.weights[1, :-1]).all()


def _traces(steps, tx):
    count = []

    def traced(x):
        count.append(1)
        return quadratics(x)

    moo.run(traced, tx, starts=STARTS, steps=steps)
    return len(count)


def test_traces_do_not_grow_with_the_steps():
    tx = optax.chain(unit_rows(2), optax.sgd(1e-3))
    assert _traces(10, tx) == _traces(1000, tx) <= 4


@pytest.mark.parametrize("chunk", [None, 2])
def test_one_compilation_a_run(monkeypatch, chunk):
    compiled, jit = [], jax.jit

    def watched(fn, *args, **kwargs):
        compiled.append(jit(fn, *args, **kwargs))
        return compiled[-1]

    monkeypatch.setattr(jax, "jit", watched)
    moo.run(quadratics, mean(2), starts=STARTS, steps=5, chunk=chunk)
    assert len(compiled) == 1


def test_a_run_that_diverges_is_announced_with_start_and_step():
    tx = optax.chain(mean(2), optax.sgd(1e30))
    starts = jnp.array([[-1 / 3, -1 / 3], [2.0, 2.0]])

    def diverging(x):
        return jnp.where(x[0] > 0, 1.0, 0.0) * quadratics(x)

    with pytest.warns(moo.NonFiniteWarning, match="in 1 of 2 runs, first from start 1"):
        trajectory = moo.run(diverging, tx, starts=starts, steps=4)
    assert not trajectory.finite
    assert np.isfinite(trajectory.objectives[0]).all()


def test_a_problem_brings_starts_and_names():
    class Problem:
        starts = np.asarray(STARTS)
        objective_names = ("near", "far")
        objectives = staticmethod(quadratics)

    trajectory = moo.run(Problem(), mean(2), steps=1)
    assert trajectory.names == ("near", "far")
    np.testing.assert_array_equal(trajectory.params[:, 0], STARTS)
    assert len(moo.run(Problem(), mean(2), starts=STARTS[:1], steps=1).params) == 1


def test_methods_without_weights_or_gramian_leave_them_out():
    pair = moo.Aggregator(
        lambda p: (), lambda jac, s, p=None: (jac.combine(jnp.ones(2)), s), num_objectives=2,
        linear=False,
    )  # fmt: skip
    trajectory = moo.run(quadratics, optax.chain(pair, optax.sgd(0.1)), starts=STARTS, steps=2)
    assert trajectory.weights is None
    assert trajectory.cosines is None


def test_a_run_in_x64_keeps_double_precision(x64):
    tx = optax.chain(by_loss(2), optax.sgd(0.1))
    trajectory = moo.run(quadratics, tx, starts=jnp.asarray(STARTS, jnp.float64), steps=3)
    assert trajectory.params.dtype == trajectory.objectives.dtype == np.float64
    assert trajectory.weights.dtype == np.float64


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"starts": None}, ValueError, r"starts is missing: give starts=, shape \(starts, d\)"),
        ({"starts": STARTS[0]}, ValueError, r"starts must have shape \(starts, d\).*got \(2,\)"),
        ({"starts": STARTS[:0]}, ValueError, r"starts must have shape \(starts, d\).*got \(0, 2\)"),
        ({"starts": STARTS.astype(int)}, TypeError, "starts must be floating-point, got int32"),
        ({"steps": 0}, ValueError, "steps must be an int of at least 1, got 0"),
        ({"steps": 2.0}, ValueError, "steps must be an int of at least 1, got 2.0"),
        ({"every": 0}, ValueError, "every must be an int of at least 1, got 0"),
        ({"every": True}, ValueError, "every must be an int of at least 1, got True"),
        ({"key": jnp.array([0, 1], jnp.uint32)}, TypeError, "key must be a typed key: build it"),
        ({"key": 3}, TypeError, "key must be a typed key"),
        ({"key": jax.random.split(jax.random.key(0))}, ValueError, "key must be one key"),
        ({"mapped": {"preference": jnp.ones((2, 2))}}, ValueError,
         r"mapped\['preference'\] must have a leading axis of 3 starts, got shape \(2, 2\)"),
        ({"mapped": {"preference": 1.0}}, ValueError, r"leading axis of 3 starts, got shape \(\)"),
        ({"mapped": {"p": jnp.ones(3)}, "extra": {"p": 1}}, ValueError,
         "p is given both in extra and in mapped"),
        ({"chunk": 0}, ValueError, "chunk must be an int of at least 1, got 0"),
        ({"seeds": [0.5, 1, 2]}, TypeError, "seeds must be ints, got float64"),
        ({"seeds": [0, 1]}, ValueError, r"seeds must have shape \(3,\), one for each of the st"),
        ({"seeds": [0, 1, -1]}, ValueError, r"seeds must lie in \[0, 2\*\*32\), got -1 to 1"),
        ({"hyperparameters": {"rate": [1.0, 2.0]}}, ValueError,
         r"hyperparameters\['rate'\] must have a leading axis of 3 starts, got shape \(2,\)"),
        ({"hyperparameters": {"rate": [0.1, 0.2, 0.3]}}, TypeError,
         "tx must be a function of the hyperparameters rate that returns an optimizer, got Agg"),
        ({"tx": optax.adam(0.1)}, TypeError, "put the aggregator first in optax.chain"),
        ({"tx": mean(3)}, ValueError, "num_objectives is 3, but the objectives return 2 losses"),
        ({"tx": "mgda"}, TypeError, "tx must be an optax transformation, got str"),
    ],
)  # fmt: skip
def test_other_arguments_of_run_are_refused(changes, error, message):
    given = {"tx": mean(2), "starts": STARTS, "steps": 2, **changes}
    with pytest.raises(error, match=message):
        moo.run(quadratics, given.pop("tx"), **given)
