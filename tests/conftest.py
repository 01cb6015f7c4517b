"""Test-wide settings and fixtures: devices, 64-bit types, real data, reproducible hypothesis."""

import gc
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ["MPLBACKEND"] = "Agg"

import hypothesis
import jax
import pytest
from _pytest.terminal import TerminalReporter
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# Sharding tests need several devices; this only works before the first computation.
jax.config.update("jax_num_cpu_devices", 8)

# Nearly all the time goes into compilation: processes share what they compile, and so do reruns.
if not os.environ.get("JAX_COMPILATION_CACHE_DIR"):
    jax.config.update("jax_compilation_cache_dir", str(Path(__file__).parents[1] / ".jax_cache"))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)

# An example may wait for a compilation, so no deadline.
hypothesis.settings.register_profile("moo", deadline=None, derandomize=True)
hypothesis.settings.load_profile("moo")


@pytest.fixture
def x64() -> Iterator[None]:
    """Run the test with 64-bit types enabled."""
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", False)


@pytest.fixture(scope="module")
def unoptimised() -> Iterator[None]:
    """Compile a module's programs quickly: for tests of what they learn or print, not of bits."""
    jax.config.update("jax_disable_most_optimizations", True)
    try:
        yield
    finally:
        jax.config.update("jax_disable_most_optimizations", False)
        jax.clear_caches()  # the next module compiles its own


@pytest.fixture
def data_root() -> Path:
    """Folder of real data that is not part of the repository."""
    root = os.environ.get("MOO_DATA_ROOT")
    if not root:
        pytest.skip("MOO_DATA_ROOT is unset, so there is no real data to read")
    return Path(root)


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    """Close the figures that a test leaves open; matplotlib warns about the twenty-first."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Give a file to one process, and all conformance tests of one method too."""
    return _ByMethod(config, log)


class _ByMethod(LoadFileScheduling):
    """Its programs are compiled once a process, so a method's tests stay together."""

    def _split_scope(self, nodeid: str) -> str:
        method = re.search(r"/conformance/.*\[(\w+)", nodeid)
        return method[1] if method else super()._split_scope(nodeid)


def pytest_collection_finish() -> None:
    """Leave what is collected out of garbage collections, and make those rarer."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that read real data, so that the summary can name them."""
    for item in items:
        if "data_root" in getattr(item, "fixturenames", ()):
            item.add_marker("real_data")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say which tests on real data ran and which did not."""
    reports = [
        (report.nodeid, outcome)
        for outcome in ("passed", "failed", "skipped")
        for report in terminalreporter.stats.get(outcome, ())
        # A module that skips as a whole is reported by its collection, which has no keywords.
        if "real_data" in getattr(report, "keywords", ())
    ]
    if reports:
        terminalreporter.section("real data")
    for nodeid, outcome in sorted(reports):
        terminalreporter.line(f"{outcome}: {nodeid}")
