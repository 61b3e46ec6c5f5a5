#!/usr/bin/python3
"""Runs a program with the system calls that the units leave a daemon, and kills it at any other.

    confine.py PROGRAM ARGUMENT…

What is allowed is read from systemd/daemon.service.in: SystemCallFilter=, RestrictAddressFamilies=,
RestrictNamespaces= and MemoryDenyWriteExecute=. In a unit a call beyond that fails with EPERM; here
it ends the program with SIGSYS, so that no test can pass over it. VSM_HA_CONFINE=1 has a lab start
its daemons this way.
"""
import os
import socket
import subprocess
import sys
from pathlib import Path

import seccomp

UNIT = Path(__file__).resolve().parents[2] / "systemd" / "daemon.service.in"
ALWAYS = "@default"  # what systemd adds to every list of allowed calls
WRITE, EXECUTE = 2, 4  # PROT_WRITE, PROT_EXEC


def setting(name):
    """The values of a setting of the unit, in order."""
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


def groups():
    """systemd's groups of system calls: {"@timer": ["alarm", …]}; they may name each other."""
    listing = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    ).stdout
    found, name = {}, ""
    for line in listing.splitlines():
        word = line.strip()
        if line.startswith("@"):
            name = word
            found[name] = []
        elif line.startswith("    ") and not word.startswith("#"):
            found[name].append(word)
    return found


def expand(word, known):
    """The calls that a word of SystemCallFilter= stands for."""
    if not word.startswith("@"):
        return {word}
    return set().union(*(expand(member, known) for member in known[word]))


def allowed_calls():
    known = groups()
    calls = expand(ALWAYS, known)
    for value in setting("SystemCallFilter"):
        named = set().union(*(expand(word, known) for word in value.lstrip("~").split()))
        calls = calls - named if value.startswith("~") else calls | named
    if setting("RestrictNamespaces") == ["yes"]:
        calls -= {"setns", "unshare"}
    return calls


def restricted_rules():
    """Calls that are allowed with some arguments only: {name: [argument conditions]}"""
    families = [getattr(socket, word) for word in setting("RestrictAddressFamilies")[0].split()]
    rules = {"socket": [seccomp.Arg(0, seccomp.EQ, family) for family in families]}
    if setting("MemoryDenyWriteExecute") == ["yes"]:
        both = WRITE | EXECUTE
        rules["mmap"] = [
            seccomp.Arg(2, seccomp.MASKED_EQ, both, one) for one in (0, WRITE, EXECUTE)
        ]
        rules["mprotect"] = [seccomp.Arg(2, seccomp.MASKED_EQ, EXECUTE, 0)]
        rules["pkey_mprotect"] = rules["mprotect"]
    return rules


def confine():
    """This process, and whatever it executes, from now on."""
    rules = restricted_rules()
    wall = seccomp.SyscallFilter(defaction=seccomp.KILL_PROCESS)
    for call in sorted(allowed_calls()):
        try:
            for condition in rules.get(call, [None]):
                wall.add_rule(seccomp.ALLOW, call, *([condition] if condition else []))
        except (RuntimeError, OSError):
            pass  # a call of another kernel or another processor
    wall.load()


if __name__ == "__main__":
    confine()
    os.execv(sys.argv[1], sys.argv[1:])
