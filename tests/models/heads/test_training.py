"""Every head, on a shared bottom, learns a known law better than the best constant."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.data import Column, Dataset
from moo.models import (
    CREAD,
    D2Q,
    JRC,
    MODELS,
    TPM,
    CombinedPair,
    RetentionBins,
    SharedBottom,
    WeightedLogistic,
)
from tests.models.training import trained

pytestmark = pytest.mark.usefixtures("unoptimised")

ROWS, ITEMS, SHAPE, CLICKED, HORIZON = 10_000, 20, 4, 0.7, 30.0
RNG = np.random.default_rng(0)

ITEM = RNG.integers(ITEMS, size=ROWS)
DURATION = RNG.uniform(5, 60, size=ROWS)
SPEED = np.exp(RNG.normal(0, 0.8, size=ITEMS))
MEAN = 10 * SPEED[ITEM]
TIME = RNG.gamma(SHAPE, MEAN / SHAPE)
RETURNED = np.minimum(TIME, HORIZON)
CLICK = RNG.random(ROWS) < CLICKED
SHARE = SPEED[ITEM] / (1 + SPEED[ITEM])  # of a video that is watched, by Beta's law
PLAYED = DURATION * RNG.beta(4 * SHARE, 4 * (1 - SHARE))
LOOK = RNG.uniform(0, 2 * HORIZON, size=ROWS)  # when the log ends for the row
LIKED = RNG.random(ROWS) < SHARE

COLUMNS = {
    Column("item", "categorical", vocabulary=ITEMS): ITEM.astype(np.int32),
    Column("length", "numeric"): ((DURATION - 32) / 16).astype(np.float32),
    Column("duration", "weight"): DURATION.astype(np.float32),
    Column("time", "weight"): TIME.astype(np.float32),
    Column("watched", "weight"): (CLICK * TIME).astype(np.float32),
    Column("played", "weight"): PLAYED.astype(np.float32),
    Column("returned", "weight"): RETURNED.astype(np.float32),
    Column("seen", "weight"): np.minimum(TIME, LOOK).astype(np.float32),
    Column("censored", "weight"): (LOOK < TIME).astype(np.float32),
    Column("liked", "label", space="impression"): LIKED.astype(np.float32),
}
DATA = Dataset("laws", tuple(COLUMNS), {column.name: a for column, a in COLUMNS.items()})


def within_items(values):
    """The variance that is left to who knows the item."""
    return np.mean([values[item == ITEM].var() for item in range(ITEMS)])


RETURNS = RetentionBins.fit(TIME, num_bins=12, horizon=HORIZON)
HEADS = {
    "weighted_logistic": (WeightedLogistic("all"), "watched", within_items(CLICK * TIME)),
    "tpm": (TPM.fit(TIME, depth=4), "time", within_items(TIME)),
    "cread": (CREAD.fit(TIME, num_thresholds=16, alpha=3.0), "time", within_items(TIME)),
    "d2q": (
        D2Q.fit(PLAYED, DURATION, num_groups=10, num_quantiles=21),
        "played",
        (DURATION**2 * SHARE * (1 - SHARE) / 5).mean(),  # Beta's variance
    ),
    "jrc": (JRC(), "liked", within_items(LIKED)),
    "combined_pair": (CombinedPair(alpha=0.8), "liked", within_items(LIKED)),
    "retention_bins": (RETURNS, "returned", within_items(RETURNED)),
    "retention_bins, softmax": (
        RetentionBins(RETURNS.edges, kind="softmax"),
        "returned",
        within_items(RETURNED),
    ),
}


def more(head, batch):
    return {
        D2Q: {"duration": batch["duration"]},
        JRC: {"session": jnp.arange(len(batch["item"])) // 8},
        CombinedPair: {"session": jnp.arange(len(batch["item"])) // 8},
        RetentionBins: {"censored": batch["censored"] == 1},
    }.get(type(head), {})


def objectives(head, target):
    """The head's loss and, out of the gradient's reach, the squared error of its prediction."""

    def losses(logits, batch):
        seen = batch["seen" if isinstance(head, RetentionBins) else target]
        loss = head.loss(logits, seen, **more(head, batch))
        timed = (batch["duration"],) if isinstance(head, D2Q) else ()
        found = head.predict(logits, *timed)
        error = jax.lax.stop_gradient(jnp.mean((found - batch[target]) ** 2))
        return jnp.stack((loss, error))

    return losses


def test_every_row_is_trained_here():
    heads = {name.partition(",")[0] for name in HEADS}
    assert heads == {name for name, row in MODELS.items() if row.kind == "head"}


@pytest.mark.parametrize("name", HEADS)
def test_it_learns_at_least_half_of_what_can_be_known(name):
    head, target, unknowable = HEADS[name]
    model = SharedBottom(
        columns=DATA.columns, num_tasks=head.num_logits, hidden=(32,), rngs=nnx.Rngs(0)
    )
    first, last = trained(model, objectives(head, target), DATA, learning_rate=1e-2)
    assert last[0] < first[0]
    assert last[1] < (DATA[target].var() + unknowable) / 2
