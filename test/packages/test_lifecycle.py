"""Installation, upgrade, removal and purge, each in a Debian of its own (point by point what
docs/operations/packages.md promises)."""
import stat

PAIR = ("vsm-ha-common", "vsm-ha")
ALL = (*PAIR, "vsm-ha-vem")
FILLED = """\
setup: {role: primary, domain: 7}
interfaces: {control: {name: eth1}, mgmt: {name: eth0}}
authentication: {keys: [{id: 1, file: key-1}]}
"""


def configured(system):
    """What somebody has who uses it: a file filled in, a second instance, a key, state."""
    folder = system.path("/etc/vsm-ha")
    (folder / "vsmd.yaml").write_text(FILLED)
    (folder / "lab.yaml").write_text(FILLED)
    key = folder / "key-1"
    key.touch(mode=0o600)
    key.write_text("5f" * 32 + "\n")
    for store in ("vsmd/state.mdb", "lab/state.mdb", "vemd/module.json"):
        path = system.path("/var/lib/vsm-ha") / store
        path.parent.mkdir(parents=True)
        path.write_text("kept")


def kept(system, folder):
    """{name: (mode, text)} of a folder."""
    files = (path for path in system.path(folder).rglob("*") if path.is_file())
    return {path.name: (stat.S_IMODE(path.stat().st_mode), path.read_text()) for path in files}


def test_a_fresh_installation_starts_nothing_and_says_what_is_to_be_filled_in(
    packages, make_system
):
    system = make_system()
    system.install(packages, *ALL)
    wants = system.path("/etc/systemd/system/multi-user.target.wants")
    enabled = [path.name for path in wants.glob("v?md*")] if wants.exists() else []
    assert not enabled
    for daemon, missing in (("vsmd", ("role", "domain", "name")), ("vemd", ("domain", "name"))):
        said = system.run(daemon, "--check-config", f"/etc/vsm-ha/{daemon}.yaml", check=False)
        assert all(f"{key}" in said for key in missing), said
        assert f"/etc/vsm-ha/{daemon}.yaml:" in said
        assert system.run(daemon, "--version") == f"{daemon} (vsm-ha) {packages.version}\n"
    configured(system)
    assert "ok" in system.run("vsmd", "--check-config", "/etc/vsm-ha/vsmd.yaml")
    assert system.run("vsmsh", "--version").endswith(f"{packages.version}\n")
    assert system.run("vsm-sim", "--version").endswith(f"{packages.version}\n")
    assert system.run("dpkg", "--audit") == ""


def test_an_upgrade_keeps_what_was_changed(packages, make_system, tmp_path):
    system = make_system()
    system.install(packages.under("0.0.9", tmp_path / "older"), *ALL)
    configured(system)
    before = kept(system, "/etc/vsm-ha")
    state = kept(system, "/var/lib/vsm-ha")
    system.install(packages, *ALL)
    assert f"Version: {packages.version}" in system.run("dpkg", "-s", "vsm-ha")
    assert kept(system, "/etc/vsm-ha") == before
    assert kept(system, "/var/lib/vsm-ha") == state
    assert before["key-1"][0] == 0o600


def test_a_removal_keeps_files_and_a_purge_takes_only_its_own(packages, make_system):
    system = make_system()
    system.install(packages, *ALL)
    configured(system)
    system.run("dpkg", "--remove", "vsm-ha")
    assert not system.path("/usr/sbin/vsmd").exists()
    assert kept(system, "/etc/vsm-ha")["vsmd.yaml"][1] == FILLED
    assert system.path("/var/lib/vsm-ha/vsmd/state.mdb").exists()
    system.run("dpkg", "--purge", "vsm-ha")
    assert sorted(kept(system, "/etc/vsm-ha")) == ["key-1", "lab.yaml", "vemd.yaml"]
    assert sorted(kept(system, "/var/lib/vsm-ha")) == ["module.json"]
    assert "vemd (vsm-ha)" in system.run("vemd", "--version")
    system.run("dpkg", "--purge", "vsm-ha-vem", "vsm-ha-common")
    assert sorted(kept(system, "/etc/vsm-ha")) == ["key-1", "lab.yaml"]
    assert not system.path("/var/lib/vsm-ha").exists()
    assert system.run("dpkg", "--audit") == ""


def test_everything_is_gone_after_a_purge(packages, make_system):
    system = make_system()
    folders = ("etc", "usr/bin", "usr/sbin", "usr/lib", "lib/systemd/system", "var/lib")

    def files():
        listed = (path for name in folders for path in system.path(name).rglob("*vsm*"))
        return sorted(str(path) for path in listed)

    before = files()
    system.install(packages, *ALL)
    assert files() != before
    system.run("dpkg", "--purge", *reversed(ALL))
    assert [name for name in files() if name not in before] == []


def test_a_module_host_needs_no_supervisor(packages, make_system):
    system = make_system()
    system.install(packages, "vsm-ha-common", "vsm-ha-vem")
    assert "vemd (vsm-ha)" in system.run("vemd", "--version")
    assert not system.path("/usr/sbin/vsmd").exists()
    assert not system.path("/etc/vsm-ha/vsmd.yaml").exists()
