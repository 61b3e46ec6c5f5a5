"""`logging …` on a real pair: a file, severities, and a syslog server on the network of mgmt."""
import subprocess
import sys

from lab_tool.nodes import wait_for
from test_configuration import pair

SERVER = "10.99.0.7"
RECEIVER = """
import socket
listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("{address}", 514))
print("ready", flush=True)
while True:
    data, source = listener.recvfrom(4096)
    print(source[0], data.decode(), flush=True)
"""


class SyslogServer:
    """Listens in the switch's namespace, which gets an address on mgmt."""

    def __init__(self, control, folder):
        enter = control.lab.enter("wire")
        for words in (f"address add {SERVER}/24 dev br-mgmt", "link set br-mgmt up"):
            subprocess.run([*enter, "ip", *words.split()], check=True)
        self.path = folder / "received"
        with open(self.path, "w", encoding="utf-8") as out:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [*enter, sys.executable, "-c", RECEIVER.format(address=SERVER)], stdout=out
            )
        wait_for(lambda: "ready" in self.path.read_text(), 10, "the syslog server")

    def lines(self, text):
        return [line for line in self.path.read_text().splitlines() if text in line]

    def close(self):
        self.process.kill()
        self.process.wait()


def file_of(control, node, name):
    path = control.node(node).folder / "state" / "log" / name
    return path.read_text() if path.exists() else ""


def test_a_syslog_server_gets_the_lines_of_the_active(make_lab, tmp_path):
    """From the management address, with NX-OS's priority; also from the next active."""
    control, operator = pair(make_lab)
    server = SyslogServer(control, tmp_path)
    try:
        operator.configure("vsm-a", f"logging server {SERVER} 6", "logging level redundancy 5")
        operator.run("vsm-a", "clear system redundancy peer-mac")
        wait_for(lambda: server.lines("%REDUNDANCY-5-PEER_MAC_CLEARED"), 10, "the line")
        line = server.lines("%REDUNDANCY-5-PEER_MAC_CLEARED")[0]
        assert line.startswith("10.99.0.100 <189>20"), line
        shown = operator.run("vsm-a", "show logging server")
        assert "{" + SERVER + "}\n        server severity:        information\n" in shown
        control.kill("vsm-a")
        wait_for(lambda: server.lines("SWITCHOVER_OVER"), 20, "the next active's line")
    finally:
        server.close()


def test_a_dead_server_costs_nothing(make_lab):
    """ANY-1: the pair stays one, lines are counted, the rest of the log goes on."""
    control, operator = pair(make_lab)
    lines = [f"logging server 10.99.0.{last} 7" for last in range(201, 209)]
    operator.configure("vsm-a", *lines)
    refused = operator.run("vsm-a", "configure terminal", "logging server 192.0.2.1 7")
    assert "Too many lines like 'logging server 192.0.2.1 7', at most 8" in refused
    operator.configure("vsm-a", f"no {lines[0][:-2]}", "logging server 192.0.2.1 7")
    for _ in range(20):
        operator.run("vsm-a", "clear system redundancy peer-mac")
    wait_for(
        lambda: "refused by the network, 0 dropped" in operator.run("vsm-a", "show logging server"),
        10,
        "the counts",
    )
    shown = operator.run("vsm-a", "show logging server")
    assert "{192.0.2.1}" in shown and "Network is unreachable" in shown, shown
    assert "{10.99.0.201}" not in shown
    status = operator.run("vsm-a", "show system redundancy status")
    assert "Active with HA standby" in status
    trace = operator.run("vsm-a", "show system internal redundancy trace")
    assert "degraded" not in trace.lower(), trace
    assert control.node("vsm-a").state() == "running"


def test_a_file_and_severities_are_obeyed_and_kept_over_a_restart(make_lab):
    control, operator = pair(make_lab)
    operator.configure(
        "vsm-a", "logging logfile messages 5", "logging level SYSMGR 3", "logging level daemon 7"
    )
    running = operator.run("vsm-a", "show running-config | include logging")
    assert running == (
        "logging logfile messages 5\nlogging level daemon 7\nlogging level sysmgr 3\n"
    )
    operator.run("vsm-a", "clear system redundancy peer-mac")
    wait_for(
        lambda: "PEER_MAC_CLEARED" in file_of(control, "vsm-a", "messages"), 10, "the file's line"
    )
    levels = operator.run("vsm-a", "show logging level")
    assert "\nsysmgr                  6                       3\n" in levels
    kept = operator.run("vsm-a", "show logging logfile")
    assert "PEER_MAC_CLEARED" in kept and "-6-" not in kept.split("PEER_MAC_CLEARED")[1]
    operator.run("vsm-a", "copy running-config startup-config")
    control.kill("vsm-a")
    operator.wait("vsm-b", "show logging", "Name - messages: Severity - notifications")
    wait_for(
        lambda: "MOD_REMOVE" in file_of(control, "vsm-b", "messages"), 20, "the next active's file"
    )
    control.start("vsm-a")
    operator.wait("vsm-a", "show logging", "Name - messages: Severity - notifications")
    operator.wait("vsm-b", "show system redundancy status", "Active with HA standby")
    operator.configure("vsm-b", "no logging logfile", "no logging level sysmgr")
    operator.wait("vsm-a", "show logging", "Logging logfile:                disabled")
    assert operator.run("vsm-b", "show running-config | include logging") == (
        "logging level daemon 7\n"
    )
