import re

import pytest

import moo
from moo.data import DATASETS, DataError


def test_unknown_name():
    with pytest.raises(ValueError, match="unknown data set 'kuairand'; did you mean kuairand"):
        moo.data.load("kuairand")


NEEDS_ROOT = [name for name, entry in DATASETS.items() if entry.needs_root]
# Its training images may come from an installed package.
OPTIONS = {"multi_mnist": {"part": "test"}}


@pytest.mark.parametrize("name", NEEDS_ROOT)
def test_missing_root_says_what_to_set(name, monkeypatch, tmp_path):
    monkeypatch.delenv("MOO_DATA_ROOT", raising=False)
    hint = (
        rf"\nset root= or MOO_DATA_ROOT to the folder .* from {re.escape(DATASETS[name].source)}$"
    )
    with pytest.raises(DataError, match=f"{name}: no folder to read it from{hint}"):
        moo.data.load(name)
    with pytest.raises(DataError, match=f"absent is not a folder{hint}"):
        moo.data.load(name, tmp_path / "absent")


@pytest.mark.parametrize("name", NEEDS_ROOT)
def test_missing_file_says_what_to_set(name, monkeypatch, tmp_path):
    monkeypatch.setenv("MOO_DATA_ROOT", str(tmp_path))
    with pytest.raises(DataError, match=r"is not in .*\nset root= or MOO_DATA_ROOT") as caught:
        moo.data.load(name, **OPTIONS.get(name, {}))
    assert str(caught.value).count("\n") == 1


def test_what_ships_needs_no_root(monkeypatch):
    monkeypatch.delenv("MOO_DATA_ROOT", raising=False)
    assert len(moo.data.load("adult", part="test")) == 16_281


def test_what_ships_refuses_a_root(tmp_path):
    with pytest.raises(ValueError, match=r"adult ships with the package .*: leave out root"):
        moo.data.load("adult", root=tmp_path)


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("adult", "part"),
        ("census_income", "part, household"),
        ("coat", "part, rated_only"),
        ("hillstrom", "no options"),
        ("kuairand_pure", "part"),
        ("kuairand_subset", "liked_only"),
        ("multi_mnist", "part, size, seed"),
        ("multi_target", "table"),
    ],
)
def test_unknown_option_names_those_there_are(name, takes):
    with pytest.raises(TypeError, match=f"{name} has no option parts; it takes {takes}$"):
        moo.data.load(name, parts="test")


def test_a_name_is_a_str():
    with pytest.raises(TypeError, match="data set name must be a str, got int"):
        moo.data.load(3)
