"""The front page: every paper with its claims, how many survive, cost and a figure."""

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from moo._files import write_atomically
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
    lines = [_INTRO + _summary(chosen), "", "| paper | claims | matches | differs | cost | |",
             "|:--|--:|--:|--:|--:|:--|"]  # fmt: skip
    for paper in chosen:
        matches, differs = counts(paper)
        link = f"[{paper.title}]({paper.key}/README.md)"
        seconds = f"{paper.settings['full']['seconds']} s"
        lines.append(
            f"| {link} | {len(paper.claims)} | {matches} | {differs} | {seconds} | "
            f"{_thumbnail(paper)} |"
        )
    lines += ["", "## What differs, and under which conditions", ""]
    for paper in chosen:
        lines += [
            f"- **{claim.key}**, {paper.title}, {claim.place}: {claim.claim} {claim.note}".rstrip()
            for claim in paper.claims
            if claim.status == "differs"
        ]
    return "\n".join(lines) + "\n"


def counts(paper: Paper) -> tuple[int, int]:
    """Return how many claims match, and how many differ."""
    matches = sum(claim.status == "matches" for claim in paper.claims)
    return matches, len(paper.claims) - matches


def _summary(chosen: Sequence[Paper]) -> str:
    claims = [claim for paper in chosen for claim in paper.claims]
    published = [claim for claim in claims if claim.source != "own"]
    read = sum(claim.read for claim in published)
    differs = sum(claim.status == "differs" for claim in claims)
    return (
        f"{len(claims)} claims of {len(chosen)} papers, all run: {len(claims) - differs} match, "
        f"{differs} differ. Of {len(published)} published claims {read} stand at a place that was "
        f"read; {len(claims) - len(published)} are instances of our own."
    )


def _thumbnail(paper: Paper) -> str:
    drawn: list[Path] = sorted((paper.folder / "figures").glob("*.svg"))
    if not drawn:
        return ""
    where = f"{paper.key}/figures/{drawn[0].name}"
    return f'<a href="{where}"><img src="{where}" width="160" alt="{drawn[0].stem}"></a>'


def _table(chosen: Sequence[Paper]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, caption=_summary(chosen))
    for name in ("key", "paper", "claims", "matches", "differs"):
        table.add_column(name, justify="left" if name in ("key", "paper") else "right")
    for paper in chosen:
        matches, differs = counts(paper)
        table.add_row(paper.key, paper.title, str(len(paper.claims)), str(matches), str(differs))
    return table
