"""Cold start by weak social neighbours: a user's embedding blended with those of friends."""

from collections.abc import Iterable, Mapping

import jax
import jax.numpy as jnp
from flax import nnx

from moo.models.features._columns import Column, feature_columns, read_columns
from moo.models.features._features import FeatureLayer, mean_pool


class SocialColdStart(nnx.Module):
    r"""Blends a user's id embedding with the mean of the friends', by the number of interactions.

    $$e_u = \alpha\, e_{id} + (1 - \alpha)\, \frac{1}{|F_u|} \sum_{f \in F_u} e_f, \qquad
    \alpha = \frac{c_u}{c_u + e^{\kappa}}$$

    with one embedding table for users and friends, the count c_u >= 0 (or any increasing function
    of it that is 0 at 0, such as its logarithm log(1 + c)) and a learned half-way count e^kappa.
    Built in: alpha is 0 at c = 0 and grows with c, for any kappa, so a user without interactions
    is the mean of the friends and one with many is the id. A user without friends is the id at any
    count. e_u takes the place of the user's vector; all other columns, the count among them, are
    those of `FeatureLayer`. One parameter more than a `FeatureLayer` without the friends.

    Args:
        columns: the features.
        embedding_dim: width of every column's vector.
        user: name of the categorical column of the user.
        friends: name of a multi column with the users' vocabulary; weights of a `multi_weight`
            column weigh the mean.
        count: name of the numeric column of the count; below 0 it counts as 0.
        rngs: random streams.

    Raises:
        ValueError: on names that are no fitting columns, and as `FeatureLayer`.
        TypeError: as `FeatureLayer`.

    Example:
        >>> import jax.numpy as jnp
        >>> from flax import nnx
        >>> from types import SimpleNamespace
        >>> user = SimpleNamespace(name="user", kind="categorical", vocabulary=5)
        >>> friends = SimpleNamespace(name="friends", kind="multi", vocabulary=5)
        >>> count = SimpleNamespace(name="interactions", kind="numeric", vocabulary=None)
        >>> inputs = SocialColdStart([user, friends, count], 4, rngs=nnx.Rngs(0))
        >>> inputs.alpha({"interactions": jnp.array([0.0, 1.0])}).tolist()
        [0.0, 0.5]

    Source: our own form of a blend that is common; the problem, and dropout of ids as another
    answer, in Volkovs et al., "DropoutNet: Addressing Cold Start in Recommender Systems",
    NeurIPS 2017.
    """

    def __init__(
        self,
        columns: Iterable[Column],
        embedding_dim: int,
        *,
        user: str = "user",
        friends: str = "friends",
        count: str = "interactions",
        rngs: nnx.Rngs,
    ) -> None:
        columns = tuple(columns)
        by_name = {feature.name: feature for feature in feature_columns(columns)}
        _check(columns, user, friends, count)
        self.friends = by_name[friends]
        skipped = {friends, self.friends.weight}
        others = [column for column in columns if column.name not in skipped]
        self.features = FeatureLayer(others, embedding_dim, rngs=rngs)
        self.log_half_way = nnx.Param(jnp.zeros((), jnp.float32))
        self.user, self.count = user, count
        self.width = self.features.width

    def __call__(self, batch: Mapping[str, jax.Array]) -> jax.Array:
        """Return the features of a batch, (n, width), with e_u in the place of the user."""
        values = read_columns((*self.features.columns, self.friends), batch)
        vectors = self.features.vectors(batch)
        ids, weight = values[self.friends.name], values.get(self.friends.weight)
        mean = mean_pool(self.features.tables[self.user], ids, weight)
        known = ids >= 0 if weight is None else (ids >= 0) & (weight != 0)
        alpha = jnp.where(known.any(axis=1), self.alpha(batch), 1)[:, None]
        vectors[self.user] = alpha * vectors[self.user] + (1 - alpha) * mean
        return jnp.concatenate([*vectors.values()], axis=-1)

    def reads(self) -> dict[str, str]:
        """Return the friends -> the user, in whose table they read rows."""
        return {self.friends.name: self.user}

    def alpha(self, batch: Mapping[str, jax.Array]) -> jax.Array:
        """Return the weight (n,) of the id embedding, in [0, 1), where there are friends."""
        half_way = jnp.exp(self.log_half_way[...])
        count = jnp.maximum(jnp.asarray(batch[self.count], half_way.dtype), 0)
        return count / (count + half_way)


def _check(columns: tuple[Column, ...], user: str, friends: str, count: str) -> None:
    by_name = {column.name: column for column in columns}
    wanted = {"user": (user, "categorical"), "friends": (friends, "multi")}
    for argument, (name, kind) in (wanted | {"count": (count, "numeric")}).items():
        if name not in by_name or by_name[name].kind != kind:
            raise ValueError(
                f"{argument} must name a {kind} column, got {name!r}; "
                f"the columns are {sorted(by_name)}"
            )
    users, listed = by_name[user].vocabulary, by_name[friends].vocabulary
    if users != listed:
        raise ValueError(
            f"{friends!r} must list ids of {user!r}, vocabulary {users}, got vocabulary {listed}"
        )
