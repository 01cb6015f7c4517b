"""Every architecture learns clicks, and conversions among clicks, from a simulated feed."""

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import moo
from moo.models import MODELS, aitm_losses, build, task_losses
from tests.models.training import trained

NAMED = {
    "star": {"domain": "context"},
    "pepnet": {"domain": ["context"], "personal": ["user", "item"]},
}
ARCHITECTURES = [(name, {}) for name, row in MODELS.items() if row.kind == "architecture"]
VARIANTS = [("dselect_k", {"per_example": True})]
STEPS = {"snr": 300}  # its gates are drawn anew at every step
MARGIN = 0.05  # nats; untrained models start at the entropy of the base rates, 0.69


@pytest.fixture(scope="module")
def feed():
    return moo.data.simulate("short_video", num_rows=8_000, seed=0)


def click_and_conversion(logits, batch):
    labels = jnp.stack((batch["click"], batch["conversion"]), axis=-1)
    known = jnp.stack((jnp.ones_like(batch["click"]), batch["click"]), axis=-1) == 1
    return task_losses(logits, labels, where=known)


def joint_steps(logits, batch):
    return aitm_losses(logits, jnp.stack((batch["click"], batch["conversion"]), axis=-1))


def entropy(rate):
    return -rate * np.log(rate) - (1 - rate) * np.log(1 - rate)


@pytest.mark.usefixtures("unoptimised")
@pytest.mark.parametrize(("name", "more"), ARCHITECTURES + VARIANTS)
def test_losses_fall_below_the_entropy_of_the_base_rates(name, more, feed):
    options = {"columns": feed.features, "num_tasks": 2, "hidden": (16,)} | NAMED.get(name, {})
    model = build(name, **options | more, rngs=nnx.Rngs(0))
    click, conversion = feed["click"] == 1, feed["conversion"] == 1
    chain = name == "aitm"  # its logits are those of joint events
    losses = joint_steps if chain else click_and_conversion
    rates = np.array([click.mean(), (conversion if chain else conversion[click]).mean()])
    first, last = trained(model, losses, feed, steps=STEPS.get(name, 150))
    assert (last < first - MARGIN).all()
    assert (last < entropy(rates) - MARGIN).all()
