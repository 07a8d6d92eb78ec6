"""How does a child never outlive the process that started it? Run as a program, this file binds it and becomes it.

`python leash.py PARENT_PID SIGNAL USER PROGRAM ARGUMENTS…`: the kernel sends SIGNAL when the parent dies, however it
dies (on Linux; elsewhere the next start ends what was left over). A program of its own and not a `preexec_fn`, because
Python code between fork and exec may deadlock in a process with threads. USER is "-" or who to become; a change of user
undoes the binding, so it comes first. Imports little, and is run with -I -S, for the sake of the start-up time.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(name: str) -> None:
    import pwd

    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = "/"


def bind(parent_pid: int, signal_number: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent_pid:  # it died before the kernel was told
            sys.exit(1)


def main(arguments: list[str]) -> None:
    parent_pid, signal_number, user, *command = arguments
    if user != "-":
        become(user)
    bind(int(parent_pid), int(signal_number))
    os.execv(command[0], command)  # noqa: S606 - becoming the program, without a shell, is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
