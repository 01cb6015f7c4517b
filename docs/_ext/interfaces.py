"""One page a public package, with every public name that has a docstring of its own."""

import importlib
import inspect

from rst import heading, toctree

from moo.aggregators import METHODS, SETS

PACKAGES = {
    "moo": "Jacobians, drivers, wrappers",
    "moo.aggregators": "Aggregators",
    "moo.diagnostics": "Diagnostics",
    "moo.diagnostics.theory": "The theory workbench",
    "moo.metrics": "Metrics",
    "moo.problems": "Problems",
    "moo.models": "Models",
    "moo.data": "Data",
    "moo.sparse": "Sparse embedding tables",
    "moo.parallel": "Many devices",
    "moo.plotting": "Plotting",
}


def pages() -> dict[str, str]:
    """Return path -> text."""
    found = {f"api/{package}": _page(package, title) for package, title in PACKAGES.items()}
    found["api/index"] = heading("Interfaces") + "\n" + toctree(PACKAGES)
    return found


def _page(package: str, title: str) -> str:
    module = importlib.import_module(package)
    public = module._PUBLIC
    parts = [heading(f"{package}: {title}"), inspect.getdoc(module).split("\n")[0] + "\n"]
    for name in sorted(public, key=str.lower):
        directive = _directive(package, name, getattr(module, name))
        if directive:
            parts.append(f".. {directive}:: {package}.{name}\n")
    return "\n".join(parts)


def _directive(package: str, name: str, found: object) -> str | None:
    """Return the directive, or None for what has its page elsewhere or is a plain table."""
    if name in METHODS or name in SETS or inspect.ismodule(found):
        return None
    if package == "moo.aggregators" and name in importlib.import_module("moo")._PUBLIC:
        return None
    if inspect.isclass(found):
        return "autoclass"
    return "autofunction" if callable(found) else None
