"""Gates mix experts; each feeds its own task."""

from types import SimpleNamespace

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.models import MMoE

ITEM = SimpleNamespace(name="item", kind="categorical", vocabulary=5)
BATCH = {"item": jnp.arange(5)}


def build_mmoe(**options):
    return MMoE(columns=[ITEM], num_tasks=2, embedding_dim=3, rngs=nnx.Rngs(0), **options)


def test_logits_follow_the_formula_with_one_hidden_layer():
    model = build_mmoe(num_experts=3, hidden=(4,), tower=())
    inputs = np.asarray(model.features(BATCH), np.float64)
    experts = []
    for expert in model.experts:
        linear = expert.layers[0].linear
        experts.append(np.maximum(inputs @ linear.kernel[...] + linear.bias[...], 0))
    for task, logit in enumerate(model(BATCH).T):
        scores = np.exp(inputs @ np.asarray(model.gates[task].kernel[...], np.float64))
        gate = scores / scores.sum(axis=1, keepdims=True)
        mixed = sum(gate[:, [e]] * experts[e] for e in range(3))
        head = model.towers[task].logit
        expected = mixed @ head.kernel[...] + head.bias[...]
        np.testing.assert_allclose(logit, expected[:, 0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"num_experts": 0}, "num_experts must be at least 1"), ({"hidden": ()}, "hidden must name")],
)
def test_a_mixture_of_nothing_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build_mmoe(**options)
