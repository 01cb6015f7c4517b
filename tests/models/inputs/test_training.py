"""Every input tower learns, inside a shared bottom, from the losses that it is made for."""

import functools

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.data import Column, Dataset, simulate
from moo.models import (
    MODELS,
    BehaviourTransformer,
    GatedFusion,
    SharedBottom,
    SocialColdStart,
    TargetAttention,
    alignment_losses,
    factorised_losses,
    group_losses,
)
from tests.models.training import trained

pytestmark = pytest.mark.usefixtures("unoptimised")

TOWERS = {
    "gated_fusion": functools.partial(
        GatedFusion, activity=("interactions",), modality_dropout=0.1
    ),
    "target_attention": TargetAttention,
    "behaviour_transformer": BehaviourTransformer,
    "social_cold_start": SocialColdStart,
}
USUAL = ("user", "item", "context", "price", "interactions", "click", "conversion")
READ = {
    "gated_fusion": ("text", "image", "video"),
    "target_attention": ("history",),
    "behaviour_transformer": ("history",),
    "social_cold_start": ("friends",),
}


@pytest.fixture(scope="module")
def data():
    sizes = {"num_users": 300, "num_items": 100, "content": 4, "history": 5, "friends": 5}
    return simulate("short_video", num_rows=20_000, seed=0, **sizes)


def only(data, *names):
    """A data set with these columns alone."""
    kept = {column.name: column for column in data.columns if column.name in names}
    return Dataset(
        name=data.name, columns=tuple(kept.values()), arrays={name: data[name] for name in kept},
        licence="none", source="test",
    )  # fmt: skip


def entropy(rate):
    return -rate * np.log(rate) - (1 - rate) * np.log(1 - rate)


def test_every_row_is_trained_here():
    assert {name for name, row in MODELS.items() if row.kind == "input tower"} == TOWERS.keys()


@pytest.mark.parametrize("name", TOWERS)
def test_it_learns_clicks_and_conversions(data, name):
    data = only(data, *USUAL, *READ[name])
    model = SharedBottom(
        columns=data.columns, num_tasks=2, hidden=(32,), inputs=TOWERS[name], rngs=nnx.Rngs(0)
    )

    def losses(logits, batch):
        return factorised_losses(*logits.T, batch["click"], batch["conversion"])

    _, last = trained(model, losses, data, learning_rate=1e-2)
    ctr, ctcvr = data["click"].mean(), data["conversion"].mean()
    assert last[0] < entropy(ctr) - 0.03
    assert last[1] < ctr * entropy(ctcvr / ctr) - 0.01


class WithModalities(nnx.Module):
    """A model that returns what the alignment reads beside its logits."""

    def __init__(self, model):
        self.model = model

    def __call__(self, batch):
        return self.model(batch), self.model.features.modalities(batch)


def test_content_is_aligned_while_clicks_are_learned(data):
    data = only(data, *USUAL, *READ["gated_fusion"])
    model = SharedBottom(
        columns=data.columns, num_tasks=1, hidden=(32,), inputs=TOWERS["gated_fusion"],
        rngs=nnx.Rngs(0),
    )  # fmt: skip

    def losses(outputs, batch):
        logits, (ids, content, present) = outputs
        everyone = jnp.zeros(len(logits), int)
        click = group_losses(logits[:, 0], batch["click"], everyone, 1)
        return jnp.concatenate(
            (click, alignment_losses(ids, content, batch["item"], where=present))
        )

    first, last = trained(WithModalities(model), losses, data, learning_rate=1e-2)
    assert last[0] < entropy(data["click"].mean()) - 0.03
    assert (last[1:] < 0.8 * first[1:]).all()


def test_warm_and_cold_users_are_learned_together(data):
    data = only(data, *USUAL, *READ["social_cold_start"])
    middle = float(np.median(data["interactions"]))
    model = SharedBottom(
        columns=data.columns, num_tasks=1, hidden=(32,), inputs=TOWERS["social_cold_start"],
        rngs=nnx.Rngs(0),
    )  # fmt: skip

    def losses(logits, batch):
        cold = (batch["interactions"] < middle).astype(jnp.int32)
        return group_losses(logits[:, 0], batch["click"], cold, 2)

    _, last = trained(model, losses, data, learning_rate=1e-2)
    for cold in (0, 1):
        rate = data["click"][(data["interactions"] < middle) == cold].mean()
        assert last[cold] < entropy(rate) - 0.02


@pytest.fixture(scope="module")
def returns():
    """Clicks on what was clicked before: no feature but the history tells them."""
    rng = np.random.default_rng(0)
    item, seen = rng.integers(20, size=8_000), rng.integers(20, size=(8_000, 6))
    seen[np.arange(6) >= rng.integers(1, 7, size=8_000)[:, None]] = -1
    again = rng.random(8_000) < 0.5
    seen[again, 0] = item[again]
    columns = (
        Column("item", "categorical", vocabulary=20),
        Column("history", "sequence", vocabulary=20, of="item"),
        Column("click", "label", space="impression"),
    )
    arrays = {
        "item": item.astype(np.int32),
        "history": seen.astype(np.int32),
        "click": (seen == item[:, None]).any(axis=1).astype(np.float32),
    }
    return Dataset("returns", columns, arrays, licence="none", source="test")


@pytest.mark.parametrize("name", ["target_attention", "behaviour_transformer"])
def test_the_history_is_read_against_the_target(returns, name):
    model = SharedBottom(
        columns=returns.columns, num_tasks=1, hidden=(32,), inputs=TOWERS[name], rngs=nnx.Rngs(0)
    )

    def losses(logits, batch):
        return group_losses(logits[:, 0], batch["click"], jnp.zeros(len(logits), int), 1)

    _, last = trained(model, losses, returns, steps=200, learning_rate=2e-2)
    assert last[0] < 0.5 * entropy(returns["click"].mean())
