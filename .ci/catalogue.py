"""Write what the README says of the registry: the methods of each family, and how many.

Run `python .ci/catalogue.py` after adding a method; `--check` only says whether it is stale.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(<!-- methods -->\n).*?(<!-- /methods -->)", re.DOTALL)


def catalogue() -> str:
    """Return the table of families, with the counts of methods and of papers."""
    from moo.aggregators import METHODS, SETS
    from moo.aggregators._registry import FAMILIES

    every = METHODS | SETS
    papers = {method.paper for method in every.values()} - {"moo"}
    lines = [
        f"{len(every)} methods of {len(papers)} papers:",
        "",
        "| family | | methods |",
        "|---|---|---|",
    ]
    for family, title in FAMILIES.items():
        names = [f"`{name}`" for name, method in every.items() if method.family == family]
        lines.append(f"| {title.lower()} | {len(names)} | {', '.join(names)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the block, or check it; return 1 if `--check` found it stale."""
    parser = argparse.ArgumentParser(description="Write the README's list of methods.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    fresh = BLOCK.sub(lambda found: found[1] + catalogue() + found[2], text)
    if fresh == text:
        return 0
    print(f"{'stale' if check else 'wrote'}: {path.name}")
    if not check:
        path.write_text(fresh, encoding="utf-8")
    return int(check)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
