"""The disk of a machine: a small Debian, made once.

It is kept in CACHE under a name that follows from what is in it, so that another list of
packages makes another one. Nothing ever writes into it: a machine writes into a layer of its own.
"""
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from lab_tool.binaries import SOURCE, binaries
from lab_tool.topology import LabError

CACHE = Path(os.environ.get("VSM_HA_CACHE", "/var/cache/vsm-ha-hosts"))
CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")
SUITE = "bookworm"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
KEPT_DAYS = 7  # a base that no run has used for so long is removed
# What a host of the product has beside the libraries of its programs.
PACKAGES = [
    "dbus",
    "iproute2",
    "libcap2-bin",
    "procps",
    "systemd",
    "systemd-coredump",
    "systemd-sysv",
]
# Not in a test's machine: what looks for updates or configures the network by itself.
MASKED = [
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "systemd-networkd.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
]


def command(words, **options):
    """Runs it; a failure becomes a sentence with the end of what it printed."""
    done = subprocess.run(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    if done.returncode:
        raise LabError(f"{' '.join(map(str, words[:6]))}: {done.stdout.strip()[-2000:]}")
    return done.stdout


def libraries():
    """The Debian packages of what the programs are linked with."""
    listed = command(["ldd", *binaries().values()])
    paths = {line.split()[2] for line in listed.splitlines() if " => /" in line}
    # dpkg knows a file by the path that it was packed with, which may lack or have the /usr.
    paths |= {os.path.realpath(path) for path in paths}
    paths |= {path.removeprefix("/usr") for path in paths}
    owners = subprocess.run(
        ["dpkg-query", "-S", *sorted(paths)], capture_output=True, text=True, check=False
    ).stdout
    return sorted({line.split(":")[0] for line in owners.splitlines()})


def sources():
    """Lines of a sources.list: Debian's own repositories, as this machine's apt has them."""
    fields = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)"
    asked = ["apt-get", "indextargets", "--format", fields, "Created-By: Packages"]
    lines = set()
    for line in command(asked).splitlines():
        origin, uri, release, component = line.split("|")
        if origin == "Debian" and release.startswith(SUITE):
            lines.add(f"deb [signed-by={KEYRING}] {uri} {release} {component}")
    return sorted(lines)


@contextlib.contextmanager
def core_pattern_kept():
    """Installing systemd-coredump anywhere sets the one core pattern that the kernel has."""
    before = CORE_PATTERN.read_text(encoding="ascii")
    try:
        yield
    finally:
        CORE_PATTERN.write_text(before, encoding="ascii")


def kept(kind, recipe, make):
    """The folder of this kind in the cache that `make(folder)` makes by this recipe (a text). It is
    made when it is not there, of two runs by one; those of old recipes go when nobody uses them."""
    folder = CACHE / f"{kind}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(folder.with_suffix(".new"), ignore_errors=True)
            make(folder.with_suffix(".new"))
            folder.with_suffix(".new").rename(folder)
        os.utime(folder)
        for other in CACHE.glob(f"{kind}-*"):
            if time.time() - other.stat().st_mtime > KEPT_DAYS * 86400:
                shutil.rmtree(other)
    return folder


def base(more=()):
    """The folder of the Debian, with `more` packages than the product's hosts have."""
    packages = sorted({*PACKAGES, *more, *libraries()})
    recipe = "\n".join([SUITE, *packages, *MASKED])
    return kept("base", recipe, lambda folder: _make(packages, folder))


def _make(packages, folder):
    lines = sources()
    if not lines:
        command(["apt-get", "-qq", "update"])
        lines = sources()
    with core_pattern_kept():
        command(
            ["mmdebstrap", "--variant=minbase", "--mode=root", f"--include={','.join(packages)}"]
            + [f"--dpkgopt=path-exclude=/usr/share/{what}/*" for what in ("doc", "locale", "man")]
            + [SUITE, folder, *lines]
        )
    (folder / "etc/machine-id").write_text("")
    (folder / "etc/resolv.conf").unlink(missing_ok=True)
    (folder / "var/log/journal").mkdir(exist_ok=True)
    for unit in MASKED:
        (folder / "etc/systemd/system" / unit).symlink_to("/dev/null")


def install_product(folder):
    """The product as a layer, for machines that cannot install its packages while they run."""
    binaries()  # built, when they are not up to date
    build = Path(os.environ.get("VSM_HA_BIN", SOURCE / "build" / "release"))
    command(["cmake", "--install", build], env={**os.environ, "DESTDIR": str(folder)})
