#!/usr/bin/env python3
"""Types lines into a shell on a terminal of its own.

usage: type-in-shell.py SHELL SETUP FOLDER LINE...

Each LINE has \\t where TAB is pressed; it is ended by Enter. Prints what the shell's program printed:
a program of that name in PATH prints its arguments, each as <ARGUMENT>, on a line behind "ARGS ".
"""
import os
import pty
import select
import sys
import time

SECONDS = 60


def main():
    shell, setup, folder = sys.argv[1:4]
    argv = {
        "bash": ["bash", "--norc", "--noprofile", "-i"],
        "zsh": ["zsh", "-f", "-i"],
        "fish": ["fish", "--no-config", "-i"],
    }[shell]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ.update(TERM="vt100", PS1="> ", HISTFILE="", HOME=folder)
        os.execvp(argv[0], argv)
    seen = b""

    def wait_for(marker):
        nonlocal seen
        end = time.monotonic() + SECONDS
        while marker not in seen:
            ready, _, _ = select.select([terminal], [], [], end - time.monotonic())
            if not ready:
                sys.exit(f"{shell}: no {marker!r} in {seen!r}")
            seen += os.read(terminal, 65536)

    # The word is put together by the shell, so that what the terminal echoes is not taken for it.
    os.write(terminal, (setup + "; echo READY''NOW\r").encode())
    wait_for(b"READYNOW")
    for line in sys.argv[4:]:
        seen = b""
        os.write(terminal, line.encode() + b"\r")
        wait_for(b"END-OF-ARGS")
        start = seen.index(b"ARGS ")
        print(seen[start + 5:seen.index(b" END-OF-ARGS")].decode(errors="replace"))
    os.close(terminal)
    os.waitpid(pid, 0)


main()
