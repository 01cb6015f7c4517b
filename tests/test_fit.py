import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import moo
from moo._fit import FitState
from moo.models._functional import apply, functional
from tests.helpers.core import (
    assert_identical,
    by_loss,
    drawn,
    mean,
    preferred,
    unit_rows,
)

POINT = jnp.array([0.5, -1.0])
BATCHES = [jnp.asarray(np.random.default_rng(i).normal(size=(4, 2)), jnp.float32) for i in range(5)]


def objectives(x, data):
    """Two mean squared distances to a batch of points, and the norm."""
    return jnp.append(((x - data) ** 2).mean(axis=0), x @ x)


def chain(aggregator=None):
    return optax.chain(aggregator or unit_rows(), optax.adam(0.05))


def quiet(fn, tx, params, batches, **options):
    return moo.fit(fn, tx, params, batches, progress=False, **options)


@pytest.fixture(scope="module")
def by_hand():
    """The points, losses and weights of a hand-written loop."""
    tx = chain()
    step = jax.jit(moo.make_step(objectives, tx))
    params, state, rows = POINT, tx.init(POINT), []
    for data in BATCHES:
        after, state, record = step(params, state, data)
        rows.append((params, record))
        params = after
    return rows, params, state


@pytest.fixture(scope="module")
def fitted():
    given = jnp.copy(POINT)
    return given, quiet(objectives, chain(), given, BATCHES, keep_params=True, names=tuple("abc"))


def test_it_equals_a_hand_written_loop(by_hand, fitted):
    rows, last, state = by_hand
    _, (params, end, path) = fitted
    assert_identical(params, last)
    assert_identical(end.optimizer, state)
    assert end.step == 5
    assert path.steps.tolist() == [0, 1, 2, 3, 4, 5]
    for row, (point, record) in enumerate(rows):
        np.testing.assert_array_equal(path.params[0, row], point)
        np.testing.assert_array_equal(path.objectives[0, row], record.losses)
        np.testing.assert_array_equal(path.weights[0, row], record.weights)
        np.testing.assert_array_equal(path.cosines[0, row], record.gram.cosines)
    final = objectives(last, BATCHES[-1])
    np.testing.assert_allclose(path.objectives[0, -1], final, rtol=1e-6)
    assert np.isnan(path.weights[0, -1]).all()
    assert path.names == ("a", "b", "c")


def test_the_given_parameters_and_state_stay_intact(fitted):
    given, (params, state, _) = fitted
    np.testing.assert_array_equal(given, [0.5, -1.0])
    kept = jax.tree.map(jnp.copy, (params, state))
    quiet(objectives, chain(), params, BATCHES[:2], state=state)
    assert_identical((params, state), kept)


@pytest.mark.parametrize("build", [lambda: chain(), lambda: chain(drawn(3)),
                                   lambda: moo.skip_nonfinite(chain(mean()))],
                         ids=["plain", "random", "guarded"])  # fmt: skip
def test_a_resumed_run_is_bit_for_bit_an_uninterrupted_one(build):
    def noisy(params, data, key):
        return objectives(params, data + jax.random.normal(key, data.shape))

    key = jax.random.key(2)
    whole = quiet(noisy, build(), POINT, BATCHES, key=key)
    params, state, first = quiet(noisy, build(), POINT, BATCHES[:3], key=key)
    params, state, rest = quiet(noisy, build(), params, BATCHES[3:], key=key, state=state)
    assert_identical((params, state), whole[:2])
    assert first.steps.tolist() + rest.steps.tolist() == [0, 1, 2, 3, 3, 4, 5]
    np.testing.assert_array_equal(rest.objectives[0, :2], whole[2].objectives[0, 3:5])


def test_each_step_has_a_key_of_its_own():
    def draws(x, data, key):
        return x + jax.random.uniform(key, (2,))

    tx = optax.chain(mean(2), optax.sgd(0.0))
    _, _, path = quiet(draws, tx, jnp.float32(0), [{}] * 3, key=jax.random.key(1))
    folded = [jax.random.fold_in(jax.random.key(1), t) for t in range(4)]
    expected = [jax.random.uniform(key, (2,)) for key in folded]
    np.testing.assert_allclose(path.objectives[0], expected)


class Net(nnx.Module):
    def __init__(self, rngs):
        self.norm, self.drop = nnx.BatchNorm(2, rngs=rngs), nnx.Dropout(0.5, rngs=rngs)
        self.last = nnx.Linear(2, 3, use_bias=False, rngs=rngs)

    def __call__(self, x):
        return self.last(self.drop(self.norm(x)))


@pytest.fixture(scope="module")
def model():
    graphdef, params, state = functional(Net(nnx.Rngs(0)))

    def losses(params, state, data):
        out, state = apply(graphdef, params, state, data)
        return ((out - 1) ** 2).mean(axis=0), state

    return losses, params, state


