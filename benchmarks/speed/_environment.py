"""An environment of the suite's own: moo's requirements and the peers, at exact versions."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements" / "speed.txt"


class InstallError(RuntimeError):
    """The environment could not be made."""


def prepare(requirements: Path = REQUIREMENTS) -> Path:
    """Return the interpreter of the environment, which is made where it is not there yet.

    It lies in the user's cache, under a name that follows the requirements and the interpreter.

    Raises:
        InstallError: if a package could not be installed, with pip's last words.
    """
    folder = _cache() / "moo" / f"speed-{_name(requirements)}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = folder / "complete"
    if done.exists():
        return python
    print(f"installing the peers in {folder}", flush=True)
    _call([sys.executable, "-m", "venv", "--clear", str(folder)])
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _call([*pip, "-r", str(requirements)])
    done.touch()
    return python


def _name(requirements: Path) -> str:
    version = "".join(map(str, sys.version_info[:2]))
    return f"{version}-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise InstallError(
            f"{' '.join(command[:4])} ... failed:\n{last}\n"
            "PyTorch's builds for CPUs may need PIP_EXTRA_INDEX_URL; or install "
            f"{REQUIREMENTS.relative_to(ROOT)} yourself and pass --python"
        )
