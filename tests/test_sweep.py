import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.helpers.core import assert_close, assert_identical, by_loss, drawn, mean, tilted

LANES = 5
rng = np.random.default_rng(0)
POINTS = {"x": rng.normal(size=(LANES, 2)).astype(np.float32)}
BATCHES = [rng.normal(size=(4, 2)).astype(np.float32) for _ in range(5)]
PREFERENCES = rng.dirichlet(np.ones(3), LANES).astype(np.float32)
RATES = np.float32([0.05, 0.01, 0.1, 0.02, 0.03])
SEEDS = np.array([4, 9, 4, 0, 1])
KEY = jax.random.key(2)


def objectives(params, data):
    """Two mean squared distances to a batch of points, and the norm."""
    x = params["x"]
    return jnp.append(((x - data) ** 2).mean(axis=0), x @ x)


def noisy(params, data, key):
    return objectives(params, data + jax.random.normal(key, data.shape))


def build(rate):
    return optax.chain(tilted(), optax.adam(rate))


def lane(tree, i):
    return jax.tree.map(lambda leaf: leaf[i], tree)


def swept(at=slice(None), fn=noisy, tx=build, params=POINTS, batches=BATCHES, **options):
    given = {
        "mapped": {"preference": PREFERENCES[at]}, "hyperparameters": {"rate": RATES[at]},
        "seeds": SEEDS[at], "key": KEY, "every": 2,
    }  # fmt: skip
    return moo.sweep(fn, tx, lane(params, at), batches, **{**given, **options})


@pytest.fixture(scope="module")
def together():
    return swept(keep_params=True)


@pytest.fixture(scope="module")
def fitted():
    """Two of these trainings, each by `moo.fit`."""
    return {
        i: moo.fit(
            noisy, build(float(RATES[i])), lane(POINTS, i), BATCHES, every=2, keep_params=True,
            extra={"preference": PREFERENCES[i]}, progress=False,
            key=jax.random.fold_in(KEY, SEEDS[i]),
        )
        for i in (1, 2)
    }  # fmt: skip


def test_every_lane_equals_a_fit_of_its_own(together, fitted):
    params, state, path = together
    assert path.steps.tolist() == [0, 2, 4, 5]
    for i, (point, end, single) in fitted.items():
        assert_close(lane(params, i), point, rtol=1e-6, atol=1e-6)
        assert_close(lane(state, i), end, rtol=1e-6, atol=2e-6)
        for name in ("params", "objectives", "weights", "cosines"):
            found, expected = getattr(path, name)[i], getattr(single, name)[0]
            np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_results_do_not_depend_on_the_chunk(together, chunk):
    params, state, path = swept(chunk=chunk)
    assert_close(params, together[0], rtol=1e-6, atol=1e-6)
    assert_close(state, together[1], rtol=1e-6, atol=2e-6)
    np.testing.assert_allclose(path.objectives, together[2].objectives, rtol=1e-6, atol=1e-6)


def test_in_x64_lanes_equal_fits_to_double_precision(x64):
    points, batches = jax.tree.map(np.float64, POINTS), [np.float64(b) for b in BATCHES]
    mapped = {"preference": np.float64(PREFERENCES)[:2]}
    params, _, path = moo.sweep(
        objectives, build, lane(points, slice(2)), batches, mapped=mapped,
        hyperparameters={"rate": [0.05, 0.01]},
    )  # fmt: skip
    extra = {"preference": mapped["preference"][1]}
    point, _, single = moo.fit(objectives, build(0.01), lane(points, 1), batches, extra=extra,
                               progress=False)  # fmt: skip
    assert path.objectives.dtype == np.float64
    np.testing.assert_allclose(params["x"][1], point["x"], rtol=1e-12)
    np.testing.assert_allclose(path.objectives[1], single.objectives[0], rtol=1e-12)


