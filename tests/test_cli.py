"""The `moo` command: what it prints, where, with which status, and what it must not import."""

import subprocess
import sys

import pytest

from moo import cli
from moo._version import __version__

HEAVY = ("jax", "numpy", "flax", "optax", "scipy", "matplotlib")


def run_cli(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "moo", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["list"], *(["list", kind] for kind in cli.LISTINGS), ["cite", "mgda", "esmm"]],
    ids=" ".join,
)
def test_imports_nothing_heavy(arguments):
    code = (
        "import sys; from moo.cli import main\n"
        "try: status = main(sys.argv[1:])\n"
        "except SystemExit as stop: status = stop.code\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "assert not heavy, heavy\n"
        "sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_module_and_version():
    done = run_cli("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"moo {__version__}\n", "")


def test_no_command_prints_the_help(capsys):
    assert cli.main([]) == 0
    assert capsys.readouterr().out.startswith("usage: moo")


@pytest.mark.parametrize("kind", cli.LISTINGS)
def test_list_has_a_row_for_each_record(kind, capsys):
    assert cli.main(["list", kind]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    registry = cli._registry(cli.LISTINGS[kind])
    assert [row.split()[0] for row in rows] == list(registry)
    summaries = header.index("summary")
    assert [row[summaries:] for row in rows] == [entry.summary for entry in registry.values()]


def test_list_counts_each_kind(capsys):
    assert cli.main(["list"]) == 0
    _, *rows = capsys.readouterr().out.splitlines()
    assert [row.split() for row in rows] == [
        [kind, str(len(cli._registry(listing)))] for kind, listing in cli.LISTINGS.items()
    ]


def test_cite_prints_each_entry_once(capsys):
    assert cli.main(["cite", "upgrad", "mean", "sum"]) == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("@")] == [
        "@misc{quinton2024jacobian,",
        "@article{caruana1997multitask,",
    ]
    assert out.count("{") == out.count("}")


def test_cite_knows_models_too(capsys):
    assert cli.main(["cite", "esmm", "mmoe", "shared_bottom", "mean"]) == 0
    out = capsys.readouterr().out
    assert [line.split("{")[1] for line in out.splitlines() if line.startswith("@")] == [
        "ma2018entire,",
        "ma2018modeling,",
        "caruana1997multitask,",
    ]


def test_unknown_model_names_the_nearest(capsys):
    assert cli.main(["cite", "esm"]) == 2
    assert "unknown method or model 'esm'; did you mean esmm" in capsys.readouterr().err


def test_unknown_method_names_the_nearest():
    done = run_cli("cite", "mgad")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("moo: unknown method or model 'mgad'; did you mean mgda")
    assert done.stderr.count("\n") == 1


def test_unknown_kind_is_a_usage_error():
    done = run_cli("list", "method")
    assert (done.returncode, done.stdout) == (2, "")
    assert "invalid choice: 'method'" in done.stderr


def test_a_reader_that_leaves_is_no_error():
    command = f"{sys.executable} -m moo cite mgda | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
