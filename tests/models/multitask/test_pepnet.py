"""Gates of 2 sigmoid, whose main input is detached."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import apply, functional
from tests.models.multitask.networks import (
    BATCH,
    dense,
    embedded,
    gradients,
    relu_chain,
    small,
)

pytestmark = pytest.mark.usefixtures("unoptimised")


def gate_of(unit, prior, main):
    hidden = np.maximum(dense(unit.hidden, np.concatenate((prior, main), axis=1)), 0)
    return 2 / (1 + np.exp(-dense(unit.output, hidden)))


def test_logits_follow_the_formula():
    model = small("pepnet", hidden=(6, 5))
    main = embedded(model.features)
    main = gate_of(model.epnet, embedded(model.domain), main) * main
    units = [main, main]
    for layers, unit in zip(model.layers, model.ppnet, strict=True):
        gates = np.split(gate_of(unit, embedded(model.personal), main), 2, axis=1)
        units = [g * relu_chain(f, x) for g, f, x in zip(gates, layers, units, strict=True)]
    for task, logit in enumerate(model(BATCH).T):
        expected = dense(model.logits[task], units[task])[:, 0]
        np.testing.assert_allclose(logit, expected, rtol=1e-5, atol=1e-6)


def test_gates_do_not_move_the_embeddings_that_they_scale():
    _, params, _ = functional(small("pepnet"))
    expected = jax.jacrev(lambda tables: frozen_gates(params, tables))(params["features"])
    found = gradients(small("pepnet"))["features"]
    for own, other in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-6)


def frozen_gates(model, tables):
    """Summed logits of two tasks, the gates of `params` constants, by the formula."""

    def layer(part, x):
        return x @ part["kernel"] + part["bias"]

    def gate(unit, prior, main):
        hidden = jax.nn.relu(layer(unit["hidden"], jnp.concatenate((prior, main), axis=1)))
        return 2 * jax.nn.sigmoid(layer(unit["output"], hidden))

    def features(part):
        vectors = [table["embedding"][BATCH[name]] for name, table in part["tables"].items()]
        for name, scale in part.get("scales", {}).items():
            vectors.append(layer(scale, BATCH[name][:, None]))
        return jnp.concatenate(vectors, axis=1)

    fixed = features(model["features"])
    scale = gate(model["epnet"], features(model["domain"]), fixed)
    gates = jnp.split(
        gate(model["ppnet"][0], features(model["personal"]), scale * fixed), 2, axis=1
    )
    main = scale * features(tables)
    logits = []
    for task in range(2):
        linear = model["layers"][0][task]["layers"][0]["linear"]
        hidden = gates[task] * jax.nn.relu(layer(linear, main))
        logits.append(layer(model["logits"][task], hidden).sum())
    return jnp.stack(logits)


def test_a_silent_gate_scales_by_one():
    graphdef, params, _ = functional(small("pepnet"))
    silent = jax.tree.map(jnp.zeros_like, params["ppnet"])
    main = params | {"ppnet": silent, "epnet": jax.tree.map(jnp.zeros_like, params["epnet"])}
    other = main | {"domain": jax.tree.map(jnp.ones_like, params["domain"])}
    plain, _ = apply(graphdef, main, {}, BATCH)
    np.testing.assert_array_equal(plain, apply(graphdef, other, {}, BATCH)[0])
    model = small("pepnet")
    for task, logit in enumerate(plain.T):
        hidden = relu_chain(model.layers[0][task], embedded(model.features))
        expected = dense(model.logits[task], hidden)[:, 0]
        np.testing.assert_allclose(logit, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"domain": []}, r"domain must be a list of at least one column's name, got \[\]"),
        ({"personal": "item"}, "personal must be a list of at least one column's name, got 'item'"),
        ({"personal": ["itm"]}, "unknown column 'itm'; did you mean item"),
        ({"hidden": ()}, "nothing to gate"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        small("pepnet", **options)
