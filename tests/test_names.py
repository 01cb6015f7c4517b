import pytest

from moo._names import check_options, find_name

TABLE = {"mgda": 1, "pcgrad": 2}


@pytest.mark.parametrize("name", [3, None, ["mgda"], slice(2)])
def test_a_name_that_is_no_str(name):
    with pytest.raises(TypeError, match=f"^method name must be a str, got {type(name).__name__}$"):
        find_name("method", name, TABLE)


def test_options_that_are_known_pass():
    assert check_options("adult", {"part"}, ["part", "root"]) is None


@pytest.mark.parametrize(
    ("known", "takes"), [(["a", "b"], "a, b"), ([], "no options"), (iter("ab"), "a, b")]
)
def test_unknown_options_are_named_with_the_known(known, takes):
    with pytest.raises(TypeError, match=f"^adult has no option x, y; it takes {takes}$"):
        check_options("adult", ["y", "x"], known)
