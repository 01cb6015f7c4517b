"""Rows, each in a process of its own; what is measured already is kept."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.runner._environment import commit
from benchmarks.speed._environment import REQUIREMENTS, ROOT
from benchmarks.speed._rows import ROWS
from moo._files import write_atomically

_DEFAULTS = {"JAX_PLATFORMS": "cpu"}
_FIXED = {"JAX_ENABLE_COMPILATION_CACHE": "false"}  # compilation is part of what is measured
_LAST_LINES = 3


def run_rows(
    folder: Path, rows: Sequence[str], python: Path | str, *, small: bool, again: bool
) -> None:
    """Measure rows one after another and write each as `rows/NAME.json` of a folder.

    A row that failed is written with its reason. One that this commit measured here before, with
    the same grid and requirements, is left as it is.

    Args:
        folder: where the results go.
        rows: names in `ROWS`.
        python: the interpreter that has the peers.
        small: whether to take tiny grids, that show only that everything runs.
        again: whether to repeat what is there.
    """
    (folder / "rows").mkdir(parents=True, exist_ok=True)
    for row in rows:
        key = _key(row, small)
        if not again and _is_there(folder, row, key):
            print(f"{row}: measured before", flush=True)
            continue
        print(f"{row} ...", end=" ", flush=True)
        started = time.perf_counter()
        found = _measured(folder, row, python, small) | {
            "key": key, "commit": commit(), "small": small
        }  # fmt: skip
        _write(folder, row, found)
        print(f"{_said(found)}, {time.perf_counter() - started:.0f} s", flush=True)


def stored(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the rows that a folder holds, in the order of the suite."""
    paths = {row: _path(folder, row) for row in ROWS}
    return {
        row: json.loads(path.read_text(encoding="utf-8"))
        for row, path in paths.items()
        if path.exists()
    }


def failure(found: dict[str, Any]) -> str:
    """Return why a row has no result, or ""."""
    return str(found.get("failed") or found.get("skipped") or "")


def _is_there(folder: Path, row: str, key: str) -> bool:
    if key.startswith("unknown") or "dirty" in key:
        return False
    known = stored(folder).get(row)
    return known is not None and known.get("key") == key and not failure(known)


def _key(row: str, small: bool) -> str:
    pins = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    return f"{commit()} {row} {'small' if small else 'full'} {pins}"


def _measured(folder: Path, row: str, python: Path | str, small: bool) -> dict[str, Any]:
    part = folder / "rows" / f".{row}.part"
    part.unlink(missing_ok=True)
    command = [str(python), "-m", "benchmarks.speed._measure", row, str(part.resolve())]
    environment = {**_DEFAULTS, **os.environ, **_FIXED, "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            command + ["--small"] * small, cwd=ROOT, env=environment, capture_output=True,
            text=True, timeout=60 * ROWS[row].minutes, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {ROWS[row].minutes:g} minutes"}
    if done.returncode or not part.exists():
        print(done.stderr, file=sys.stderr)
        return {"failed": _why(done.returncode, done.stderr)}
    found = json.loads(part.read_text(encoding="utf-8"))
    part.unlink()
    return dict(found)


def _why(code: int, errors: str) -> str:
    last = " ".join(errors.strip().splitlines()[-_LAST_LINES:])
    return f"exit code {code}: {last.replace(str(ROOT), '.')}"


def _said(found: dict[str, Any]) -> str:
    return failure(found) or "measured"


def _write(folder: Path, row: str, found: dict[str, Any]) -> None:
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    write_atomically(_path(folder, row), text.encode())


def _path(folder: Path, row: str) -> Path:
    return folder / "rows" / f"{row}.json"
