"""Pictures to an MP4 file, by the ffmpeg that is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

_EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white"  # yuv420p halves the colours' resolution
_OUTPUT = [
    *("-an", "-vf", _EVEN, "-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p"),
    # One thread, no versions and no dates: equal pictures give equal bytes.
    *("-threads", "1", "-flags:v", "+bitexact", "-fflags", "+bitexact"),
    *("-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", "-y"),
]


def find_ffmpeg() -> str:
    """The path of ffmpeg.

    Raises:
        RuntimeError: if there is none.
    """
    found = shutil.which("ffmpeg")
    if found is None:
        raise RuntimeError(
            "path ends in .mp4, which takes ffmpeg, and there is none on the PATH: install it, or "
            "write a .gif"
        )
    return found


def mp4(pictures: Sequence[Image.Image], fps: float, hold: float) -> bytes:
    """Encode equal-sized RGB pictures as H.264; the last one stays for `hold` seconds.

    Raises:
        RuntimeError: if there is no ffmpeg, or it fails.
    """
    width, height = pictures[0].size
    frames = [picture.tobytes() for picture in pictures]
    frames += [frames[-1]] * max(round(hold * fps) - 1, 0)
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{fps:g}"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "moo.mp4"
        command = [find_ffmpeg(), "-v", "error", *raw, "-i", "-", *_OUTPUT, str(target)]
        done = subprocess.run(command, input=b"".join(frames), capture_output=True, check=False)
        if done.returncode or not target.exists():
            said = done.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"ffmpeg ended with status {done.returncode}: {said}")
        return target.read_bytes()
