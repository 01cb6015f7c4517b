"""A gate weighs content beside the id; what is absent gets no weight."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.models import GatedFusion, apply, functional

pytestmark = pytest.mark.usefixtures("unoptimised")

ITEM = SimpleNamespace(name="item", kind="categorical", vocabulary=5)
ACTIVE = SimpleNamespace(name="active", kind="numeric", vocabulary=None)
TEXT = SimpleNamespace(name="text", kind="content", vocabulary=None, width=3)
IMAGE = SimpleNamespace(name="image", kind="content", vocabulary=None, width=2)
COLUMNS = [ACTIVE, TEXT, ITEM, IMAGE]
BATCH = {
    "item": jnp.array([0, 3, 3, 4]),
    "active": jnp.float32([0.0, 1.0, 2.0, 3.0]),
    "text": jnp.float32([[1, 2, -1], [0, 0, 0], [0.5, 0, 1], [0, 0, 0]]),
    "image": jnp.float32([[1, -1], [2, 1], [0, 3], [0, 0]]),
}


def build(**options):
    return GatedFusion(COLUMNS, 4, activity=("active",), rngs=nnx.Rngs(0), **options)


@pytest.fixture(scope="module")
def inputs():
    return build()


def test_the_item_is_its_id_and_its_weighed_content(inputs):
    ids, content, present = inputs.modalities(BATCH)
    table = np.asarray(inputs.features.tables["item"].embedding[...])
    np.testing.assert_array_equal(ids, table[[0, 3, 3, 4]])
    projected = BATCH["text"] @ np.asarray(inputs.projections["text"].kernel[...])
    centred = projected - projected.mean(axis=1, keepdims=True)
    normed = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(content[:, 0], normed, rtol=1e-3, atol=1e-5)
    np.testing.assert_array_equal(present, [[1, 1], [0, 1], [1, 1], [0, 0]])
    expected = ids + (inputs.gate(BATCH)[..., None] * content).sum(axis=1)
    np.testing.assert_allclose(inputs(BATCH)[:, 4:], expected, rtol=1e-6)
    assert inputs.width == 8


def test_the_gate_sums_to_one_over_what_is_present(inputs):
    gate = inputs.gate(BATCH)
    np.testing.assert_allclose(gate.sum(axis=1), [1, 1, 1, 0], rtol=1e-6)
    np.testing.assert_array_equal(gate[1], [0, 1])
    np.testing.assert_array_equal(inputs(BATCH)[3, 4:], inputs.modalities(BATCH).id[3])


def test_the_gate_sees_the_activity(inputs):
    other = inputs.gate(BATCH | {"active": BATCH["active"] + 5})
    assert abs(other - inputs.gate(BATCH))[0].max() > 1e-3


def test_the_gate_does_not_shape_the_id():
    graphdef, state = nnx.split(build())
    push = jax.grad(lambda s: nnx.merge(graphdef, s).gate(BATCH)[:, 0].sum())(state)
    np.testing.assert_array_equal(push["features"]["tables"]["item"]["embedding"][...], 0)
    assert abs(push["gate_logits"]["kernel"][...]).max() > 0
    assert abs(push["features"]["scales"]["active"]["kernel"][...]).max() > 0


def test_nothing_present_is_finite():
    graphdef, state = nnx.split(build())
    batch = BATCH | {name: 0 * BATCH[name] for name in ("text", "image")}
    value, push = jax.value_and_grad(lambda s: (nnx.merge(graphdef, s)(batch) ** 2).sum())(state)
    assert np.isfinite(value)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(push))


def test_a_gate_at_extreme_logits_is_finite():
    inputs = build()
    inputs.gate_logits.bias[...] = jnp.float32([-1e30, 1e4])
    graphdef, state = nnx.split(inputs)
    push = jax.grad(lambda s: (nnx.merge(graphdef, s).gate(BATCH) ** 2).sum())(state)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(push))
    np.testing.assert_allclose(inputs.gate(BATCH).sum(axis=1), [1, 1, 1, 0], rtol=1e-6)


def test_modality_dropout_drops_whole_modalities_in_training_only():
    graphdef, params, model_state = functional(build(modality_dropout=0.3))
    rows = 4_000
    batch = {name: jnp.repeat(column[:1], rows, axis=0) for name, column in BATCH.items()}
    model = nnx.merge(graphdef, params, model_state)
    model.train()
    gate = np.asarray(model.gate(batch))
    kept = (gate > 0).mean(axis=0)
    error = np.sqrt(0.3 * 0.7 / rows)
    np.testing.assert_allclose(kept, 0.7, atol=5 * error)
    assert {round(float(total), 5) for total in gate.sum(axis=1)} == {0.0, 1.0}
    outputs, after = apply(graphdef, params, model_state, BATCH, train=False)
    np.testing.assert_array_equal(outputs, apply(graphdef, params, after, BATCH, train=False)[0])


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ([ITEM, ACTIVE], {}, "at least one content column"),
        (COLUMNS, {"item": "active"}, "item must name a categorical column, got 'active'"),
        (COLUMNS, {"activity": ("text",)}, "activity must name columns other than content"),
        (COLUMNS, {"modality_dropout": 1.0}, r"modality_dropout must be in \[0, 1\), got 1"),
    ],
)
def test_options_are_checked(columns, options, message):
    with pytest.raises(ValueError, match=message):
        GatedFusion(columns, 4, rngs=nnx.Rngs(0), **options)
