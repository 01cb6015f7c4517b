"""The graph of a click, an action and a purchase."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import CONFLICT_MODES, esmm2_losses, esmm_losses
from tests.models.entire_space.draws import CLICK, CONVERSION, cross_entropy, draw, sigmoid

pytestmark = pytest.mark.usefixtures("unoptimised")

ACTION = CLICK & (np.arange(len(CLICK)) % 5 < 2)
LABELS = CLICK, ACTION, CONVERSION


def test_values_are_cross_entropies_of_the_graphs_products(x64):
    logits = draw(4)
    click, action, acted, other = sigmoid(logits)
    cvr = action * acted + (1 - action) * other
    rates = click, click * action, click * cvr
    expected = [cross_entropy(z, pi).mean() for z, pi in zip(LABELS, rates, strict=True)]
    found = esmm2_losses(*logits, *LABELS, action_weight=2.0, ctcvr_weight=3.0)
    np.testing.assert_allclose(found, np.array([1, 2, 3]) * expected, rtol=1e-11)


def test_equal_purchase_rates_make_it_esmm(x64):
    a, action, bought = jnp.asarray(draw(3))

    def mixture(a, bought):
        return esmm2_losses(a, action, bought, bought, *LABELS)[2]

    def product(a, bought):
        return esmm_losses(a, bought, CLICK, CONVERSION)[1]

    both = (jax.jit(jax.value_and_grad(f, (0, 1))) for f in (mixture, product))
    found, expected = (values(a, bought) for values in both)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-10)


@pytest.mark.parametrize("conflict", CONFLICT_MODES)
def test_conflict_acts_on_each_pair_as_in_esmm(x64, conflict):
    a, action, acted, other = jnp.asarray(draw(4))
    y2, y3, y4 = sigmoid(action), sigmoid(acted), sigmoid(other)
    cvr = y2 * y3 + (1 - y2) * y4
    options = {"conflict": conflict, "coefficient": jnp.array([0.1, 0.5, 0.9]), "cap": 0.3}

    @jax.jit
    def pair(second, label):
        return jax.jacrev(lambda a: esmm_losses(a, second, CLICK, label, **options)[1])(a)

    @jax.jit
    @jax.jacrev
    def three(a):
        return esmm2_losses(a, action, acted, other, *LABELS, **options)

    found = three(a)
    np.testing.assert_allclose(found[1], pair(action, ACTION), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(
        found[2], pair(jnp.log(cvr / (1 - cvr)), CONVERSION), rtol=1e-9, atol=1e-15
    )


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"action": ~CLICK}, ValueError, "action must be 0 where click is 0"),
        ({"conversion": ~CLICK}, ValueError, "conversion must be 0 where click is 0"),
        ({"action_logit": np.zeros(3)}, ValueError, "action_logit must have the shape"),
        ({"acted_logit": CLICK}, TypeError, "acted_logit must be floating"),
        ({"action_weight": -1.0}, ValueError, "action_weight must be finite and at least 0"),
        ({"conflict": "stop"}, ValueError, "conflict must be one of"),
    ],
)
def test_bad_input_is_named(change, error, message):
    names = ("ctr_logit", "action_logit", "acted_logit", "other_logit")
    given = dict(zip(names, np.float32(draw(4)), strict=True))
    given |= {"click": CLICK, "action": ACTION, "conversion": CONVERSION}
    with pytest.raises(error, match=message):
        esmm2_losses(**(given | change))