def test_model_state_is_threaded(model):
    losses, params, state = model
    tx = chain(by_loss())
    step = jax.jit(moo.make_step(losses, tx, has_aux=True))
    expected, inner, threaded = params, tx.init(params), state
    for data in BATCHES:
        expected, inner, record = step(expected, inner, threaded, data)
        threaded = record.aux
    assert step._cache_size() == 1
    out, end, _ = quiet(losses, tx, params, BATCHES, model_state=state)
    assert_identical((out, end.optimizer, end.model), (expected, inner, threaded))


def test_a_module_trains_in_a_scan(model):
    losses, params, state = model
    tx, traces = chain(by_loss()), []
    step = moo.make_step(losses, tx, has_aux=True)
    stacked = jax.tree.map(lambda *x: jnp.stack(x), *BATCHES)

    @jax.jit
    def train(carry):
        def body(carry, data):
            traces.append(1)
            params, inner, threaded = carry
            params, inner, record = step(params, inner, threaded, data)
            return (params, inner, record.aux), record.losses

        return jax.lax.scan(body, carry, stacked)

    end, history = train((params, tx.init(params), state))
    train(end)
    assert len(traces) == train._cache_size() == 1
    _, fit_state, path = quiet(losses, tx, params, BATCHES, model_state=state)
    np.testing.assert_allclose(history, path.objectives[0, :-1], rtol=1e-5)
    for one, two in zip(jax.tree.leaves(end[2]["norm"]), jax.tree.leaves(fit_state.model["norm"]),
                        strict=True):  # fmt: skip
        np.testing.assert_allclose(one, two, rtol=1e-5)
    assert {int(c) for c in jax.tree.leaves(end[2]) if c.dtype == jnp.uint32} == {5}


def _poisoned(at):
    batches = list(BATCHES)
    batches[at] = batches[at] * jnp.nan
    return batches


@pytest.mark.parametrize("at", [0, 2, 4])
@pytest.mark.parametrize("every", [1, 2, 9])
def test_a_non_finite_batch_is_named(at, every):
    with pytest.raises(FloatingPointError, match=rf"update of batches\[{at}\] is NaN or infinite"):
        quiet(objectives, mean(), POINT, _poisoned(at), every=every)


def test_a_bad_batch_stops_an_endless_loader():
    def batches():
        yield from BATCHES
        while True:
            yield BATCHES[0] * jnp.inf

    with pytest.raises(FloatingPointError, match=r"batches\[5\]"):
        quiet(objectives, mean(), POINT, batches())


def test_a_loader_may_fill_its_buffer_again(fitted):
    def batches():
        buffer = np.empty_like(BATCHES[0])
        for data in BATCHES:
            buffer[:] = data
            yield buffer
            buffer[:] = np.nan

    out, _, path = quiet(objectives, chain(), POINT, batches())
    assert_identical((out, path.objectives), (fitted[1][0], fitted[1][2].objectives))


def test_a_skipped_batch_changes_nothing(model):
    losses, params, state = model
    out, end, path = quiet(
        losses, chain(mean()), params, _poisoned(2), model_state=state, nonfinite="skip"
    )
    without = BATCHES[:2] + BATCHES[3:]
    expected, other, _ = quiet(
        losses, chain(mean()), params, without, model_state=state, nonfinite="skip"
    )
    assert_identical((out, end.optimizer.inner, end.model),
              (expected, other.optimizer.inner, other.model))  # fmt: skip
    assert moo.find(end.optimizer, "skipped") == 1
    assert end.step == 5
    assert np.isnan(path.objectives[0, 2]).all()


def test_a_solver_that_fails_on_finite_gradients_is_not_skipped_in_silence():
    broken = moo.from_losses(
        3, lambda p, dtype: (), lambda losses, state, *, active: (losses * jnp.nan, state)
    )
    with pytest.raises(FloatingPointError, match=r"batches\[0\]"):
        quiet(objectives, chain(broken), POINT, BATCHES, nonfinite="skip")


def test_thinning_keeps_the_last_point(by_hand):
    rows, last, _ = by_hand
    _, _, path = quiet(objectives, chain(), POINT, BATCHES, every=3)
    assert path.steps.tolist() == [0, 3, 5]
    np.testing.assert_array_equal(path.objectives[0, 1], rows[3][1].losses)
    np.testing.assert_allclose(path.objectives[0, 2], objectives(last, BATCHES[-1]), rtol=1e-6)


def test_evaluate_gives_the_objectives(by_hand):
    rows, last, _ = by_hand
    other, seen = 2 * BATCHES[0], []

    def evaluate(params, model_state):
        seen.append(model_state)
        return objectives(params, other)

    _, _, path = quiet(objectives, chain(), POINT, BATCHES, every=2, evaluate=evaluate)
    points = [rows[0][0], rows[2][0], rows[4][0], last]
    np.testing.assert_allclose(
        path.objectives[0], np.stack([objectives(p, other) for p in points]), rtol=1e-5
    )
    assert seen == [None] * 4
    assert path.params is None


