"""Optimizers on rows: equal to the dense ones where they should be, different as stated."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.sparse import lazy
from tests.sparse.dense import (
    TABLES,
    assert_close,
    batches,
    both,
    everything,
    objectives,
    parameters,
    train,
)

pytestmark = pytest.mark.usefixtures("unoptimised")

STEADY = {
    "sgd": optax.sgd(0.3),
    "adagrad": optax.adagrad(0.3),
    "rowwise_adagrad": moo.sparse.rowwise_adagrad(0.3),
    "clipped": optax.chain(optax.clip_by_global_norm(0.1), optax.adagrad(0.3)),
    "scheduled": moo.sparse.rowwise_adagrad(optax.linear_schedule(0.3, 0.1, 4)),
}
MOVING = {
    "adam": optax.adam(0.1),
    "adamw": optax.adamw(0.1, weight_decay=0.1),
    "momentum": optax.sgd(0.1, momentum=0.9),
    "rmsprop": optax.rmsprop(0.1),
    "lion": optax.lion(0.1),
    "partition": optax.partition(
        {"rows": optax.adam(0.1), "rest": optax.adamw(0.01)}, {"emb": "rows", "kernel": "rest"}
    ),
    "masked": optax.masked(optax.adam(0.1), {"emb": True, "kernel": False}),
    "injected": optax.inject_hyperparams(optax.adam)(optax.linear_schedule(0.1, 0.01, 3)),
    "guarded": optax.apply_if_finite(optax.adam(0.1), 3),
}


@pytest.mark.parametrize(
    ("method", "rule"),
    [*(("mean", rule) for rule in STEADY), ("mgda", "sgd"), ("cagrad", "rowwise_adagrad"),
     ("pcgrad", "adagrad")],
)  # fmt: skip
def test_rules_without_decay_equal_the_dense_ones(method, rule):
    dense, sparse = both(method, STEADY[rule], batches(4))
    assert_close(sparse[0], dense[0])
    assert_close(sparse[1][-1].inner, dense[1][-1])
    for found, wanted in zip(sparse[2], dense[2], strict=True):
        assert_close(found.losses, wanted.losses)
        assert_close(found.weights, wanted.weights, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("rule", MOVING)
def test_rules_with_decay_equal_the_dense_ones_where_every_row_is_read(rule):
    dense, sparse = both("mean", MOVING[rule], everything(4))
    assert_close(sparse[0], dense[0], atol=2e-6)
    assert_close(sparse[1][-1].inner, dense[1][-1], atol=2e-6)


def test_it_can_hold_the_tables_alone():
    labels = {"emb": {"user": "users", "item": "items"}, "kernel": "rest"}
    rules = {"users": optax.adagrad(0.2), "items": moo.sparse.rowwise_adagrad(0.3)}
    rest = {"rest": optax.adam(0.01)}
    dense = moo.optimizer("mean", optax.partition(rules | rest, labels), num_objectives=2)
    apart = {name: lazy(rule) for name, rule in rules.items()} | rest
    sparse = moo.optimizer("mean", optax.partition(apart, labels), num_objectives=2)
    wanted, _, _ = train(moo.make_step(objectives, dense), dense, batches(3))
    step = moo.sparse.make_step(objectives, sparse, tables=TABLES)
    found, _, _ = train(step, sparse, batches(3))
    assert_close(found, wanted)


def test_gramians_equal_the_dense_ones():
    dense, sparse = both("mgda", optax.sgd(0.3), batches(3))
    for found, wanted in zip(sparse[2], dense[2], strict=True):
        assert_close(found.gram.matrix, wanted.gram.matrix)


def test_a_row_keeps_its_moments_while_it_is_not_read():
    """Adam by hand: the moments of a row advance on its visits, the correction counts steps."""
    tx = optax.chain(moo.mean(1), lazy(optax.adam(0.1)))
    step = moo.sparse.make_step(lambda p, b: jnp.sum(p["e"][b["id"]])[None], tx, tables={"e": "id"})
    params = {"e": jnp.zeros((4, 1))}
    state = tx.init(params)
    for row in (2, 0, 2):
        params, state, _ = step(params, state, {"id": jnp.array([row, row])})
    first, gradient = 0.1, 2.0
    mean = 0.9 * (first * gradient) + first * gradient
    square = 0.999 * (0.001 * gradient**2) + 0.001 * gradient**2
    adam = state[1].inner[0]
    assert float(adam.mu["e"][2, 0]) == pytest.approx(mean)
    assert float(adam.nu["e"][2, 0]) == pytest.approx(square)
    assert float(adam.mu["e"][0, 0]) == pytest.approx(0.2)  # untouched by the third step
    assert int(adam.count) == 3
    last = 0.1 * (mean / (1 - 0.9**3)) / (square / (1 - 0.999**3)) ** 0.5
    assert float(params["e"][2, 0]) == pytest.approx(-0.1 - last, rel=1e-4)
    assert params["e"][1, 0] == params["e"][3, 0] == 0


def test_dense_adam_moves_rows_that_are_not_read():
    dense, sparse = both("mean", optax.adam(0.1), batches(4))
    assert not np.allclose(dense[0]["emb"]["user"], sparse[0]["emb"]["user"], atol=1e-3)
    read = np.unique(np.concatenate([batch["user"] for batch in batches(4)]))
    rest = np.setdiff1d(np.arange(37), read)
    before = parameters()["emb"]["user"]
    np.testing.assert_array_equal(sparse[0]["emb"]["user"][rest], before[rest])


@pytest.mark.parametrize("key", ["state", "params"])
def test_state_keeps_its_shapes_and_only_rows_read_change(key):
    _, (params, state, _) = both("mean", optax.adam(0.1), batches(1))
    tx = optax.chain(moo.mean(2), lazy(optax.adam(0.1)))
    start = tx.init(parameters())
    assert jax.tree.map(jnp.shape, state) == jax.tree.map(jnp.shape, start)
    assert jax.tree.map(lambda x: x.dtype, state) == jax.tree.map(lambda x: x.dtype, start)
    now, then = (params, parameters()) if key == "params" else (state[1].inner[0].mu,
                                                                start[1].inner[0].mu)  # fmt: skip
    changed = np.flatnonzero(np.any(now["emb"]["user"] != then["emb"]["user"], axis=1))
    np.testing.assert_array_equal(changed, np.unique(batches(1)[0]["user"]))


def test_the_pair_can_stand_around_the_aggregator_too():
    inside = optax.chain(moo.mgda(2), lazy(optax.adam(0.1)))
    around = lazy(optax.chain(moo.mgda(2), optax.adam(0.1)))

    @jax.jit
    def direction(params, batch):
        small, batch, rows = moo.sparse.gather(params, batch, tables=TABLES)
        jac = moo.jacobian(objectives, small, batch)
        return [tx.update(jac, tx.init(params), small, rows=rows)[0] for tx in (inside, around)]

    found = direction(parameters(), batches(1)[0])
    assert_close(*found, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (optax.MultiSteps(optax.adam(0.1), 2).gradient_transformation(), "MultiStepsState: a row"),
        (optax.apply_every(2), "ApplyEvery"),
        (optax.adafactor(0.1), "FactoredState: its moments are factored"),
        (optax.sm3(0.1), "ScaleBySM3State"),
        (optax.contrib.muon(0.1), "MuonState.*orthogonal"),
        (optax.contrib.prodigy(0.1), "ProdigyState: it measures whole tables"),
        (optax.chain(optax.clip(1.0), optax.adafactor(0.1)), "FactoredState"),
    ],
)
def test_what_cannot_be_right_on_rows_is_refused_at_init(rule, message):
    with pytest.raises(ValueError, match=rf"cannot hold an optimizer with a {message}"):
        lazy(rule).init(parameters())


def _history(params):
    return jax.tree.map(lambda leaf: jnp.zeros((4, *leaf.shape)), params)


def _columns(params):
    return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape[1:]), params)


@pytest.mark.parametrize(("init", "shape"), [(_history, "4, 37, 3"), (_columns, "3,")])
def test_state_that_mixes_rows_is_refused_by_its_shape(init, shape):
    rule = optax.GradientTransformation(init, lambda updates, state, params=None: (updates, state))
    step = moo.sparse.make_step(
        objectives, tx := optax.chain(moo.mean(2), lazy(rule)), tables=TABLES
    )
    with pytest.raises(ValueError, match=rf"holds \['emb'\]\['user'\] of shape \({shape}\), which"):
        step(parameters(), tx.init(parameters()), batches(1)[0])


@pytest.mark.parametrize("method", ["moco", "db_mtl", "excess_mtl"])
def test_aggregators_that_track_rows_are_refused(method):
    tx = moo.optimizer(method, lazy(optax.sgd(0.1)), num_objectives=2)
    step = moo.sparse.make_step(objectives, tx, tables=TABLES)
    with pytest.raises(ValueError, match=r"outside of moo\.sparse\.lazy.*tracks gradients itself"):
        step(parameters(), tx.init(parameters()), batches(1)[0])
    around = lazy(moo.optimizer(method, optax.sgd(0.1), num_objectives=2))
    with pytest.raises(ValueError, match=r"rows of gradients for each objective"):
        moo.sparse.make_step(objectives, around, tables=TABLES)(
            parameters(), around.init(parameters()), batches(1)[0]
        )


@pytest.mark.parametrize("given", [batches(1)[0], everything(1)[0]], ids=["few", "all"])
def test_by_hand_too_a_tracking_aggregator_never_runs_on_mixed_rows(given):
    tx = moo.optimizer("moco", lazy(optax.sgd(0.1)), num_objectives=2)

    def direction(params, batch):
        small, batch, rows = moo.sparse.gather(params, batch, tables=TABLES)
        return tx.update(moo.jacobian(objectives, small, batch), tx.init(params), small, rows=rows)

    with pytest.raises(TypeError, match="incompatible shapes"):
        jax.eval_shape(direction, parameters(), given)


def test_an_optimizer_outside_of_lazy_is_refused():
    tx = moo.optimizer("mean", optax.adam(0.1), num_objectives=2)
    step = moo.sparse.make_step(objectives, tx, tables=TABLES)
    with pytest.raises(ValueError, match=r"put what comes after the aggregator into moo\.sparse"):
        step(parameters(), tx.init(parameters()), batches(1)[0])


def test_missing_or_full_arguments_are_named():
    tx, params = lazy(optax.adam(0.1)), parameters()
    small, _, rows = moo.sparse.gather(params, batches(1)[0], tables=TABLES)
    state = tx.init(params)
    with pytest.raises(ValueError, match=r"rows is missing"):
        tx.update(small, state, small)
    with pytest.raises(ValueError, match=r"params is missing"):
        tx.update(small, state, rows=rows)
    with pytest.raises(ValueError, match=r"params must be the small ones.* got a table of shape"):
        tx.update(params, state, params, rows=rows)
    with pytest.raises(ValueError, match=r"state must be tx\.init\(params\) of the full tables"):
        tx.update(small, tx.init(small), small, rows=rows)
    with pytest.raises(TypeError, match="tx must be an optax transformation, got str"):
        lazy("adam")
