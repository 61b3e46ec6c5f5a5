"""The packages, made once for all tests, and throw-away Debian systems to install them in."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "scripts"), str(SOURCE / "test" / "hosts")]
sys.dont_write_bytecode = True

from host_lab import image  # noqa: E402
from host_lab.packages import Packages, make  # noqa: E402

if os.geteuid() != 0:
    pytest.skip("packages are installed by root", allow_module_level=True)


def run(*words, check=True, **options):
    """What it printed, errors included; its failure is one of the test unless `check` is False."""
    done = subprocess.run(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    assert not check or done.returncode == 0, f"{words}: {done.stdout[-4000:]}"
    return done.stdout


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    return Packages(make(tmp_path_factory.mktemp("packages")))


# In namespaces of its own: what is mounted here is gone with the command.
ENTER = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"'


class System:
    """A Debian in a folder: commands run in it as root, without a running systemd."""

    def __init__(self, root):
        self.root = root

    def run(self, *words, **options):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
        environment |= {"DEBIAN_FRONTEND": "noninteractive"}
        return run(
            *("unshare", "--mount", "--pid", "--fork", "--kill-child"),
            *("sh", "-c", ENTER, self.root),
            *words,
            env=environment,
            **options,
        )

    def path(self, name):
        return self.root / name.lstrip("/")

    def install(self, packages, *names, **options):
        """As `dpkg -i` does it; files that were changed are kept."""
        folder = self.path("/root/packages")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in names:
            shutil.copy2(packages[name], folder)
        files = [f"/root/packages/{packages[name].name}" for name in names]
        return self.run("dpkg", "--force-confold", "-i", *files, **options)


@pytest.fixture
def make_system(tmp_path):
    """make_system(): a small Debian, as a host of the product is before it is installed;
    make_system("/"): a copy of this machine."""
    mounted = []

    def make(lower=None):
        folder = tmp_path / f"system-{len(mounted)}"
        for name in ("root", "upper", "work"):
            (folder / name).mkdir(parents=True)
        layers = f"lowerdir={lower or image.base()},upperdir={folder}/upper,workdir={folder}/work"
        run("mount", "-t", "overlay", "overlay", "-o", layers, folder / "root")
        mounted.append(folder / "root")
        return System(folder / "root")

    yield make
    for root in mounted:
        run("umount", root)