def test_batches_may_come_from_a_generator(fitted):
    _, (params, state, _) = fitted
    again, end, _ = quiet(objectives, chain(), POINT, (data for data in BATCHES))
    assert_identical((again, end), (params, state))


def test_extras_and_options_pass_through():
    tx = optax.chain(preferred(3), optax.sgd(0.1))
    _, _, path = quiet(
        objectives, tx, POINT, BATCHES[:1], extra={"preference": jnp.array([1.0, 2.0, 3.0])},
        active=jnp.array([True, True, False]), engine="scan",
    )  # fmt: skip
    np.testing.assert_array_equal(path.weights[0, 0], [1, 2, 0])
    assert path.cosines is None


def test_parameters_of_other_kinds():
    """A Python float, a numpy array and bfloat16: one compilation, dtypes kept."""
    traces = []

    def fn(params, data):
        traces.append(1)
        total = params["a"] + params["b"].sum() + params["c"].astype(jnp.float32).sum()
        return jnp.stack([total**2, (total - 1) ** 2])

    params = {"a": 0.5, "b": np.ones(2, np.float32), "c": jnp.ones(2, jnp.bfloat16)}
    out, _, path = quiet(fn, chain(by_loss(2)), params, [{}] * 3, keep_params=True)
    assert len(traces) == 1
    assert [x.dtype for x in jax.tree.leaves(out)] == [jnp.float32, jnp.float32, jnp.bfloat16]
    assert path.params.shape == (1, 4, 5)
    assert path.params.dtype == np.float32
    assert params["a"] == 0.5


def test_kept_parameters_are_double_in_x64(x64):
    tx = optax.chain(mean(2), optax.sgd(0.1))
    out, _, path = quiet(lambda x, d: jnp.stack([x @ x, x.sum()]), tx,
                         jnp.array([1 / 3, 0.1]), [{}], keep_params=True)  # fmt: skip
    np.testing.assert_array_equal(path.params[0, -1], out)
    assert path.params.dtype == np.float64


def test_plain_lines_where_there_is_no_terminal(capsys, monkeypatch):
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    tx = optax.chain(mean(2), optax.sgd(0.0))

    def fn(x, data):
        return jnp.stack([x * 3, x + 0.5])

    moo.fit(fn, tx, jnp.float32(1), [{}] * 2, label="mean")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "mean 2/2 losses 3 1.5\n")
    moo.fit(fn, tx, jnp.float32(1), iter([{}] * 2))
    assert capsys.readouterr().err == "fit 2 losses 3 1.5\n"
    quiet(fn, tx, jnp.float32(1), [{}])
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"batches": []}, ValueError, "batches is empty: give at least one batch"),
        ({"every": 0}, ValueError, "every must be an int of at least 1, got 0"),
        ({"nonfinite": "ignore"}, ValueError, "nonfinite must be 'raise' or 'skip', got 'ignore'"),
        ({"key": jnp.zeros(2, jnp.uint32)}, TypeError, "key must be a typed key"),
        ({"names": ("a",)}, ValueError, "names must have one name for each of 3 objectives"),
        ({"evaluate": lambda p, s: jnp.ones(2)}, ValueError,
         r"evaluate must return losses of shape \(3,\), got \(2,\)"),
        ({"tx": "mgda"}, TypeError, "tx must be an optax transformation, got str"),
        ({"tx": mean(2)}, ValueError, "num_objectives is 2, but the objectives return 3"),
        ({"tx": optax.adam(0.1)}, TypeError, "put the aggregator first in optax.chain"),
        ({"heads": "own"}, ValueError, "heads must be one of"),
        ({"model_state": {}}, TypeError, "the objectives must return"),
        ({"donate": "yes"}, TypeError, "donate must be True or False, got str 'yes'"),
        ({"state": (0, 0, 0)}, TypeError, "state must be a FitState, got tuple"),
    ],
)  # fmt: skip
def test_other_arguments_are_refused(changes, error, message):
    def fn(params, *rest):
        return objectives(params, rest[-1])

    given = {"tx": mean(3), "batches": BATCHES[:3], **changes}
    with pytest.raises(error, match=message):
        quiet(fn, given.pop("tx"), POINT, given.pop("batches"), **given)


def test_a_wrong_name_fails_at_the_first_batch():
    seen = []

    def batches():
        for data in BATCHES:
            seen.append(1)
            yield data

    with pytest.raises(ValueError, match="names must have"):
        quiet(objectives, mean(3), POINT, batches(), names=("a",))
    assert len(seen) == 1


def test_a_fit_state_is_a_pytree(fitted):
    _, (_, state, _) = fitted
    assert isinstance(jax.tree.map(lambda x: x, state), FitState)
    assert state.model is None
