"""Daemons that crash, and daemons that cannot start: what an administrator finds afterwards."""
from host_lab import cores


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


def test_a_key_that_others_can_read_is_explained(site):
    """It names the file, the fault and the command that corrects it; that is enough."""
    _, standby = site.roles()
    machine = site[standby]
    machine.run("chmod", "0644", "/etc/vsm-ha/key-1")
    machine.run("systemctl", "restart", "vsmd", check=False)
    correction = "chmod 0600 /etc/vsm-ha/key-1"
    site.wait_log(standby, f"others may read or write it; correct with: {correction}")
    site.wait(lambda: machine.property("vsmd", "ActiveState") == "failed", "vsmd to have failed")
    assert machine.property("vsmd", "ExecMainStatus") == "2"
    machine.run(*correction.split())


def test_a_missing_capability_is_explained(site):
    """It names the capability and where to grant it; granted, the unit starts by itself."""
    _, standby = site.roles()
    machine = site[standby]
    override = "/etc/systemd/system/vsmd.service.d/capabilities.conf"
    machine.write(override, "[Service]\nCapabilityBoundingSet=\nAmbientCapabilities=\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", "vsmd", check=False)
    site.wait_log(standby, "the capability CAP_NET_RAW is missing")
    machine.run("rm", override)
    machine.run("systemctl", "daemon-reload")
    site.wait_whole()
