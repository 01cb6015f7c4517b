"""RDKit, which only those need who read or draw structures of molecules."""

import importlib
from contextlib import AbstractContextManager
from typing import Any, cast


def rdkit(module: str) -> Any:
    """Import a module of RDKit.

    Args:
        module: its name below `rdkit`, such as `"Chem"`.

    Raises:
        ModuleNotFoundError: if RDKit is not installed; says how to install it.
    """
    try:
        return importlib.import_module(f"rdkit.{module}")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'structures of molecules need RDKit: pip install "moo-jax[chem]"', name=error.name
        ) from error


def molecule(smiles: str) -> Any:
    """Return RDKit's molecule of a structure, or None where RDKit cannot read it.

    RDKit's own messages, which it prints, are held back.
    """
    with silent():
        return rdkit("Chem").MolFromSmiles(smiles)


def silent() -> AbstractContextManager[Any]:
    """Return a context in which RDKit prints no messages of its own."""
    return cast(AbstractContextManager[Any], rdkit("rdBase").BlockLogs())
