"""What the towers over a behaviour sequence share."""

from collections.abc import Callable, Iterable, Mapping

import jax
import jax.numpy as jnp
from flax import nnx

from moo.models.features._columns import Column, feature_columns, read_columns
from moo.models.features._features import FeatureLayer, look_up


class SequenceTower(nnx.Module):
    """Reads every sequence that lists ids of a column against that column's id in the row.

    Args:
        columns: the features, among them at least one sequence with `of`.
        embedding_dim: width D of every column's vector.
        reader: makes the module that reads one sequence:
            (history (n, L, D), present (n, L), target (n, D)) -> (n, D).
        rngs: random streams.
    """

    def __init__(
        self,
        columns: Iterable[Column],
        embedding_dim: int,
        reader: Callable[[], nnx.Module],
        *,
        rngs: nnx.Rngs,
    ) -> None:
        columns = tuple(columns)
        self.sequences = tuple(
            f for f in feature_columns(columns) if f.kind == "sequence" and f.table != f.name
        )
        if not self.sequences:
            raise ValueError(
                "columns must hold at least one sequence of ids of a categorical column (of=...), "
                f"got {[(column.name, column.kind) for column in columns]}"
            )
        read = {sequence.name for sequence in self.sequences}
        others = [column for column in columns if column.name not in read]
        self.features = FeatureLayer(others, embedding_dim, rngs=rngs)
        self.readers = nnx.Dict({sequence.name: reader() for sequence in self.sequences})
        self.width = self.features.width + embedding_dim * len(self.sequences)

    def __call__(self, batch: Mapping[str, jax.Array]) -> jax.Array:
        """Return the features of a batch, (n, width), what the sequences say last."""
        values = read_columns((*self.features.columns, *self.sequences), batch)
        vectors = self.features.vectors(batch)
        for sequence in self.sequences:
            ids, table = values[sequence.name], self.features.tables[sequence.table]
            history, target = look_up(table, ids), vectors[sequence.table]
            vectors[sequence.name] = self.readers[sequence.name](history, ids >= 0, target)
        return jnp.concatenate([*vectors.values()], axis=-1)

    def reads(self) -> dict[str, str]:
        """Return a sequence -> the column in whose table it reads rows."""
        return {sequence.name: sequence.table for sequence in self.sequences}
