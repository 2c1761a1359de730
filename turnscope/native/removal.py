"""Deletes data folders, also those that belong to the user PostgreSQL runs as."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from turnscope.native.errors import NativeError


def remove_folder(folder: Path) -> None:
    """Delete `folder` and all in it; nothing where there is none. Raises NativeError."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    # Root that may not override permissions has to become the owner of what is left.
    for owned in [path for path in folder.iterdir() if path.lstat().st_uid]:
        _empty_as_owner(owned)
        # Not left to rmtree: it would first look inside, which it may not.
        with suppress(OSError):
            owned.rmdir()
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise NativeError(f"{folder} could not be deleted: remove it by hand")


def _empty_as_owner(folder: Path) -> None:
    owner = folder.lstat()
    if os.geteuid() or not shutil.which("setpriv"):
        return
    account = [f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"]
    command = ["setpriv", *account, "find", str(folder), "-mindepth", "1", "-delete"]
    subprocess.run(command, capture_output=True, check=False, cwd="/")  # noqa: S603
