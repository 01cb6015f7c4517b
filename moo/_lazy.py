"""Lazy public names: `import moo` costs nothing until a name is used."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def attach(
    package: str, table: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return the module-level `__getattr__`, `__dir__` and `__all__` of a lazy package.

    Args:
        package: `__name__` of the package.
        table: public name -> module that holds it. A name that maps to its own module,
            such as `"metrics": "moo.metrics"`, stands for that module.

    Returns:
        The three functions and lists to bind at the package's top level.

    Example:
        >>> import moo._lazy
        >>> get, names, _ = moo._lazy.attach("demo", {"sqrt": "math"})
        >>> names()
        ['sqrt']
    """

    def __getattr__(name: str) -> Any:
        if name not in table:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(table[name])
        value = module if table[name] == f"{package}.{name}" else getattr(module, name)
        if package in sys.modules:
            setattr(sys.modules[package], name, value)
        return value

    return __getattr__, lambda: sorted(table), sorted(table)
