"""Shared weights times the domain's."""

import jax.numpy as jnp
import numpy as np
import pytest

from tests.models.multitask.networks import (
    BATCH,
    dense_count,
    embedded,
    gradients,
    small,
    tower_logit,
)

pytestmark = pytest.mark.usefixtures("unoptimised")


def random_star():
    """A star whose domains differ."""
    model = small("star", hidden=(6, 5))
    rng = np.random.default_rng(0)
    for layer in (*model.layers, *model.logits):
        layer.kernels[...] = rng.normal(1, 0.5, layer.kernels[...].shape).astype(np.float32)
        layer.biases[...] = rng.normal(0, 0.5, layer.biases[...].shape).astype(np.float32)
    return model


def star_layer(layer, x, domain):
    kernel = np.asarray(layer.linear.kernel[...] * layer.kernels[...][domain], np.float64)
    return x @ kernel + np.asarray(layer.linear.bias[...] + layer.biases[...][domain], np.float64)


def test_every_row_is_computed_with_its_domains_weights():
    model = random_star()
    logits = np.asarray(model(BATCH))
    features = embedded(model.features)
    for row, domain in enumerate(np.asarray(BATCH["place"])):
        hidden = features[row]
        for layer in model.layers:
            hidden = np.maximum(star_layer(layer, hidden, domain), 0)
        for task in range(2):
            expected = star_layer(model.logits[task], hidden, domain)
            expected += tower_logit(model.auxiliaries[task], features[row : row + 1])
            np.testing.assert_allclose(logits[row, task], expected[0], rtol=1e-4, atol=1e-5)


def test_a_row_reaches_its_own_domains_weights_alone():
    one = {name: column[:3] * 0 + column[1] for name, column in BATCH.items()}
    domain = int(one["place"][0])
    kernels = gradients(random_star(), one)["layers"][0]["kernels"]
    assert kernels.shape == (2, 3, 6, 6)
    assert [bool(np.any(kernels[:, d])) for d in range(3)] == [d == domain for d in range(3)]


def test_domains_start_equal():
    model = small("star")
    elsewhere = BATCH | {"place": jnp.zeros_like(BATCH["place"])}
    hidden = jnp.asarray(np.random.default_rng(0).normal(size=(15, 6)), jnp.float32)
    first, second = (model.layers[0].affine(hidden, batch["place"]) for batch in (BATCH, elsewhere))
    np.testing.assert_array_equal(first, second)
    assert dense_count(6, 6) == 42  # as many shared weights as a layer without domains


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"domain": "price"}, "domain must name a categorical column, 'price' is numeric"),
        ({"domain": "plac"}, "unknown column 'plac'; did you mean place"),
        ({"hidden": ()}, "there is no star"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        small("star", **options)
