"""The feature layer: every column becomes one vector of the same width."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import jax
import jax.numpy as jnp
from flax import nnx

from moo.models._layers import check_count
from moo.models.features._columns import Column, Feature, feature_columns, read_columns
from moo.sparse._init import init_table


class FeatureLayer(nnx.Module):
    r"""Embeds the feature columns of a batch and concatenates the results.

    - categorical: the row of the column's table;
    - multi-valued: the mean of the rows of its ids, $\sum_j w_j E_{id_j} / \sum_j |w_j|$ with
      the weights of a `multi_weight` column and w = 1 without one; padding (-1) left out, 0
      without ids or weight;
    - sequence: the mean of the rows of its ids, in the table of the column that it lists;
    - numeric and content: K_j x_j + c_j with a learned vector, or matrix, K_j and a vector c_j.

    With weights of one sign the weighted mean is the "mean" of `tf.nn.embedding_lookup_sparse`;
    the absolute values keep it within the rows' range for any weights. Elsewhere weighted lists
    are summed (torchrec) or weighed by the softmax of the weights (DeepCTR).

    Ids must lie in [0, vocabulary), padding aside. Outside of jit they are checked at every call;
    ids that are traced cannot be, and would silently read another row or NaN: there they are the
    loader's to check, as `moo.data.Dataset` does.

    Args:
        columns: objects with `name`, `kind` and `vocabulary`, and where they have them `width`
            (content) and `of` (multi_weight, sequence); kinds that are no features (labels,
            users, times) are skipped.
        embedding_dim: width D of every column's vector.
        rngs: random streams for the initial values.

    Raises:
        ValueError: without a feature, on duplicate names, on a missing vocabulary or width, on an
            `of` that names no fitting column; when called, on a column that the batch lacks, or
            that has the wrong rank, width, number of rows, or ids outside its vocabulary.
        TypeError: on an `embedding_dim` that is no int; when called with ids that are not integers.

    Example:
        >>> import jax.numpy as jnp
        >>> from flax import nnx
        >>> from types import SimpleNamespace
        >>> item = SimpleNamespace(name="item", kind="categorical", vocabulary=5)
        >>> layer = FeatureLayer([item], 4, rngs=nnx.Rngs(0))
        >>> layer({"item": jnp.array([0, 3, 3])}).shape, layer.width
        ((3, 4), 4)
    """

    def __init__(self, columns: Iterable[Column], embedding_dim: int, *, rngs: nnx.Rngs) -> None:
        check_count("embedding_dim", embedding_dim)
        self.columns = feature_columns(columns)
        self.width = embedding_dim * len(self.columns)
        self.tables = nnx.Dict(
            {
                feature.name: nnx.Embed(
                    feature.vocabulary, embedding_dim, embedding_init=init_table, rngs=rngs
                )
                for feature in self.columns
                if feature.table == feature.name
            }
        )
        self.scales = nnx.Dict(
            {
                feature.name: nnx.Linear(feature.width, embedding_dim, rngs=rngs)
                for feature in self.columns
                if not feature.table
            }
        )

    def __call__(self, batch: Mapping[str, jax.Array]) -> jax.Array:
        """Return the features of a batch, (n, width)."""
        return jnp.concatenate([*self.vectors(batch).values()], axis=-1)

    def vectors(self, batch: Mapping[str, jax.Array]) -> dict[str, jax.Array]:
        """Return each feature's vectors (n, D) by its name, in the order of the columns."""
        values = read_columns(self.columns, batch)
        return {feature.name: self._vector(feature, values) for feature in self.columns}

    def reads(self) -> dict[str, str]:
        """Return a column of ids -> the column in whose table it reads rows."""
        return {feature.name: feature.table for feature in self.columns if feature.table}

    def _vector(self, feature: Feature, values: Mapping[str, jax.Array]) -> jax.Array:
        column = values[feature.name]
        if not feature.table:
            return jnp.asarray(self.scales[feature.name](column.reshape(-1, feature.width)))
        if feature.kind == "categorical":
            return jnp.asarray(self.tables[feature.table](column))
        return mean_pool(self.tables[feature.table], column, values.get(feature.weight))


class Inputs(Protocol):
    """What makes the layer between a batch and a model: `FeatureLayer` or an input tower."""

    def __call__(self, columns: Iterable[Column], embedding_dim: int, *, rngs: nnx.Rngs) -> Any:
        """Return a module with `width` that maps a batch to (n, width)."""


def feature_layer(
    columns: Iterable[Column], embedding_dim: int, inputs: Inputs | None, rngs: nnx.Rngs
) -> Any:
    """Return what makes features of a batch: the feature layer, or the given input tower."""
    return (inputs or FeatureLayer)(columns, embedding_dim, rngs=rngs)


def mean_pool(table: nnx.Embed, ids: jax.Array, weight: jax.Array | None = None) -> jax.Array:
    """Weighted mean (n, D) of the rows of ids (n, L) that are not padding (-1); 0 without any."""
    rows = look_up(table, ids)
    weight = jnp.ones(ids.shape, rows.dtype) if weight is None else weight.astype(rows.dtype)
    weight = jnp.where(ids >= 0, weight, 0)
    total = jnp.abs(weight).sum(axis=1, keepdims=True)
    # A product, because XLA's sum over the middle axis is three times slower on CPU.
    pooled = jnp.einsum("nl,nld->nd", weight, rows, precision=jax.lax.Precision.HIGHEST)
    return pooled / jnp.where(total > 0, total, 1)


def look_up(table: nnx.Embed, ids: jax.Array) -> jax.Array:
    """Rows (n, L, D) of ids (n, L), 0 at padding (-1)."""
    present = ids >= 0
    return jnp.where(present[..., None], table(jnp.where(present, ids, 0)), 0)
