"""Write the `__init__.pyi` of every lazy package of moo from its `_PUBLIC` table.

Run `python .ci/stubs.py` after changing a table; `--check` only says which stubs are stale.
"""

import argparse
import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADER = "# Made by .ci/stubs.py from the _PUBLIC table beside it."


def lazy_packages() -> Iterator[tuple[str, Path, Mapping[str, str]]]:
    """Yield the dotted name, the folder and the table of each package that has one."""
    for init in sorted((ROOT / "moo").rglob("__init__.py")):
        package = ".".join(init.parent.relative_to(ROOT).parts)
        table = getattr(importlib.import_module(package), "_PUBLIC", None)
        if table is not None:
            yield package, init.parent, table


def member_order(name: str) -> tuple[bool, bool, str]:
    """Order constants before classes before functions, as ruff sorts imports."""
    return not name.isupper(), not name[0].isupper(), name


def stub(package: str, table: Mapping[str, str]) -> str:
    """Return the text of one stub."""
    names = sorted(table, key=member_order)
    origin = {name: table[name].removesuffix(f".{name}") for name in names}
    if package == "moo":
        origin["__version__"] = "moo._version"
    imports = [
        f"from {origin[name]} import {name} as {name}"
        for name in sorted(origin, key=lambda name: (origin[name], member_order(name)))
    ]
    listed = [f'    "{name}",' for name in names]
    return "\n".join([HEADER, *imports, "", "__all__ = [", *listed, "]", ""])


def main() -> int:
    """Write the stubs, or check them; return 1 if `--check` found a stale one."""
    parser = argparse.ArgumentParser(description="Write the stubs of the lazy packages.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    status = 0
    for package, folder, table in lazy_packages():
        path, text = folder / "__init__.pyi", stub(package, table)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        print(f"{'stale' if check else 'wrote'}: {path.relative_to(ROOT)}")
        if check:
            status = 1
        else:
            path.write_text(text, encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
