"""Feature columns as the models see them, and the checks of their values in a batch."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import jax
import jax.numpy as jnp

from moo._concrete import concrete

FEATURE_KINDS = ("categorical", "multi", "sequence", "numeric", "content")
ID_KINDS = ("categorical", "multi", "sequence")
_SHAPES = {"multi": "(n, L)", "multi_weight": "(n, L)", "sequence": "(n, L)", "content": "(n, W)"}


class Column(Protocol):
    """What a model reads of a column: any object with these three attributes will do.

    Where it has them, `width` (content) and `of` (multi_weight, sequence) are read too.
    """

    @property
    def name(self) -> str:
        """Key of the column in a batch."""

    @property
    def kind(self) -> str:
        """One of `FEATURE_KINDS` or `"multi_weight"`; other kinds are no features."""

    @property
    def vocabulary(self) -> int | None:
        """Number of ids of a categorical, multi-valued or sequence column, else None."""


@dataclass(frozen=True)
class Feature:
    """A checked column: what the layers keep of it."""

    name: str
    kind: str
    vocabulary: int = 0
    width: int = 1  # numbers a row: 1 of a numeric column, W of a content vector
    table: str = ""  # column whose embedding table its ids read
    weight: str = ""  # multi_weight column that weighs its ids


def feature_columns(columns: Iterable[Column]) -> tuple[Feature, ...]:
    """Return the columns that are features, in their order, checked."""
    known = [column for column in columns if column.kind in (*FEATURE_KINDS, "multi_weight")]
    names = [column.name for column in known]
    if len(set(names)) < len(names):
        raise ValueError(f"columns must have distinct names, got {names}")
    weights = _weights(known)
    features = tuple(
        Feature(
            name=column.name,
            kind=column.kind,
            vocabulary=_vocabulary(column),
            width=_width(column),
            table=_table(column, known),
            weight=weights.get(column.name, ""),
        )
        for column in known
        if column.kind in FEATURE_KINDS
    )
    if not features:
        raise ValueError(
            f"columns must hold at least one feature ({', '.join(FEATURE_KINDS)}), got none"
        )
    return features


def _vocabulary(column: Column) -> int:
    if column.kind not in ID_KINDS:
        return 0
    if column.vocabulary is None or column.vocabulary < 1:
        raise ValueError(
            f"column {column.name!r} is {column.kind} and needs a vocabulary of at least 1, "
            f"got {column.vocabulary}"
        )
    return column.vocabulary


def _width(column: Column) -> int:
    width = getattr(column, "width", None)
    if column.kind != "content":
        return 1
    if width is None or width < 1:
        raise ValueError(
            f"column {column.name!r} is content and needs a width of at least 1, got {width}"
        )
    return int(width)


def _weights(columns: Sequence[Column]) -> dict[str, str]:
    """Name of each weighed multi column -> its weights."""
    multi = {column.name for column in columns if column.kind == "multi"}
    weights: dict[str, str] = {}
    for column in columns:
        if column.kind != "multi_weight":
            continue
        of = getattr(column, "of", None)
        if of not in multi:
            raise ValueError(
                f"column {column.name!r} must weigh a multi column, got of={of!r}; "
                f"the multi columns are {sorted(multi)}"
            )
        if of in weights:
            raise ValueError(f"columns {weights[of]!r} and {column.name!r} both weigh {of!r}")
        weights[of] = column.name
    return weights


def _table(column: Column, columns: Sequence[Column]) -> str:
    """Name of the column whose table holds the ids, "" without ids."""
    of = getattr(column, "of", None)
    if column.kind not in ID_KINDS:
        return ""
    if column.kind != "sequence" or of is None:
        return column.name
    listed = {other.name: other.vocabulary for other in columns if other.kind == "categorical"}
    if of not in listed or listed[of] != column.vocabulary:
        raise ValueError(
            f"column {column.name!r} must list ids of a categorical column with its vocabulary, "
            f"{column.vocabulary}, got of={of!r}; the categorical columns are {listed}"
        )
    return of


def read_columns(
    features: Iterable[Feature], batch: Mapping[str, jax.Array]
) -> dict[str, jax.Array]:
    """Return the features' columns of a batch, and their weights, after checking each."""
    values = {}
    for feature in features:
        column = values[feature.name] = _column(feature.name, feature.kind, batch)
        if feature.kind in ID_KINDS:
            _check_ids(feature, column)
        if feature.kind == "content" and column.shape[1] != feature.width:
            raise ValueError(
                f"batch[{feature.name!r}] must hold vectors of width {feature.width}, "
                f"got {column.shape[1]}"
            )
        if feature.weight:
            weight = values[feature.weight] = _column(feature.weight, "multi_weight", batch)
            if weight.shape[1] != column.shape[1]:
                raise ValueError(
                    f"batch[{feature.weight!r}] must hold a weight for each place of "
                    f"{feature.name!r}, {column.shape[1]}, got {weight.shape[1]}"
                )
    _check_rows_agree(values)
    return values


def _column(name: str, kind: str, batch: Mapping[str, jax.Array]) -> jax.Array:
    """One column of a batch after checking its presence, rank and dtype."""
    if name not in batch:
        raise ValueError(
            f"batch has no column {name!r}, which the model reads; it has {sorted(batch)}"
        )
    values = jnp.asarray(batch[name])
    if values.ndim != (2 if kind in _SHAPES else 1):
        shape = _SHAPES.get(kind, "(n,)")
        raise ValueError(
            f"batch[{name!r}] is {kind} and must have shape {shape}, got {values.shape}"
        )
    if kind in ID_KINDS and not jnp.issubdtype(values.dtype, jnp.integer):
        raise TypeError(f"batch[{name!r}] must hold integer ids, got {values.dtype}")
    return values


def _check_rows_agree(columns: Mapping[str, jax.Array]) -> None:
    """Raise, with its name, if a column has another number of rows than most of the others."""
    rows = {name: values.shape[0] for name, values in columns.items()}
    usual, _ = Counter(rows.values()).most_common(1)[0]
    for name, found in rows.items():
        if found != usual:
            raise ValueError(
                f"batch[{name!r}] must have as many rows as the other columns, {usual}, got {found}"
            )


def _check_ids(feature: Feature, ids: jax.Array) -> None:
    """Raise if ids that are not traced lie outside the vocabulary; lists pad with -1."""
    values = concrete(ids)
    if values is None or not values.size:
        return
    lowest = 0 if feature.kind == "categorical" else -1
    for extreme in (int(values.min()), int(values.max())):
        if not lowest <= extreme < feature.vocabulary:
            raise ValueError(
                f"batch[{feature.name!r}] must hold ids in [0, {feature.vocabulary}), got {extreme}"
            )
