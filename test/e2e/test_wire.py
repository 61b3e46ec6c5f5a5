"""The frames of real daemons: Wireshark reads every one; keys are rotated without losing one."""
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from lab_tool.capture import Capture
from lab_tool.nodes import KEY, wait_for
from lab_tool.topology import mac_of

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/wireshark/vsm_ha.lua"
NEW_KEY = "a7" * 32
SEAL_OF_KEY_2 = b"\x00\xff\x00\x21\x02"  # TLV type and length, key id
SUPERVISORS = ("vsm-a", "vsm-b")
PROOF_REASONS = (
    "authentication-missing",
    "authentication-unexpected",
    "authentication-failed",
    "unknown-key",
)


def asked(node, command):
    answer = node.ask(command + " | json", timeout=2)
    return json.loads(answer["output"]) if answer and answer["exit"] == 0 else {}


def is_ha(control, active="vsm-a", standby="vsm-b"):
    def internal(name):
        status = asked(control.node(name), "show system redundancy status")
        return status.get("this_sup_internal_state")

    return internal(active) == "Active with HA standby" and internal(standby) == "HA standby"


def wait_for_ha(control, active="vsm-a", standby="vsm-b"):
    wait_for(lambda: is_ha(control, active, standby), 10, f"{active} and {standby} to be HA")


def tshark(capture, *arguments):
    done = subprocess.run(
        ["tshark", "-r", str(capture), *arguments, "-X", f"lua_script:{SCRIPT}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_wireshark_reads_a_whole_life(make_lab, tmp_path):
    """Boot, modules, degraded mode, planned stop, takeover, return: every type, no complaint."""
    control = make_lab(vems=1, key=True)
    capture = Capture(control.lab)
    try:
        control.start_in_order(["vsm-a", "vsm-b", "vem-3"])
        wait_for_ha(control)
        control.cut("vsm-b", "control")
        wait_for(
            lambda: any(frame.port == "mgmt" for frame in
                        capture.matching(0, kind="heartbeat-response")),
            5,
            "heartbeats on mgmt",
        )
        control.heal("vsm-b", "control")
        wait_for_ha(control)
        control.stop("vsm-a")
        wait_for(lambda: capture.matching(0, kind="switch-request"), 5, "vsm-b to call the module")
        wait_for(lambda: capture.matching(0, kind="module-detach") or
                 len(capture.matching(0, kind="module-accept")) > 1, 5, "the module to follow")
        control.start("vsm-a")
        wait_for_ha(control, "vsm-b", "vsm-a")
        control.stop("vem-3")
        wait_for(lambda: capture.matching(0, kind="module-detach"), 5, "the module to detach")
    finally:
        capture.close()
    capture.save(tmp_path)
    types = set()
    for port in ("control", "mgmt"):
        file = tmp_path / f"{port}.pcap"
        count = len(capture.matching(0, port=port))
        ours = tshark(file, "-Y", "eth.type == 0x88b5", "-T", "fields", "-e", "vsmha.type",
                      "-e", "vsmha.seal.key").splitlines()
        assert 0 < len(ours) <= count
        for line in ours:
            kind, seal = line.split("\t")
            types.add(int(kind))
            assert seal == "1", f"a {kind} on {port} is not sealed"
        complaints = tshark(file, "-Y", "eth.type == 0x88b5 && (_ws.expert || _ws.malformed)")
        assert complaints == ""
    assert types == set(range(1, 15))


def refused(control):
    """{(node, port, reason): count} of what was refused for its proof."""
    found = {}
    for name in (one for one in SUPERVISORS if control.node(one).process()):
        statistics = asked(control.node(name), "show system internal redundancy statistics")
        assert statistics, f"{name} does not answer"
        for path, count in walk(statistics):
            if count and any(reason in path for reason in PROOF_REASONS):
                found[(name, path)] = count
    if "vem-3" in control.lab.nodes():
        status = asked(control.node("vem-3"), "show vem status")
        assert status.get("authentication") == "on"
        for path, count in walk(status):
            if count and any(reason in path for reason in PROOF_REASONS):
                found[("vem-3", path)] = count
    return found


def walk(value, path=""):
    """Every number below, with the words and names on the way to it."""
    if isinstance(value, dict):
        here = path + "".join(f"/{one}" for one in value.values() if isinstance(one, str))
        for key, below in value.items():
            yield from walk(below, f"{here}/{key}")
    elif isinstance(value, list):
        for below in value:
            yield from walk(below, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, value


def test_a_key_is_rotated_without_a_frame_refused(make_lab):
    control = make_lab(vems=1, key=True)
    control.start_in_order(["vsm-a", "vsm-b", "vem-3"])
    wait_for_ha(control)
    nodes = ("vsm-a", "vsm-b", "vem-3")
    incarnations = {name: control.node(name).process() for name in nodes}
    for number, text in ((1, KEY), (2, NEW_KEY)):
        file = control.lab.folder / f"key-{number}"
        file.touch(mode=0o600)
        file.write_text(text + "\n")
    capture = Capture(control.lab)
    try:
        for ids in ((1, 2), (2, 1), (2,)):
            keys = [{"id": one, "file": str(control.lab.folder / f"key-{one}")} for one in ids]
            for name in nodes:
                node = control.node(name)
                before = len([line for line in node.log() if "CONFIG_RELOADED" in line])
                node.write_configuration({"authentication": {"keys": keys}})
                control.hang_up(name)
                wait_for(
                    lambda: len([line for line in node.log() if "CONFIG_RELOADED" in line])
                    > before,
                    5,
                    f"{name} to take the keys {ids}",
                )
            seen = len(capture.frames)
            wait_for(lambda: len(capture.frames) > seen + 20, 5, "frames with the new keys")
            assert refused(control) == {}
    finally:
        capture.close()
    for name in nodes:
        last = capture.matching(0, "control", mac_of(name, "control"))[-1]
        assert SEAL_OF_KEY_2 in last.data, f"{name} still uses the old key"
    assert is_ha(control)
    assert {name: control.node(name).process() for name in nodes} == incarnations


def test_a_node_without_the_key_is_noticed_and_changes_nothing(make_lab):
    """A third supervisor without the key neither collides nor is listened to."""
    control = make_lab(vems=0, key=True)
    control.start_in_order(["vsm-a", "vsm-b"])
    wait_for_ha(control)
    control.start("vsm-c", {"authentication": None, "setup": {"role": "secondary", "domain": 100}})
    for name in SUPERVISORS:
        node = control.node(name)
        wait_for(
            lambda: any(
                "FRAMES_REJECTED" in line and "authentication-missing" in line
                for line in node.log()
            ),
            5,
            f"{name} to notice it",
        )
        status = node.ask("show system redundancy status")["output"]
        assert "collision" not in status.lower()
    assert {name for name, _ in refused(control)} == set(SUPERVISORS)  # it finds what is refused
    assert is_ha(control)
    c = control.node("vsm-c")
    wait_for(
        lambda: any("authentication-unexpected" in line for line in c.log()), 5, "vsm-c to notice"
    )
