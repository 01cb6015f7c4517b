"""The embedding tables of a model, for training on the rows of a batch."""

from collections.abc import Callable, Iterable, Mapping

from flax import nnx

from moo.models._functional import outline
from moo.models._layers import check_count
from moo.models.features._features import FeatureLayer


def embedding_tables(
    model: nnx.Module | Callable[[], nnx.Module], *, min_rows: int = 2
) -> dict[str, list[str]]:
    """Return which parameters of a model are embedding tables, and which columns read them.

    This is the `tables=` of `moo.fit`, `moo.sparse.gather` and `moo.sparse.make_step`; give them
    `padding=-1`, as lists of ids are padded with -1. Left out is a table whose ids the model
    uses as numbers, too, as STAR does with a row's domain.

    Args:
        model: a model of `moo.models`, or a function that makes one, as `functional` takes.
        min_rows: tables with fewer rows are left out, too: a batch reads most of their rows.

    Returns:
        A table's path in the parameters of `functional`, with dots -> columns of a batch.

    Raises:
        TypeError: if `model` is no `nnx.Module`, nor makes one, or `min_rows` is no int.
        ValueError: if `min_rows` is below 1.

    Example:
        >>> from types import SimpleNamespace
        >>> from flax import nnx
        >>> import moo
        >>> item = SimpleNamespace(name="item", kind="categorical", vocabulary=50)
        >>> seen = SimpleNamespace(name="seen", kind="sequence", vocabulary=50, of="item")
        >>> model = moo.models.ESMM(columns=[item, seen], rngs=nnx.Rngs(0))
        >>> moo.models.embedding_tables(model)
        {'features.tables.item.embedding': ['item', 'seen']}
    """
    check_count("min_rows", min_rows)
    nodes = list(nnx.iter_graph(outline(model)))
    readers = _readers(node.reads() for _, node in nodes if hasattr(node, "reads"))
    return {
        ".".join(map(str, (*path, "tables", name, "embedding"))): readers[name]
        for path, layer in nodes
        if isinstance(layer, FeatureLayer)
        for name, table in layer.tables.items()
        if name in readers and table.num_embeddings >= max(2, min_rows)
    }


def _readers(reads: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return a table's column -> the columns that read it, if all of them only do that."""
    pairs = {pair for read in reads for pair in read.items()}
    plain = {column for column, table in pairs if not table}
    readers: dict[str, list[str]] = {}
    for column, table in sorted(pairs):
        readers.setdefault(table, []).append(column)
    return {table: found for table, found in readers.items() if plain.isdisjoint(found)}
