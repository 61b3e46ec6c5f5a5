"""SNMP notifications of a real pair, as net-snmp's own receiver understands them."""
import os
import re
import subprocess

from lab_tool.nodes import wait_for
from test_configuration import STATUS, pair

MANAGER = "10.99.0.7"
BASE = ".1.3.6.1.4.1.8072.9999.9999.1000"


class Manager:
    """snmptrapd in the switch's namespace, which gets an address on mgmt."""

    def __init__(self, control, folder):
        enter = control.lab.enter("wire")
        for words in (f"address add {MANAGER}/24 dev br-mgmt", "link set br-mgmt up"):
            subprocess.run([*enter, "ip", *words.split()], check=True)
        (folder / "snmptrapd.conf").write_text("disableAuthorization yes\n")
        self.path = folder / "received"
        arguments = ("-f", "-Lo", "-On", "-m", "", "-C", "-c", str(folder / "snmptrapd.conf"))
        with open(self.path, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [*enter, "/usr/sbin/snmptrapd", *arguments, f"udp:{MANAGER}:2162"],
                stdout=out,
                stderr=out,
                env={**os.environ, "SNMP_PERSISTENT_DIR": str(folder)},
            )
        wait_for(lambda: "NET-SNMP version" in self.path.read_text(), 10, "the manager")

    def notifications(self, number):
        """Those with this number, as their text."""
        trap = f"OID: {BASE}.0.{number}\t"
        return [line for line in self.path.read_text().splitlines() if trap in line]

    def close(self):
        self.process.kill()
        self.process.wait()


def test_a_takeover_is_notified_with_contact_and_location(make_lab, tmp_path):
    control, operator = pair(make_lab)
    manager = Manager(control, tmp_path)
    try:
        operator.configure(
            "vsm-a",
            "snmp-server contact Operations, room 12",
            "snmp-server location second floor",
            f"snmp-server host {MANAGER} traps version 2c private udp-port 2162",
            "snmp-server host 192.0.2.1 traps version 2c private",
            "snmp-server enable traps",
        )
        control.kill("vsm-b")
        wait_for(lambda: manager.notifications(4), 30, "the loss of the standby")
        lost = manager.notifications(4)[0]
        assert f'{BASE}.1.1.0 = STRING: "peer.lost"' in lost, lost
        assert f"{BASE}.1.3.0 = INTEGER: 2" in lost
        assert '"%PLATFORM-2-MOD_REMOVE: Module 2 removed (Serial number )"' in lost
        assert '.1.3.6.1.2.1.1.4.0 = STRING: "Operations, room 12"' in lost
        assert '.1.3.6.1.2.1.1.6.0 = STRING: "second floor"' in lost
        assert re.search(rf"{re.escape(BASE)}\.1\.2\.0 = Counter64: \d+", lost)
        control.start("vsm-b")
        wait_for(lambda: manager.notifications(5), 30, "the standby to be back")
        operator.wait("vsm-a", STATUS, "Active with HA standby")
        wait_for(
            lambda: "192.0.2.1 not sent: " in operator.run("vsm-a", "show snmp"),
            20,
            "the count of the host that is not there",
        )
        shown = operator.run("vsm-a", "show snmp")
        assert "sys contact: Operations, room 12\nsys location: second floor\ntraps: all\n" in shown
        assert re.search(r"10\.99\.0\.7 +2162 +v2c +noauth +trap +[2-9] +0 +private", shown), shown
        control.kill("vsm-a")
        wait_for(lambda: manager.notifications(1), 30, "the next active")
        wait_for(lambda: manager.notifications(2), 30, "the end of its switchover")
    finally:
        manager.close()


def test_only_those_that_are_enabled_are_sent(make_lab, tmp_path):
    control, operator = pair(make_lab)
    manager = Manager(control, tmp_path)
    try:
        operator.configure(
            "vsm-a",
            f"snmp-server host {MANAGER} traps version 2c private udp-port 2162",
            "snmp-server enable traps sysmgr",
        )
        control.kill("vsm-a")
        wait_for(lambda: manager.notifications(2), 30, "the takeover")
        assert not manager.notifications(4)
        control.start("vsm-a")
        operator.wait("vsm-b", STATUS, "Active with HA standby")
        operator.configure("vsm-b", "no snmp-server enable traps sysmgr")
        before = manager.path.read_text()
        operator.run("vsm-b", "system switchover")
        operator.wait("vsm-a", "show interface mgmt0", "Internet Address")
        operator.wait("vsm-a", STATUS, "Active with HA standby")
        assert manager.path.read_text() == before
    finally:
        manager.close()
