"""The tarball works where it is unpacked, and its services name that place."""
import re

import pytest
from conftest import make, run

OF_THE_C_LIBRARY = ("libc.", "libm.", "ld-linux", "libresolv.", "libpthread.", "libdl.", "librt.")
VERSION = re.compile(r" [0-9]+\.[0-9]+\.[0-9]+\n")
PROGRAMS = ("sbin/vsmd", "sbin/vemd", "bin/vsmsh", "bin/vsm-sim")


@pytest.fixture(scope="module")
def tarball(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tarball")
    make(folder, "--tarball")
    (path,) = folder.glob("vsm-ha-*.tar.xz")
    return path


def test_it_runs_from_any_folder_with_its_own_libraries(tarball, make_system):
    system = make_system()
    place = system.path("/srv/some where")
    place.mkdir(parents=True)
    run("tar", "-xf", tarball, "-C", place)
    (folder,) = place.glob("vsm-ha-*")
    inside = f"/srv/some where/{folder.name}"
    for program in PROGRAMS:
        assert VERSION.search(system.run(f"{inside}/{program}", "--version"))
        for line in system.run("ldd", f"{inside}/{program}").splitlines():
            name, _, path = line.strip().partition(" => ")
            if path and not name.startswith(OF_THE_C_LIBRARY):
                assert f"{folder.name}/" in path, f"{program} takes {line.strip()}"


def test_its_services_name_its_folder_and_can_be_taken_back(tarball, make_system):
    system = make_system()
    run("tar", "-xf", tarball, "-C", system.path("/opt"))
    (folder,) = system.path("/opt").glob("vsm-ha-*")
    system.run(f"/opt/{folder.name}/install-services")
    units = system.path("/etc/systemd/system")
    for daemon in ("vsmd", "vemd"):
        for unit in (f"{daemon}.service", f"{daemon}@.service"):
            text = (units / unit).read_text()
            assert f"ExecStart=/opt/{folder.name}/sbin/{daemon}" in text
        sample = system.path(f"/etc/vsm-ha/{daemon}.yaml")
        sample.write_text("mine\n")
    system.run(f"/opt/{folder.name}/install-services")
    assert system.path("/etc/vsm-ha/vsmd.yaml").read_text() == "mine\n"
    system.run(f"/opt/{folder.name}/install-services", "--remove")
    assert not list(units.glob("v?md*")) and system.path("/etc/vsm-ha/vsmd.yaml").exists()
