"""The front page: every paper with its claims, how many survive, cost and a figure."""

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from moo._files import write_atomically
from papers._claims import STATUSES
from papers._paper import ROOT, Paper

PAGE = ROOT / "README.md"
_INTRO = """\
# Published claims, rerun

Each folder takes the claims of one paper and makes each a check that can fail: what is claimed,
where it stands, what was measured here, and the range that a rerun must fall into
(`expected.json`). A claim *matches* where the statement holds here, and *differs* where it does
not survive as stated; then the check is the counterexample, with its conditions. Places that were
not read in the paper or in its authors' code are marked, and no number is quoted from them.

```
python -m papers list
python -m papers check            # all claims; one paper: its key; small sizes: --smoke
python -m papers figure cagrad
```

Tables on NYUv2, Cityscapes, QM9, CelebA, Office, MT10, MultiMNIST and Ali-CCP are out of reach
here: nothing is said of them.

"""


def show(chosen: Sequence[Paper], page: str | None) -> int:
    """Print the list, or write or check the front page; 1 if the check finds it stale."""
    if page is None:
        Console().print(_table(chosen))
        return 0
    fresh = render(chosen)
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == fresh:
        return 0
    print(f"{'stale' if page == 'check' else 'wrote'}: papers/{PAGE.name}")
    if page == "write":
        write_atomically(PAGE, fresh.encode())
    return int(page == "check")


def render(chosen: Sequence[Paper]) -> str:
    """Return the front page in Markdown."""
    columns = ("paper", "claims", *STATUSES, "cost", "")
    lines = [_INTRO + _summary(chosen), "", f"| {' | '.join(columns)} |",
             "|:--|--:|--:|--:|--:|--:|:--|"]  # fmt: skip
    for paper in chosen:
        told = " | ".join(map(str, counts(paper)))
        link = f"[{paper.title}]({paper.key}/README.md)"
        seconds = f"{paper.settings['full']['seconds']} s"
        lines.append(f"| {link} | {len(paper.claims)} | {told} | {seconds} | {_thumbnail(paper)} |")
    lines += ["", "## What differs, and under which conditions", ""]
    for paper in chosen:
        lines += [
            f"- **{claim.key}**, {paper.title}, {claim.place}: {claim.claim} {claim.note}".rstrip()
            for claim in paper.claims
            if claim.status == "differs"
        ]
    return "\n".join(lines) + "\n"


def counts(paper: Paper) -> tuple[int, ...]:
    """Return how many claims match, differ, and are not run."""
    return tuple(sum(claim.status == status for claim in paper.claims) for status in STATUSES)


def _summary(chosen: Sequence[Paper]) -> str:
    claims = [claim for paper in chosen for claim in paper.claims]
    published = [claim for claim in claims if claim.source != "own"]
    read = sum(claim.read for claim in published)
    matches, differs, left = (sum(c.status == status for c in claims) for status in STATUSES)
    return (
        f"{len(claims)} claims of {len(chosen)} papers: {matches} match, {differs} differ, "
        f"{left} are not run. Of {len(published)} published claims {read} stand at a place that "
        f"was read; {len(claims) - len(published)} are instances of our own."
    )


def _thumbnail(paper: Paper) -> str:
    drawn: list[Path] = sorted((paper.folder / "figures").glob("*.svg"))
    if not drawn:
        return ""
    where = f"{paper.key}/figures/{drawn[0].name}"
    return f'<a href="{where}"><img src="{where}" width="160" alt="{drawn[0].stem}"></a>'


def _table(chosen: Sequence[Paper]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, caption=_summary(chosen))
    for name in ("key", "paper", "claims", *STATUSES):
        table.add_column(name, justify="left" if name in ("key", "paper") else "right")
    for paper in chosen:
        table.add_row(paper.key, paper.title, *map(str, (len(paper.claims), *counts(paper))))
    return table
