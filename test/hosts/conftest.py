"""One site for all tests: each begins with a whole pair and leaves no error in a journal."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "scripts"), str(Path(__file__).parent)]
sys.dont_write_bytecode = True

from host_lab import cleanup  # noqa: E402
from host_lab.machine import GROUP, UNIFIED  # noqa: E402
from host_lab.packages import Packages, make  # noqa: E402
from host_lab.site import Site  # noqa: E402
from lab_tool.topology import Lab  # noqa: E402


def obstacle():
    """Why no machine can boot here; None when nothing is in the way."""
    if os.geteuid() != 0:
        return "machines need root"
    for program in ("systemd-nspawn", "mmdebstrap"):
        if not shutil.which(program):
            return f"{program} is missing: scripts/install-dependencies test"
    listed = Path("/proc/filesystems").read_text(encoding="ascii")
    if "overlay" not in listed and subprocess.run(["modprobe", "overlay"], check=False).returncode:
        return "the kernel has no overlay file system"
    try:
        (UNIFIED / GROUP).mkdir(exist_ok=True)
    except OSError as error:
        return f"no control groups can be made: {error}"
    if not (UNIFIED / GROUP / "cgroup.kill").exists():
        return f"{UNIFIED} has no unified control groups with cgroup.kill"
    return None


@pytest.fixture(scope="session", autouse=True)
def machines_can_boot():
    """Everything is skipped, with the reason, where no machine can boot."""
    if reason := obstacle():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """Those of build/release, whatever VSM_HA_BIN names: what is packed is what is released."""
    folder = tmp_path_factory.mktemp("packages")
    return Packages(make(folder, DPKG_DEB_COMPRESSOR_TYPE="none"))


@pytest.fixture(scope="session")
def whole_site(packages):
    for name in cleanup.abandoned():
        cleanup.remove(name)
    name = f"h{os.getpid()}"
    guard = cleanup.begin(name)
    try:
        site = Site(Lab(name))
        site.build(packages)
        yield site
    finally:
        cleanup.end(guard, name)


@pytest.fixture
def site(whole_site):
    """The site, whole and with all that was before forgotten."""
    whole_site.mend()
    whole_site.mark()
    yield whole_site
    errors = whole_site.unexpected_errors()
    assert not errors, "\n".join(errors)
