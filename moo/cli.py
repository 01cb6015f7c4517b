"""The `moo` command: what is there, and how to cite it. Imports neither jax nor numpy."""

import argparse
import functools
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from moo._names import find_name
from moo._version import __version__


class Listing(NamedTuple):
    """Where registries live, and which fields of their records to show before the summary."""

    package: str
    registries: tuple[str, ...]
    fields: tuple[str, ...] = ()


LISTINGS = {
    "methods": Listing(
        "moo.aggregators", ("METHODS", "SETS"), ("family", "needs", "backward_passes", "scale")
    ),
    "problems": Listing("moo.problems", ("PROBLEMS",)),
    "models": Listing("moo.models", ("MODELS",), ("kind",)),
    "datasets": Listing("moo.data", ("DATASETS",)),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the `moo` command.

    Args:
        argv: arguments after the command's name; those of the process if None.

    Returns:
        The exit status: 0, or 2 for an unknown name, or where no method could be profiled.

    Example:
        >>> main(["cite", "mean"])  # doctest: +ELLIPSIS
        @article{caruana1997multitask,
        ...
        0
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        parser.print_help()
        return 0
    try:
        print(arguments.answer(arguments), flush=True)
    except _TheirsError as raised:
        raise raised.error from None
    except ValueError as error:
        print(f"moo: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (head, less) left; nothing may be flushed to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="moo", description="Multi-objective optimization of differentiable models in JAX."
    )
    parser.add_argument("--version", action="version", version=f"moo {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    listing = commands.add_parser("list", help="list what moo holds")
    listing.add_argument("kind", nargs="?", choices=LISTINGS, help="all kinds, counted, if absent")
    listing.set_defaults(answer=lambda arguments: _list(arguments.kind))
    cite = commands.add_parser("cite", help="print the BibTeX entries of methods and models")
    cite.add_argument(
        "names", nargs="+", metavar="NAME", help="a name of `moo list methods` or `moo list models`"
    )
    cite.set_defaults(answer=lambda arguments: _cite(arguments.names))
    costs = commands.add_parser("profile", help="what a step of a model costs under each method")
    costs.add_argument(
        "target", metavar="MODULE:FUNCTION",
        help="a function of yours that returns (objectives, params, *args), args being a batch",
    )  # fmt: skip
    costs.add_argument("methods", nargs="*", metavar="METHOD", help="names (default: some common)")
    costs.add_argument("--repeats", type=int, default=20, help="timed steps (default 20)")
    costs.add_argument(
        "--batched", action="store_true",
        help="all args have the batch as their first axis, for methods that split it",
    )  # fmt: skip
    costs.add_argument("--engine", help="how gradients are taken: auto, unroll, scan or vmap")
    costs.add_argument("--gram", help="how the Gramian is taken: rows, jvp or auto")
    costs.add_argument(
        "--memory", type=int, help="bytes of rows up to which --gram auto keeps them"
    )
    costs.set_defaults(answer=_profile)
    return parser


def _registry(listing: Listing) -> Mapping[str, Any]:
    package = importlib.import_module(listing.package)
    return {name: record for found in listing.registries for name, record in
            getattr(package, found).items()}  # fmt: skip


def _list(kind: str | None) -> str:
    """Table of one registry, or the size of each."""
    if kind is None:
        sizes = ((name, len(_registry(listing))) for name, listing in LISTINGS.items())
        return _table(("kind", "entries"), sizes)
    listing = LISTINGS[kind]
    fields = (*listing.fields, "summary")
    rows = (
        (name, *(getattr(record, field) for field in fields))
        for name, record in _registry(listing).items()
    )
    return _table(("name", *(field.replace("_", " ") for field in fields)), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Left-aligned columns, two spaces apart."""
    cells = [header, *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _cite(names: Sequence[str]) -> str:
    """BibTeX entries of the papers of methods and models, each once."""
    citable = {**_registry(LISTINGS["models"]), **_registry(LISTINGS["methods"])}
    keys = dict.fromkeys(find_name("method or model", name, citable).paper for name in names)
    entries = bibliography()
    return "\n\n".join(entries[key] for key in keys)


def _profile(arguments: argparse.Namespace) -> str:
    """Table of what a step of somebody's model costs under each method."""
    from moo._profile import PROFILED, known_methods

    names = known_methods(arguments.methods or PROFILED)
    costs, left = _measured(_made(arguments.target), names, arguments)
    if not costs:
        raise ValueError("\n".join(left))
    return "\n".join([_cost_table(costs), *left])


def _measured(
    made: tuple[Any, ...], names: Sequence[str], arguments: argparse.Namespace
) -> tuple[list[Any], list[str]]:
    """Return the costs of the methods that can be profiled, and why the others cannot."""
    import optax

    from moo._profile import prepare

    objectives, params, *args = made
    given = {name: getattr(arguments, name) for name in ("engine", "gram", "memory")}
    options = {name: value for name, value in given.items() if value is not None}
    if arguments.batched:
        options["batched"] = [True] * len(args)
    work = prepare(objectives, params, tuple(args), arguments.repeats, options, {})
    costs, left = [], []
    for name in names:
        try:
            costs.append(work.cost(name, optax.sgd(1e-3), {}))
        except (ValueError, TypeError) as error:
            left.append(f"{name}: not profiled: {error}")
    return costs, left


def _cost_table(costs: Iterable[Any]) -> str:
    header = ("method", "backward passes", "engine", "Mflop", "temporaries MB", "compile s",
              "step ms", "solver share")  # fmt: skip
    return _table(header, (
        (cost.method, cost.backward_passes, cost.engine, _known(cost.flops / 1e6, ".4g"),
         f"{cost.temporaries / 1e6:.3g}", f"{cost.compilation:.2g}", f"{cost.milliseconds:.3g}",
         _known(cost.solver, ".0%"))
        for cost in costs
    ))  # fmt: skip


def _known(value: float, form: str) -> str:
    return "–" if value != value else format(value, form)


class _TheirsError(Exception):
    """Takes an error of the user's own code past the handling of moo's errors."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


def _made(target: str) -> tuple[Any, ...]:
    """Call the function that `MODULE:FUNCTION` names."""
    made = _theirs(_found(target))
    if not isinstance(made, tuple) or len(made) < 2:
        raise ValueError(f"{target} must return (objectives, params, *args), got {type(made)}")
    return made


def _theirs(call: Callable[[], Any], *told: type[Exception]) -> Any:
    """Run code of the user's: errors but those of types `told` come through as they are."""
    try:
        return call()
    except told:
        raise
    except Exception as error:
        raise _TheirsError(error) from error


def _found(target: str) -> Callable[[], Any]:
    """Return what `MODULE:FUNCTION` names, if it can be called without arguments."""
    name, _, attribute = target.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        if not name:
            raise ImportError("no module is named")
        module = _theirs(functools.partial(importlib.import_module, name), ImportError)
        function = getattr(module, attribute)
        inspect.signature(function).bind()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ValueError(
            f"{target!r} must be MODULE:FUNCTION, a function without arguments: {error}"
        ) from error
    found: Callable[[], Any] = function
    return found


def bibliography() -> dict[str, str]:
    """Return the BibTeX entries that ship with moo, by key.

    Returns:
        Key -> text of the entry, from its `@` to its closing brace.

    Example:
        >>> bibliography()["yu2020gradient"].splitlines()[1].strip()
        'title     = {Gradient Surgery for Multi-Task Learning},'
    """
    text = Path(__file__).with_name("references.bib").read_text(encoding="utf-8")
    entries = ("@" + entry.strip().removeprefix("@") for entry in text.split("\n@"))
    return {entry[entry.index("{") + 1 : entry.index(",")]: entry for entry in entries}
