import pytest

from papers import _command, _paper
from papers._check import check, compare
from papers._claims import Claim
from papers._page import counts
from papers._paper import Paper

CLAIM = Claim("A-1", "One.", "one", "paper", "Eq. (1)", True, 1.0, 1.0, 0.9, 1.1, "matches", "")
OTHER = CLAIM._replace(key="A-2", quantity="two", status="differs")


def paper(monkeypatch, found, *claims):
    """A paper whose code measures what is given."""
    code = type("code", (), {"measure": staticmethod(lambda settings: found)})
    monkeypatch.setattr(Paper, "_code", lambda self: code)
    return Paper("a", "A", "a2020", False, {"full": {}, "smoke": {}}, list(claims))


@pytest.mark.parametrize(("one", "two", "code"), [(1, 1, 0), (2, 1, 1), (1, 2, 1)])
def test_a_claim_of_either_status_that_fails_is_an_error(monkeypatch, capsys, one, two, code):
    given = paper(monkeypatch, {"one": one, "two": two}, CLAIM, OTHER)
    assert check([given], smoke=False) == code
    assert f"2 claims of 1 papers, {code} fail" in capsys.readouterr().out


def test_what_the_small_size_leaves_out_is_said(monkeypatch):
    given = paper(monkeypatch, {"one": 1.0}, CLAIM, OTHER)
    found = compare(given, given.measure(smoke=True), smoke=True)
    assert [one.said for one in found] == ["matches", "not run"]
    with pytest.raises(ValueError, match=r"too many: \[\], missing: \['two'\]"):
        compare(given, given.measure(smoke=False), smoke=False)


def test_a_claim_that_is_not_run_needs_no_measurement(monkeypatch):
    given = paper(monkeypatch, {"one": 1.0}, CLAIM, OTHER._replace(status="not run"))
    found = compare(given, given.measure(smoke=False), smoke=False)
    assert [one.said for one in found] == ["matches", "not run"]
    assert counts(given) == (1, 0, 1)


def test_a_quantity_without_a_claim_is_refused(monkeypatch):
    given = paper(monkeypatch, {"one": 1.0, "three": 3.0}, CLAIM)
    with pytest.raises(ValueError, match=r"too many: \['three'\]"):
        compare(given, given.measure(smoke=False), smoke=True)


def test_nan_fails(monkeypatch):
    assert check([paper(monkeypatch, {"one": float("nan")}, CLAIM)], smoke=False) == 1


def test_precision_is_what_it_was_before():
    import jax

    before = jax.config.jax_enable_x64
    with _paper.precision(not before):
        assert jax.config.jax_enable_x64 is not before
    assert jax.config.jax_enable_x64 is before


def test_an_unknown_paper_is_named_with_the_nearest(capsys):
    assert _command.main(["check", "cagrat"]) == 2
    assert "cagrad" in capsys.readouterr().err


def test_one_paper_is_checked_from_its_folder(capsys):
    assert _command.main(["check", "cagrad", "--smoke"]) == 0
    said = capsys.readouterr().out
    assert "11 claims of 1 papers, 0 fail" in said
    assert said.count("not run") == 6  # the toy
