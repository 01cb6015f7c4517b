"""The commands: list, check, figure."""

import argparse
import sys

import moo.plotting
from papers import _page
from papers._check import check
from papers._paper import Paper, find


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m papers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    listed = commands.add_parser("list", help="papers, with how many claims match and differ")
    listed.add_argument("--page", choices=("write", "check"), help="write or check README.md")
    checked = commands.add_parser("check", help="rerun claims; exit 1 if one fails")
    checked.add_argument("keys", nargs="*", metavar="KEY", help="papers (default all)")
    _add_sizes(checked)
    drawn = commands.add_parser("figure", help="draw a paper's figures into its folder")
    drawn.add_argument("keys", nargs="+", metavar="KEY", help="papers")
    given = parser.parse_args(arguments)
    try:
        chosen = find(getattr(given, "keys", []))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if given.command == "check":
        return check(chosen, smoke=given.smoke, record=given.record)
    if given.command == "figure":
        return _draw(chosen)
    return _page.show(chosen, given.page)


def reproduce(key: str) -> int:
    """Check one paper and draw its figures: what `python -m papers.KEY.reproduce` does."""
    parser = argparse.ArgumentParser(prog=f"python -m papers.{key}.reproduce")
    _add_sizes(parser)
    given = parser.parse_args()
    failed = check(find([key]), smoke=given.smoke, record=given.record)
    return failed or (0 if given.smoke else _draw(find([key])))


def _add_sizes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--smoke", action="store_true", help="small sizes, in little time")
    parser.add_argument("--record", action="store_true", help="keep what a full check measured")


def _draw(chosen: list[Paper]) -> int:
    for paper in chosen:
        for name, figure in paper.figures().items():
            folder = paper.folder / "figures"
            folder.mkdir(exist_ok=True)
            print(moo.plotting.save(figure, folder / f"{name}.svg"))
    return 0
