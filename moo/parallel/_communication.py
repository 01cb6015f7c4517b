"""What a compiled program moves between devices, read from its text."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import jax

_KINDS = "all-reduce|all-gather|reduce-scatter|all-to-all|collective-permute|collective-broadcast"
# The result of a pair of start and done is that of its done.
_COLLECTIVE = re.compile(rf"= (.+?) ({_KINDS})(?:-done)?\(")
_COMPUTATION = re.compile(r"^(ENTRY )?%?([\w.\-]+) .*\{$")
_CALLED = re.compile(r"(?:to_apply|body|calls|computation)=%?([\w.\-]+)")
_BRANCHES = re.compile(r"branch_computations=\{([^}]*)\}")
# Its start has named the computation already.
_FINISHED = re.compile(r" async-(?:update|done)\(")
_TRIPS = re.compile(r'"known_trip_count":\{"n":"(\d+)"')
_SHAPE = re.compile(r"\b([a-z]+\d*(?:e\d\w*)?)\[([\d,]*)\]")


class Traffic(NamedTuple):
    """Collectives of one kind: the calls in a run of the program, and the bytes they return."""

    calls: int
    bytes: int


def communication(compiled: jax.stages.Compiled) -> dict[str, Traffic]:
    r"""Count what a compiled program moves between its devices.

    A collective counts the bytes of its result on one device: k for an all-reduce of k bytes,
    for which a ring sends $2 k (n - 1) / n$ from each of n devices. One in a loop counts as often
    as the loop runs where the compiler knows that, else once; all branches of a conditional count.

    Args:
        compiled: a program, from `jax.jit(fn).lower(*args).compile()`.

    Returns:
        kind -> (calls, bytes) for the kinds that occur, such as `"all-reduce"` and `"all-gather"`;
        empty on one device.

    Raises:
        TypeError: if it is no compiled program.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> alone = jax.jit(jnp.sum).lower(jnp.ones(3)).compile()
        >>> moo.parallel.communication(alone)
        {}
    """
    if not isinstance(compiled, jax.stages.Compiled):
        raise TypeError(
            f"compiled must be a compiled program, got {type(compiled).__name__}: give "
            "jax.jit(fn).lower(*args).compile()"
        )
    entry, computations = _computations((compiled.as_text() or "").splitlines())
    counts, sizes = _traffic(entry, computations)
    return {kind: Traffic(counts[kind], sizes[kind]) for kind in sorted(counts)}


def _computations(lines: Iterable[str]) -> tuple[str, dict[str, list[str]]]:
    """Return the name of the program's entry, and the lines of each computation."""
    entry, name, found = "", "", {"": list[str]()}
    for line in lines:
        if start := _COMPUTATION.match(line):
            name = start[2]
            entry, found[name] = (name if start[1] else entry), []
        else:
            found[name].append(line)
    return entry, found


def _traffic(name: str, computations: dict[str, list[str]]) -> tuple[Counter[str], Counter[str]]:
    """Return counts and bytes by kind for one computation and those that it calls."""
    counts, sizes = Counter[str](), Counter[str]()
    for line in computations.get(name, ()):
        if own := _COLLECTIVE.search(line):
            counts[own[2]] += 1
            sizes[own[2]] += _num_bytes(own[1])
            continue
        times = int(trips[1]) if (trips := _TRIPS.search(line)) else 1
        for called in _called(line):
            inner, moved = _traffic(called, computations)
            counts.update({kind: times * count for kind, count in inner.items()})
            sizes.update({kind: times * size for kind, size in moved.items()})
    return counts, sizes


def _called(line: str) -> list[str]:
    """Return the computations that a line calls."""
    if _FINISHED.search(line):
        return []
    branches = _BRANCHES.search(line)
    listed = branches[1].replace("%", "").split(", ") if branches else []
    return [*_CALLED.findall(line), *listed]


def _num_bytes(shapes: str) -> int:
    """Return the bytes of a result, one array or a tuple of them."""
    return sum(
        _item_bits(dtype) * math.prod(int(n) for n in dims.split(",") if n) // 8
        for dtype, dims in _SHAPE.findall(shapes)
    )


def _item_bits(dtype: str) -> int:
    """Return the bits of an entry: the first number of its type's name, eight for `pred`."""
    digits = re.search(r"\d+", dtype)
    return int(digits[0]) if digits else 8
