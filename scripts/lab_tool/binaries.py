"""Where the daemons' binaries are, and the simulator's, which reads scenarios: in the folder that
VSM_HA_BIN names, else in build/release, built when it is not up to date. Two labs that start
together build once."""
import fcntl
import os
import subprocess
import sys
from pathlib import Path

from .topology import LabError

SOURCE = Path(__file__).resolve().parents[2]
NAMES = ("vsmd", "vemd", "vsmsh", "vsm-sim")


def find(folder):
    """{name: path}; an installed folder (vsmd) and a build folder (daemons/vsmd/vsmd) will do."""
    found = {}
    for name in NAMES:
        for path in (folder / name, folder / "daemons" / name / name):
            if path.is_file() and os.access(path, os.X_OK):
                found[name] = path
                break
    return found


def binaries(build=True):
    named = os.environ.get("VSM_HA_BIN")
    folder = Path(named).resolve() if named else SOURCE / "build" / "release"
    if build and not named:
        build_release()
    found = find(folder)
    missing = [name for name in NAMES if name not in found]
    if missing:
        raise LabError(
            f"{', '.join(missing)} not found in {folder}"
            + (" (named by VSM_HA_BIN)" if named else "; scripts/lab up builds them")
        )
    return found


def build_release():
    (SOURCE / "build").mkdir(exist_ok=True)
    with open(SOURCE / "build" / ".lab-build", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (SOURCE / "build" / "release" / "build.ninja").exists():
            _run(
                [str(SOURCE / "scripts" / "install-dependencies"), "build", "run"],
                "install the packages",
            )
            print("Building (the first time takes a few minutes) …", file=sys.stderr, flush=True)
            _run(["cmake", "--preset", "release"], "configure the build")
        _run(
            ["cmake", "--build", "build/release", "--target", *NAMES],
            "build the daemons",
            shown=sys.stderr.isatty(),
        )


def _run(command, purpose, shown=False):
    """`shown`: its output goes to the terminal as it comes, else only when it fails."""
    done = subprocess.run(
        command,
        cwd=SOURCE,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr if shown else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print((done.stdout or "")[-6000:], file=sys.stderr)
        raise LabError(f"could not {purpose}: {' '.join(command)}")
