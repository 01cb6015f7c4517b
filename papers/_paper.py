"""A paper's folder: what it cites, how large its checks are, its claims and its code."""

import functools
import importlib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from moo._names import find_name
from papers._claims import Claim, read_claims

ROOT = Path(__file__).parent
Settings = Mapping[str, Any]


class Paper(NamedTuple):
    """One folder.

    Attributes:
        key: the folder's name.
        title: of the paper.
        cite: its key in `moo/references.bib`.
        x64: whether its checks need double precision.
        settings: sizes of the checks by scale, `full` and `smoke`.
        claims: what is checked.
    """

    key: str
    title: str
    cite: str
    x64: bool
    settings: Mapping[str, Settings]
    claims: list[Claim]

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return ROOT / self.key

    def measure(self, *, smoke: bool) -> dict[str, float]:
        """Run its checks and return what they measured, by quantity."""
        with precision(self.x64):
            found = self._code().measure(self.settings["smoke" if smoke else "full"])
        return {name: float(value) for name, value in found.items()}

    def figures(self, *, smoke: bool = False) -> dict[str, Figure]:
        """Draw its figures, by name."""
        draw: Callable[[Settings], dict[str, Figure]] | None
        draw = getattr(self._code(), "figures", None)
        with precision(self.x64):
            return {} if draw is None else draw(self.settings["smoke" if smoke else "full"])

    def _code(self) -> Any:
        return importlib.import_module(f"papers.{self.key}.reproduce")


class precision:
    """A context in which JAX computes in double precision, or in single."""

    def __init__(self, x64: bool) -> None:
        self._x64 = x64

    def __enter__(self) -> None:
        import jax

        self._before = jax.config.jax_enable_x64
        jax.config.update("jax_enable_x64", self._x64)

    def __exit__(self, *_: object) -> None:
        import jax

        jax.config.update("jax_enable_x64", self._before)


@functools.cache
def papers() -> dict[str, Paper]:
    """Return all papers by key, in the order of their names."""
    return {path.parent.name: _read(path.parent) for path in sorted(ROOT.glob("*/config.toml"))}


def find(keys: list[str]) -> list[Paper]:
    """Return papers by key; all of them where none is given.

    Raises:
        ValueError: if a key is unknown; the message has the nearest ones.
    """
    known = papers()
    return [find_name("paper", key, known) for key in keys] or list(known.values())


def _read(folder: Path) -> Paper:
    found = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))
    sizes = {"full": found["full"], "smoke": {**found["full"], **found.get("smoke", {})}}
    claims = read_claims(folder / "expected.json")
    return Paper(folder.name, found["title"], found["cite"], found["x64"], sizes, claims)
