"""The state of a run in one file: a pytree of arrays as an npz, checked to the last bit.

The file is an ordinary npz, readable by `numpy.load`. Each leaf is an entry; `manifest` holds their
paths, dtypes and kinds of random keys as JSON, beside the caller's own facts. The archive's comment
is the sha256 of all bytes before it: npz's own CRCs cover the arrays, but not the headers.
"""

import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.runner._cell import canonical
from benchmarks.runner._journal import DamagedError
from moo._files import write_atomically
from moo._types import is_typed_key

_FORMAT = "moo.Checkpoint/1"
_DIGEST = hashlib.sha256().digest_size * 2


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that has been read and checked.

    Attributes:
        path: where it was read from.
        facts: what the caller stored beside the leaves.
        leaves: path of each leaf -> (what the manifest says of it, its bytes as an array).
    """

    path: Path
    facts: dict[str, Any]
    leaves: dict[str, tuple[dict[str, Any], np.ndarray]]

    def restore(self, template: Any) -> Any:
        """Return the leaves in the structure of a template.

        Args:
            template: pytree of arrays, or of `jax.ShapeDtypeStruct`, as from `jax.eval_shape`.

        Raises:
            ValueError: if a leaf is missing, unknown, or of another shape or dtype; it is named.
        """
        expected, structure = jax.tree_util.tree_flatten_with_path(template)
        named = {jax.tree_util.keystr(path): leaf for path, leaf in expected}
        for name, leaf in named.items():
            self._check(name, leaf)
        if unknown := sorted(self.leaves.keys() - named.keys()):
            raise ValueError(f"{self.path} holds the leaf {unknown[0]}, which the template has not")
        leaves = [_unpacked(*self.leaves[name]) for name in named]
        return jax.tree.unflatten(structure, leaves)

    def _check(self, name: str, leaf: Any) -> None:
        if name not in self.leaves:
            raise ValueError(f"{self.path} holds no leaf {name}, which the template has")
        stored = self.leaves[name][0]
        wanted = {"shape": list(np.shape(leaf)), "dtype": str(leaf.dtype)}
        for fact, value in wanted.items():
            if stored[fact] != value:
                raise ValueError(
                    f"{self.path}: leaf {name} has {fact} {stored[fact]}, the template {value}"
                )


def save(path: Path, tree: Any, facts: Mapping[str, Any] | None = None) -> None:
    """Write a pytree of arrays atomically: the file before it stays until this one is complete.

    Args:
        path: the file.
        tree: pytree whose leaves are arrays of any dtype, typed random keys among them.
        facts: what JSON can hold, such as the step.

    Raises:
        TypeError: if a leaf is no array.
        OSError: if it cannot be written; the file before it stays.
    """
    described, arrays = [], {}
    for index, (where, leaf) in enumerate(jax.tree_util.tree_flatten_with_path(tree)[0]):
        fact, array = _packed(jax.tree_util.keystr(where), leaf)
        described.append(fact)
        arrays[f"leaf{index}"] = array
    manifest = canonical({"format": _FORMAT, "facts": dict(facts or {}), "leaves": described})
    write_atomically(path, _sealed({"manifest": np.array(manifest), **arrays}))


def load(path: Path) -> Checkpoint:
    """Read a checkpoint and check every bit of it.

    Raises:
        DamagedError: if the file is not as it was written.
    """
    return _opened(path, path.read_bytes())


def _opened(path: Path, content: bytes) -> Checkpoint:
    digest = hashlib.sha256(content[:-_DIGEST]).hexdigest()
    if len(content) <= _DIGEST or content[-_DIGEST:] != digest.encode():
        raise DamagedError(f"{path} is damaged: its sha256 does not hold")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        manifest = json.loads(str(stored["manifest"]))
        if manifest.get("format") != _FORMAT:
            raise DamagedError(f"{path} is of format {manifest.get('format')!r}, not {_FORMAT!r}")
        leaves = {
            fact["path"]: (fact, stored[f"leaf{index}"])
            for index, fact in enumerate(manifest["leaves"])
        }
    return Checkpoint(path, manifest["facts"], leaves)


def _packed(name: str, leaf: Any) -> tuple[dict[str, Any], np.ndarray]:
    """Return what the manifest says of a leaf, and an array that npz can hold."""
    if not hasattr(leaf, "dtype") or not hasattr(leaf, "shape"):
        raise TypeError(f"leaf {name} must be an array, got {type(leaf).__name__}")
    fact = {"path": name, "dtype": str(leaf.dtype), "shape": list(leaf.shape), "key": None}
    if is_typed_key(leaf):
        return fact | {"key": str(jax.random.key_impl(leaf))}, np.asarray(jax.random.key_data(leaf))
    array = np.asarray(leaf)
    # npz knows numpy's own dtypes only; bfloat16 and its like travel as their bits.
    return fact, array.view(f"u{array.itemsize}") if array.dtype.kind == "V" else array


def _unpacked(fact: Mapping[str, Any], array: np.ndarray) -> Any:
    if fact["key"] is not None:
        return jax.random.wrap_key_data(jnp.asarray(array), impl=fact["key"])
    return array.view(jnp.dtype(fact["dtype"]))


def _sealed(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return the npz with the sha256 of all that stands before it as the archive's comment."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = bytes(_DIGEST)
    content = buffer.getvalue()[:-_DIGEST]
    return content + hashlib.sha256(content).hexdigest().encode()
