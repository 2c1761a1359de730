"""Who PostgreSQL runs as. It refuses to run as root; everybody else it takes as they are."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from turnscope.native.errors import NativeError

# A checkout below /root (mode 700) cannot be entered by another user. These let it in, least first;
# containers often grant the second alone.
_CAPABILITIES = ("", "dac_read_search", "dac_override")


@dataclass(frozen=True)
class Account:
    """How a command is run as the database's user."""

    prefix: tuple[str, ...]
    """Goes before the command; empty where we are not root."""
    uid: int
    gid: int


def find_account(program: Path, data_parent: Path) -> Account | None:
    """An account that can run `program` and keep a folder below `data_parent`.

    None where root may not hand on what it takes to reach them. Raises NativeError where root has
    no way to become somebody else.
    """
    if os.geteuid():
        return Account((), os.geteuid(), os.getegid())
    if not shutil.which("setpriv"):
        raise NativeError(
            "PostgreSQL does not run as root, and setpriv (util-linux) is not here to change user: "
            "install it, or run as another user",
            exit_code=2,
        )
    for user in _users():
        for capability in _CAPABILITIES:
            account = Account(_prefix(user, capability), user.pw_uid, user.pw_gid)
            if _reaches(account, program, data_parent):
                return account
    return None


def _users() -> Iterable[pwd.struct_passwd]:
    for name in ("postgres", "nobody"):
        try:
            yield pwd.getpwnam(name)
        except KeyError:
            continue


def _prefix(user: pwd.struct_passwd, capability: str) -> tuple[str, ...]:
    words = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if capability:
        # Without no_setuid_fixup access(2) takes no notice of capabilities. What else root had goes
        # at the exec all the same.
        words += ["--securebits=+no_setuid_fixup"]
        words += [f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}"]
    return tuple(words)


def _reaches(account: Account, program: Path, folder: Path) -> bool:
    """Whether the account can run the program and enter the folder that will hold its own.

    Asked with access(2), as PostgreSQL asks before it runs its own programs.
    """
    return _succeeds([*account.prefix, "test", "-x", str(program), "-a", "-x", str(folder)])


def _succeeds(command: Sequence[str]) -> bool:
    # cwd: a program that cannot enter its working folder fails for the wrong reason.
    done = subprocess.run(command, capture_output=True, check=False, cwd="/")  # noqa: S603
    return done.returncode == 0
