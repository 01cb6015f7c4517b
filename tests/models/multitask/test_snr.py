"""Routes between sub-networks, gated."""

import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import SNR, apply, functional
from moo.models.multitask._hard_concrete import open_probability
from tests.models.multitask.networks import BATCH, dense, embedded, relu_chain, small

pytestmark = pytest.mark.usefixtures("unoptimised")


@pytest.mark.parametrize("connection", ["transform", "average"])
def test_logits_follow_the_formula_in_evaluation(connection):
    model = small("snr", hidden=(6, 5), tower=(), num_subnetworks=2, connection=connection)
    for route in (*model.routes, *model.exits):
        shape = route.gates.log_alpha[...].shape
        route.gates.log_alpha[...] = jnp.linspace(-1, 1, np.prod(shape)).reshape(shape)
    model.eval()
    outputs = [relu_chain(network, embedded(model.features)) for network in model.levels[0]]
    seen = [routed(model.routes[0], outputs, receiver) for receiver in range(2)]
    outputs = [relu_chain(net, x) for net, x in zip(model.levels[1], seen, strict=True)]
    for task, logit in enumerate(model(BATCH).T):
        hidden = routed(model.exits[task], outputs, 0)
        expected = dense(model.towers[task].logit, hidden)[:, 0]
        np.testing.assert_allclose(logit, expected, rtol=1e-5, atol=1e-5)


def routed(route, outputs, receiver):
    log_alpha = np.asarray(route.gates.log_alpha[...], np.float64)[receiver]
    gates = np.clip(1.2 / (1 + np.exp(-log_alpha)) - 0.1, 0, 1)
    if route.kernels is not None:
        kernels = np.asarray(route.kernels[...], np.float64)[receiver]
        outputs = [output @ kernel for output, kernel in zip(outputs, kernels, strict=True)]
    return sum(gate * output for gate, output in zip(gates, outputs, strict=True))


def test_training_draws_anew_and_evaluation_does_not():
    graphdef, params, model_state = functional(small("snr"))
    first, moved = apply(graphdef, params, model_state, BATCH)
    second, _ = apply(graphdef, params, moved, BATCH)
    again, _ = apply(graphdef, params, model_state, BATCH)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, again)
    still, kept = apply(graphdef, params, moved, BATCH, train=False)
    np.testing.assert_array_equal(still, apply(graphdef, params, kept, BATCH, train=False)[0])


@pytest.mark.parametrize("hidden", [(6,), (6, 5)])
def test_penalty_is_the_expected_number_of_open_connections(hidden):
    _, params, _ = functional(small("snr", hidden=hidden, num_subnetworks=3))
    connections = 9 * (len(hidden) - 1) + 2 * 3
    expected = connections * float(open_probability(jnp.zeros(())))
    np.testing.assert_allclose(SNR.penalty(params), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": ()}, "nothing to route"),
        ({"num_subnetworks": 0}, "num_subnetworks must be at least 1"),
        ({"connection": "aver"}, "must be 'transform' or 'average', got 'aver'"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        small("snr", **options)
