"""Events of real daemons, followers of them, and hooks that run on them (EVT-1, EVT-2, EVT-3)."""
import json
import os
import signal
import subprocess
import threading

from lab_tool.binaries import binaries
from lab_tool.nodes import wait_for
from test_vsmd import in_state, logged, pair


class Follower:
    """vsmsh --follow --json beside a node, read along by a thread."""

    def __init__(self, node, since=None):
        wait_for(lambda: node.ask("show clock"), 5, f"{node.name} to answer")
        arguments = ["--socket", str(node.socket_path), "--follow", "--json"]
        arguments += [] if since is None else ["--since", str(since)]
        self.events = []
        self._process = subprocess.Popen(
            [str(binaries(build=False)["vsmsh"]), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self._process.stdout:
            self.events.append(json.loads(line))

    def named(self, name):
        return [event for event in list(self.events) if event["event"] == name]

    def expect(self, name, limit=10, count=1):
        wait_for(lambda: len(self.named(name)) >= count, limit, f"{count} event(s) {name}")
        return self.named(name)[count - 1]

    def end(self):
        self._process.send_signal(signal.SIGINT)
        self._process.wait(10)
        self._thread.join(10)


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


def script(folder, name, text):
    path = folder / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def test_a_takeover_is_followed_and_hooked(make_lab, tmp_path):
    """EVT-1, EVT-2, EVT-3: over a takeover, and over restarts of the daemon itself."""
    control, one, other = pair(make_lab)
    follower = Follower(other, since=0)
    assert follower.expect("service.started")["fields"]["program"] == "vsmd"
    output = tmp_path / "hooked"
    hook = script(tmp_path, "hook", f'cat >>{output}\n')
    other.write_configuration({"hooks": [{"on": ["role.active", "peer.*"], "run": [hook]}]})
    other.hang_up()
    follower.expect("configuration.reloaded")
    control.kill("vsm-a")
    active = follower.expect("role.active")
    follower.expect("peer.lost")
    wait_for(
        lambda: [json.loads(line)["event"] for line in lines_of(output)][-2:]
        == ["role.active", "peer.lost"],
        5,
        "both hooks",
    )
    assert [json.loads(line) for line in lines_of(output) if '"role.active"' in line] == [active]
    before = lines_of(output)
    control.start("vsm-a")
    in_state(one, "standby-ha")
    # Two more lives of the same node: the follower goes on by itself, and nothing is repeated.
    assert other.ask("reload")["exit"] == 0
    in_state(other, "standby-ha")
    control.kill("vsm-b")
    control.start("vsm-b", {"hooks": [{"on": ["role.active", "peer.*"], "run": [hook]}]})
    in_state(other, "standby-ha")
    follower.expect("service.started", count=3)
    follower.end()
    numbers = [event["sequence"] for event in follower.events]
    assert numbers == list(range(1, len(numbers) + 1)), "no gap, nothing twice, in order"
    hooked = [json.loads(line)["sequence"] for line in lines_of(output)]
    assert hooked == sorted(set(hooked)), "each once and in order"
    assert len(hooked) >= len(before)


def test_a_hook_that_hangs_costs_nobody_a_heartbeat(make_lab, tmp_path):
    """EVT-3, HB-7"""
    control = make_lab(vems=0, multiplier=20)
    output = tmp_path / "after"
    hang = script(tmp_path, "hang", f"echo $$ >{tmp_path}/pid\nexec tail -f /dev/null\n")
    after = script(tmp_path, "after-hang", f"echo $VSM_HA_EVENT >>{output}\n")
    hooks = [
        {"on": ["role.active"], "run": [hang], "limit_seconds": 2},
        {"on": ["role.active"], "run": ["/nonexistent/hook"]},
        {"on": ["role.active"], "run": [after]},
    ]
    control.start("vsm-a", {"hooks": hooks})
    control.start("vsm-b")
    one, other = control.node("vsm-a"), control.node("vsm-b")
    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    logged(one, "HOOK_FAILED: Hook " + hang, limit=10)
    logged(one, "killed after 2 s")
    logged(one, "Hook /nonexistent/hook for event", limit=10)
    wait_for(lambda: lines_of(output) == ["role.active"], 5, "the hook behind")
    process = int((tmp_path / "pid").read_text())
    wait_for(lambda: not os.path.exists(f"/proc/{process}"), 5, "the hook to be gone")
    assert not [line for line in one.log() + other.log() if "STALL" in line]
    in_state(one, "active-ha")


def test_a_module_has_events_and_hooks_too(make_lab, tmp_path):
    """EVT-1, EVT-3"""
    control = make_lab(vems=1)
    output = tmp_path / "hooked"
    hook = script(tmp_path, "hook", f"cat >>{output}\n")
    control.start("vsm-a")
    control.start("vsm-b")
    control.start("vem-3", {"hooks": [{"on": ["module.*"], "run": [hook]}]})
    module = control.node("vem-3")
    follower = Follower(module, since=0)
    changed = follower.expect("module.changed")
    assert set(changed["fields"]) == {"from", "to", "event", "reason"}
    assert changed["node"] == "host-vem-3"
    wait_for(lambda: lines_of(output), 5, "the hook")
    follower.end()
