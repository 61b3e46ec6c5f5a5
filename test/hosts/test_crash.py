"""Daemons that crash, and daemons that cannot start: what an administrator finds afterwards."""
from host_lab import cores
from lab_tool.nodes import KEY


def test_a_core_dump_is_collected(site):
    """The process is back before its core is looked at, and coredumpctl has it."""
    _, standby = site.roles()
    machine = site[standby]
    with cores.collected(site.lab.name):
        process = machine.main_pid("vsmd")
        machine.run("systemctl", "kill", "--kill-who=main", "--signal=ABRT", "vsmd")

        def core():
            return machine.run("coredumpctl", "info", str(process), check=False)

        site.wait(lambda: "Storage:" in core(), "the core dump")
    assert "(present)" in core()
    assert "Signal: 6 (ABRT)" in core()
    site.wait_log(standby, "code=dumped, status=6/ABRT")
    site.wait_whole()


def told(site, name):
    """What `systemctl status` says, on the line Status, of a daemon that cannot start."""
    machine = site[name]
    machine.run("systemctl", "restart", "vsmd", check=False)
    site.wait(lambda: machine.property("vsmd", "Result") != "success", "vsmd to fail")
    shown = machine.run("systemctl", "status", "--full", "vsmd", check=False)
    return shown[shown.index("Status: ") :].splitlines()[0]


def test_a_key_that_others_can_read_is_explained(site):
    """The status names the file, the fault and the command that corrects it: that is enough."""
    _, standby = site.roles()
    machine = site[standby]
    key = "/etc/vsm-ha/key-1"
    machine.write(key, KEY + "\n", mode=0o644)
    machine.run("chown", "vsm-ha", key)
    site.configure(standby, {"authentication": {"keys": [{"id": 1, "file": key}]}})
    correction = f"chmod 0600 {key}"
    assert f"others may read or write it; correct with: {correction}" in told(site, standby)
    assert machine.property("vsmd", "ExecMainStatus") == "2"
    assert machine.property("vsmd", "ActiveState") == "failed", "nothing to try again"
    machine.run(*correction.split())
    machine.run("systemctl", "start", "vsmd")
    site.wait_whole()
    site.configure(standby)


def test_a_missing_capability_is_explained(site):
    """The status names the capability and where to grant it; granted, the unit starts by itself."""
    _, standby = site.roles()
    machine = site[standby]
    override = "/etc/systemd/system/vsmd.service.d/capabilities.conf"
    machine.write(override, "[Service]\nCapabilityBoundingSet=\nAmbientCapabilities=\n")
    machine.run("systemctl", "daemon-reload")
    assert "the capability CAP_NET_RAW is missing" in told(site, standby)
    machine.run("rm", override)
    machine.run("systemctl", "daemon-reload")
    site.wait_whole()
