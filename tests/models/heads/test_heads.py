"""What holds for every head: masks, weights, shapes, extremes, dtypes."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import (
    CREAD,
    D2Q,
    JRC,
    MODELS,
    TPM,
    CombinedPair,
    RetentionBins,
    WeightedLogistic,
    build,
)

pytestmark = pytest.mark.usefixtures("unoptimised")

ROWS = 6
EDGES = (0.0, 1.0, 2.0, 5.0, 9.0)
TIMES = jnp.float32([0.0, 0.5, 3.0, 8.0, 1.5, 20.0])
LABELS = jnp.float32([0, 1, 1, 0, 1, 0])
SESSION = jnp.array([0, 0, 0, 0, 1, 1])
HEADS = {
    "weighted_logistic": (WeightedLogistic(), TIMES, {}),
    "d2q": (
        D2Q(duration_edges=(10.0,), watch_quantiles=((0.0, 2.0, 8.0), (0.0, 9.0, 30.0))),
        TIMES,
        {"duration": jnp.float32([5, 5, 20, 20, 10, 60])},
    ),
    "tpm": (TPM(edges=EDGES), TIMES, {}),
    "cread": (CREAD(thresholds=EDGES[1:]), TIMES, {}),
    "jrc": (JRC(), LABELS, {"session": SESSION}),
    "combined_pair": (CombinedPair(), LABELS, {"session": SESSION}),
    "retention_bins": (RetentionBins(edges=EDGES), TIMES, {"censored": LABELS == 1}),
    "retention_bins, softmax": (
        RetentionBins(edges=EDGES, kind="softmax"),
        TIMES,
        {"censored": LABELS == 1},
    ),
}
every_head = pytest.mark.parametrize("name", HEADS)


def drawn(head, seed=0):
    shape = (ROWS,) if head.num_logits == 1 else (ROWS, head.num_logits)
    return jax.random.normal(jax.random.key(seed), shape)


def prediction(head, logits, more):
    return head.predict(logits, more["duration"]) if "duration" in more else head.predict(logits)


def test_every_head_of_the_table_is_here():
    heads = {name.partition(",")[0] for name in HEADS}
    assert heads == {name for name, row in MODELS.items() if row.kind == "head"}
    assert build("jrc", alpha=0.2) == JRC(alpha=0.2)


@every_head
def test_a_head_is_a_static_value(name):
    head, *_ = HEADS[name]
    assert dataclasses.is_dataclass(head)
    assert hash(head) == hash(dataclasses.replace(head))


@every_head
def test_masked_rows_may_hold_anything(name):
    head, target, more = HEADS[name]
    where = jnp.array([True, True, True, True, False, False])
    logits = drawn(head)
    kept = {key: value[:4] for key, value in more.items()}
    expected = head.loss(logits[:4], target[:4], **kept)
    wild = logits.at[4:].set(jnp.nan)
    loss, push = jax.value_and_grad(head.loss)(wild, target.at[4:].set(-9), where=where, **more)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    assert np.isfinite(push).all()


@every_head
def test_without_rows_the_loss_is_zero_and_finite(name):
    head, target, more = HEADS[name]
    where = jnp.zeros(ROWS, bool)
    loss, push = jax.value_and_grad(head.loss)(drawn(head), target, where=where, **more)
    assert loss == 0
    np.testing.assert_array_equal(push, 0)


@every_head
def test_equal_weights_change_nothing(name):
    head, target, more = HEADS[name]
    loss = head.loss(drawn(head), target, **more)
    weighted = head.loss(drawn(head), target, sample_weight=jnp.full(ROWS, 3.0), **more)
    np.testing.assert_allclose(weighted, loss, rtol=1e-5)


@every_head
def test_finite_at_extreme_logits(name):
    head, target, more = HEADS[name]
    far = 1e4 * jnp.sign(drawn(head))
    loss, push = jax.jit(jax.value_and_grad(head.loss))(far, target, **more)
    assert np.isfinite(loss)
    assert np.isfinite(push).all()
    assert np.isfinite(prediction(head, far, more)).all()


@every_head
def test_the_dtype_is_that_of_the_logits_and_at_least_float32(name):
    head, target, more = HEADS[name]
    loss = head.loss(drawn(head).astype(jnp.bfloat16), target, **more)
    assert loss.dtype == jnp.float32
    assert not loss.weak_type
    with jax.enable_x64(True):
        wide = jnp.asarray(np.asarray(drawn(head)), jnp.float64)
        assert head.loss(wide, target, **more).dtype == jnp.float64
        assert prediction(head, wide, more).dtype == jnp.float64


@every_head
def test_one_column_of_a_model_will_do(name):
    head, target, more = HEADS[name]
    columns = drawn(head).reshape(ROWS, head.num_logits)
    np.testing.assert_array_equal(
        head.loss(columns, target, **more), head.loss(drawn(head), target, **more)
    )
    assert prediction(head, columns, more).shape == (ROWS,)


@every_head
def test_arguments_are_checked(name):
    head, target, more = HEADS[name]
    with pytest.raises(ValueError, match="logits must have shape"):
        head.loss(jnp.zeros((ROWS, 9)), target, **more)
    with pytest.raises(ValueError, match="target must have one entry a row"):
        head.loss(drawn(head), target[:2], **more)
    with pytest.raises(ValueError, match=r"target must be .*got -1\.0 in row 1"):
        head.loss(drawn(head), target.at[1].set(-1), **more)
    weight = jnp.ones(ROWS).at[2].set(jnp.nan)
    with pytest.raises(ValueError, match=r"sample_weight must be at least 0, got nan in row 2"):
        head.loss(drawn(head), target, sample_weight=weight, **more)
    with pytest.raises(TypeError, match="logits must be floating"):
        head.loss(jnp.zeros(drawn(head).shape, int), target, **more)
    with pytest.raises(TypeError, match="where must be boolean"):
        head.loss(drawn(head), target, where=jnp.ones(ROWS), **more)
