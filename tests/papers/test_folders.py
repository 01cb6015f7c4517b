import re
from pathlib import Path

import pytest

from papers._check import check
from papers._page import PAGE, render
from papers._paper import papers

REFERENCES = Path(__file__).parents[2] / "moo" / "references.bib"
LINES = 150


@pytest.mark.parametrize("key", papers())
def test_a_folder_is_whole(key):
    paper = papers()[key]
    text = (paper.folder / "README.md").read_text(encoding="utf-8")
    assert f"python -m papers check {key}" in text
    drawn = re.findall(r"\]\((figures/[^)]+)\)", text)
    assert all((paper.folder / name).is_file() for name in drawn)
    assert {f"figures/{one.name}" for one in paper.folder.glob("figures/*")} == set(drawn)
    code = (paper.folder / "reproduce.py").read_text(encoding="utf-8")
    assert code.count("\n") <= LINES
    assert f"{{{paper.cite}," in REFERENCES.read_text(encoding="utf-8")
    assert paper.claims


@pytest.mark.parametrize("key", papers())
def test_no_number_is_quoted_from_a_place_that_was_not_read(key):
    for claim in papers()[key].claims:
        assert claim.read or claim.paper is None, claim.key


def test_claims_have_names_of_their_own():
    keys = [claim.key for paper in papers().values() for claim in paper.claims]
    assert len(set(keys)) == len(keys)


def test_the_front_page_is_what_the_claims_say():
    assert PAGE.read_text(encoding="utf-8") == render(list(papers().values()))


@pytest.mark.conformance
def test_all_claims_hold_at_the_small_size():
    assert check(list(papers().values()), smoke=True) == 0
