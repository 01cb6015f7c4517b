import dataclasses

import pytest

from moo.data import PRESETS
from moo.data._presets import Preset, choose


@pytest.mark.parametrize(
    ("name", "rates"),
    [("alicpp_like", (0.04, 0.005)), ("shop", (0.15, 0.10)), ("short_video", (0.5, 0.5))],
)
def test_rates(name, rates):
    assert (PRESETS[name].ctr, PRESETS[name].cvr) == rates


def test_options_replace_values():
    chosen = choose("shop", {"ctr": 0.3, "num_users": 10})
    assert chosen == dataclasses.replace(PRESETS["shop"], ctr=0.3, num_users=10)


def test_unknown_names_say_what_is_near():
    with pytest.raises(ValueError, match="unknown preset 'shops'; did you mean shop"):
        choose("shops", {})
    with pytest.raises(ValueError, match="unknown option 'num_user'; did you mean num_users"):
        choose("shop", {"num_user": 3})


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("ctr", 0.0, ValueError),
        ("ctr", 1.0, ValueError),
        ("cvr", -0.1, ValueError),
        ("cvr", float("nan"), ValueError),
        ("correlation", 1.1, ValueError),
        ("num_users", 0, ValueError),
        ("affinity", -1.0, ValueError),
        ("num_items", 3.5, TypeError),
        ("num_items", True, TypeError),
        ("ctr", "0.5", TypeError),
    ],
)
def test_refuses_values(option, value, error):
    rates = {"ctr": 0.1, "cvr": 0.1}
    with pytest.raises(error, match=option):
        Preset(**(rates | {option: value}))


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"max_tags": 2**31 - 1}, "num_users times max_tags"),
        ({"num_users": 2**31 - 1}, "num_users times num_categories"),
        ({"num_items": 2**31 - 1}, "num_items times dim"),
        ({"num_users": 1, "num_categories": 2**28}, "num_categories times dim"),
    ],
)
def test_tables_beyond_memory_are_refused(options, names):
    with pytest.raises(ValueError, match=rf"{names} must be at most 536,870,912 numbers \(4 GiB\)"):
        choose("shop", options)


def test_contexts_are_bounded():
    with pytest.raises(ValueError, match=r"num_contexts must be in \[1, 1000000\]"):
        choose("shop", {"num_contexts": 2**31 - 1})