def test_a_random_method_draws_by_the_seed():
    def random(rate):
        return optax.chain(drawn(3), optax.sgd(rate))

    params, state, path = swept(tx=random)
    assert (path.weights[0, :-1] != path.weights[1, :-1]).all()
    np.testing.assert_array_equal(path.weights[0], path.weights[2])
    alone, end, single = swept(slice(3, 4), tx=random)
    assert_close(lane(alone, 0), lane(params, 3), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(single.weights[0], path.weights[3], rtol=1e-6)
    assert_identical(lane(end.optimizer[0], 0), lane(state.optimizer[0], 3))


def test_a_lane_goes_on_by_fit(together):
    first, state, _ = swept(batches=BATCHES[:3])
    point, end, _ = moo.fit(
        noisy, build(float(RATES[1])), lane(first, 1), BATCHES[3:], state=lane(state, 1),
        key=jax.random.fold_in(KEY, SEEDS[1]), extra={"preference": PREFERENCES[1]},
        progress=False,
    )  # fmt: skip
    assert_close(point, lane(together[0], 1), rtol=1e-6, atol=1e-6)
    assert int(end.step) == 5


def test_a_function_draws_each_lane_its_own_batches():
    data = jnp.asarray(np.concatenate(BATCHES))

    def draw(key, step):
        return data[jax.random.randint(jax.random.fold_in(key, step), (4,), 0, len(data))]

    options = {
        "fn": lambda params, data, key: objectives(params, data),
        "batches": draw,
        "steps": 3,
    }
    same = {"x": np.tile(POINTS["x"][:1], (LANES, 1))}
    _, _, path = swept(params=same, **options)
    np.testing.assert_array_equal(path.objectives[0, 0], path.objectives[2, 0])
    assert (path.objectives[0, 0, :2] != path.objectives[1, 0, :2]).all()
    _, _, alone = swept(slice(1, 2), params=same, **options)
    np.testing.assert_allclose(alone.objectives[0], path.objectives[1], rtol=1e-6)


def test_model_state_and_evaluation_are_threaded():
    def counting(params, count, data):
        return objectives(params, data) + 0 * count, count + 1

    def evaluate(params, count):
        return jnp.stack([count, params["x"].sum(), count**2]).astype(jnp.float32)

    counts = np.arange(LANES, dtype=np.float32)
    tx = optax.chain(by_loss(), optax.sgd(0.1))
    params, state, path = moo.sweep(
        counting, tx, POINTS, BATCHES, model_state=counts, evaluate=evaluate, every=3, chunk=2
    )
    np.testing.assert_array_equal(state.model, counts + 5)
    assert state.step.tolist() == [5] * LANES
    np.testing.assert_array_equal(path.objectives[:, :, 0], counts[:, None] + [0, 3, 5])
    np.testing.assert_allclose(path.objectives[:, -1, 1], params["x"].sum(axis=1), rtol=1e-6)
    assert path.params is None


def test_a_lane_that_diverges_is_announced_and_alone():
    tx = optax.chain(mean(3), optax.sgd(0.1))
    points = {"x": np.float32([[1, 1], [1e25, 1], [2, 2]])}
    with pytest.warns(moo.NonFiniteWarning, match="in 1 of 3 runs, first from lane 1 at"):
        params, _, path = moo.sweep(objectives, tx, points, BATCHES)
    assert np.isfinite(params["x"][jnp.array([0, 2])]).all()
    assert not path.finite


def test_one_trace_for_all_chunks():
    def traces(batches, chunk):
        count = []

        def fn(params, data):
            count.append(1)
            return objectives(params, data)

        moo.sweep(fn, optax.chain(mean(3), optax.sgd(0.1)), POINTS, batches, chunk=chunk)
        return len(count)

    assert traces(BATCHES[:2], 2) == traces(BATCHES, None) <= 4


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"batches": []}, ValueError, "batches is empty: give at least one batch"),
        ({"batches": [BATCHES[0], BATCHES[1][:2]]}, ValueError,
         r"batches\[1\] differs from batches\[0\] in structure or shapes"),
        ({"steps": 3}, ValueError, "steps is for batches that are a function"),
        ({"batches": lambda key, step: 0}, ValueError, "give steps= and key="),
        ({"params": {"x": POINTS["x"], "y": np.ones(3)}}, ValueError,
         r"same leading axis of lanes, got leading axes \[\(3,\), \(5,\)\]: stack them"),
        ({"params": 0.5}, ValueError, r"got leading axes \[\(\)\]"),
        ({"model_state": np.ones(2)}, ValueError, "params and model_state must have the same"),
        ({"chunk": 2.0}, ValueError, "chunk must be an int of at least 1, got 2.0"),
        ({"every": 0}, ValueError, "every must be an int of at least 1, got 0"),
        ({"seeds": [0, 1]}, ValueError, r"seeds must have shape \(5,\), one for each of the la"),
        ({"key": 3}, TypeError, "key must be a typed key"),
        ({"mapped": {"p": np.ones(3)}}, ValueError, r"mapped\['p'\] must have a leading axis of 5"),
        ({"hyperparameters": {"rate": RATES}}, TypeError, "tx must be a function of the hyperp"),
        ({"tx": "mgda"}, TypeError, "tx must be an optax transformation, got str"),
        ({"names": ("a",)}, ValueError, "names must have one name for each of 3 objectives"),
    ],
)  # fmt: skip
def test_other_arguments_are_refused(changes, error, message):
    given = {"tx": mean(3), "params": POINTS, "batches": BATCHES, **changes}
    leading = [given.pop(name) for name in ("tx", "params", "batches")]
    with pytest.raises(error, match=message):
        moo.sweep(objectives, *leading, **given)
