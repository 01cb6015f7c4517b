"""Files that are either complete or not there."""

import os
import secrets
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file so that its old content stays until the new one is complete on disk.

    Args:
        path: the file to write; its folder must exist.
        content: all its bytes.

    Returns:
        The path. The file has the permissions of any new file, unlike a temporary one.
    """
    target = Path(path)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
