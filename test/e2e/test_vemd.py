"""vemd as a program: its command line, its files, its signals, and who may not take its place."""
import json
import subprocess

import pytest
from lab_tool.nodes import host_uuid, wait_for
from test_configuration import Operator

ONLINE = "attached"


def status(node):
    answer = node.ask("show vem status | json")
    return json.loads(answer["output"]) if answer and answer["exit"] == 0 else {}


def attached(node, limit=5):
    """What it said when it was: a moment later it may have left again."""
    seen = {}

    def is_attached():
        seen.clear()
        seen.update(status(node))
        return seen.get("state") == ONLINE

    wait_for(is_attached, limit, f"{node.name} to attach")
    return seen


def logged(node, text, limit=3):
    wait_for(lambda: any(text in line for line in node.log()), limit, f"'{text}' in the log")


def run(control, *arguments, node="vem-3", prefix=()):
    binary = control._binary("vem-3")  # pylint: disable=protected-access
    return subprocess.run(
        [*control.lab.enter(node), *prefix, str(binary), *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_the_command_line_answers_and_refuses(make_lab, tmp_path):
    control = make_lab(vems=1)
    assert run(control, "--version").stdout.startswith("vemd (vsm-ha) ")
    assert "--check-config" in run(control, "--help").stdout
    for wrong in (["--nonsense"], ["--config"], ["a.yaml", "b.yaml"]):
        done = run(control, *wrong)
        assert done.returncode == 2 and "vemd --help" in done.stderr
    good = control.node("vem-3").write_configuration()
    assert run(control, "--check-config", str(good)).returncode == 0
    bad = tmp_path / "vem-9.yaml"
    bad.write_text("domain: 5000\ninterfaces: {control: {name: control0}}\ncolour: red\n")
    for arguments in (["--check-config", "--config", str(bad)], [str(bad)]):
        done = run(control, *arguments)
        assert done.returncode == 2
        assert f"{bad}:1: domain: 5000 is out of range (1..4095)" in done.stderr
        assert f"{bad}:3: colour: unknown key" in done.stderr


def test_a_missing_capability_is_one_sentence(make_lab):
    control = make_lab(vems=1)
    file = control.node("vem-3").write_configuration()
    done = run(control, str(file), prefix=("setpriv", "--bounding-set", "-net_raw"))
    assert done.returncode == 1
    assert "CAP_NET_RAW is missing" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_second_process_of_one_instance_is_refused(make_lab):
    control = make_lab(vems=1, start=True)
    node = control.node("vem-3")
    before = attached(node)
    done = run(control, str(node.folder / "vem-3.yaml"))
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    after = attached(node)
    assert after["incarnation"] == before["incarnation"] and after["uptime_ms"] > 0


def test_an_interface_that_comes_later_is_waited_for(make_lab):
    control = make_lab(vems=1)
    namespace = control.lab.namespace("vem-3")
    subprocess.run(["ip", "-n", namespace, "link", "set", "control0", "name", "away0"], check=True)
    control.start("vsm-a")
    control.start("vem-3")
    node = control.node("vem-3")
    logged(node, "interface control0 does not exist")
    assert status(node)["state"] == "searching"
    assert status(node)["control_link"] == "interface control0 does not exist"
    subprocess.run(["ip", "-n", namespace, "link", "set", "away0", "down"], check=True)
    subprocess.run(["ip", "-n", namespace, "link", "set", "away0", "name", "control0"], check=True)
    subprocess.run(["ip", "-n", namespace, "link", "set", "control0", "up"], check=True)
    attached(node)


@pytest.mark.parametrize("damage", [b"", b"\x00\xff\xfe", b'{"version": 1, "body'])
def test_a_damaged_store_costs_no_number(make_lab, damage):
    control = make_lab(vems=2, start=True)
    node = control.node("vem-4")
    number = attached(node)["module"]
    control.stop("vem-4")
    (node.folder / "state" / "module.json").write_bytes(damage)
    control.start("vem-4")
    assert attached(node)["module"] == number
    logged(node, "STATE_DAMAGED")
    assert list((node.folder / "state").glob("module.json.damaged-*"))
    file = node.folder / "state" / "module.json"
    wait_for(
        lambda: f'"module":{number}' in file.read_text().replace("\\", ""), 2, "the number on disk"
    )


def test_a_host_with_the_uuid_of_another_disturbs_nobody(make_lab):
    """VEM-1: the number belongs to the host that has it."""
    control = make_lab(vems=2)
    for name in ("vsm-a", "vem-3"):
        control.start(name)
    first = control.node("vem-3")
    before = attached(first)
    taken = host_uuid("vem-3")
    control.start("vem-4", {"host": {"uuid": taken, "name": "impostor"}})
    logged(control.node("vsm-a"), "HOST_REJECTED")
    assert status(control.node("vem-4"))["state"] == "searching"
    after = attached(first)
    assert after["attached_ms"] >= before["attached_ms"]
    assert len([line for line in control.node("vsm-a").log() if "HOST_REJECTED" in line]) == 1


def test_keys_are_rotated_without_losing_a_module(make_lab):
    """Add the new key everywhere, move it first, remove the old one: SIGHUP each time."""
    control = make_lab(vems=1, start=True, key=True)
    node = control.node("vem-3")
    attached(node)
    old = {"id": 1, "file": str(control.lab.folder / "key-1")}
    new = {"id": 2, "file": str(control.lab.folder / "key-2")}
    path = control.lab.folder / "key-2"
    path.touch(mode=0o600)
    path.write_text("a7" * 32 + "\n")
    begun = status(node)["attached_ms"]
    for keys in ([old, new], [new, old], [new]):
        for name in ("vsm-a", "vsm-b", "vem-3"):
            one = control.node(name)
            count = sum("CONFIG_RELOADED" in line for line in one.log())
            one.write_configuration({"authentication": {"keys": keys}})
            one.hang_up()
            wait_for(
                lambda: sum("CONFIG_RELOADED" in line for line in one.log()) > count,
                3,
                f"{name} to read its keys",
            )
    path.with_name("key-1").unlink()
    heard = status(node)["frames_received"]
    wait_for(lambda: status(node)["frames_received"] > heard + 20, 5, "heartbeats to go on")
    after = status(node)
    assert after["state"] == ONLINE and after["attached_ms"] > begun
    assert not any("MOD_OFFLINE" in line for line in control.node("vsm-a").log())


def test_a_bad_file_changes_nothing(make_lab):
    control = make_lab(vems=1, start=True)
    node = control.node("vem-3")
    attached(node)
    (node.folder / "vem-3.yaml").write_text("domain: none\n")
    node.hang_up()
    logged(node, "CONFIG_REFUSED")
    assert status(node)["state"] == ONLINE


def test_the_agent_says_goodbye_and_leaves_its_ports(make_lab):
    """HB-8, VEM-6: a planned stop is told at once, and the bridge outlives the agent."""
    control = make_lab(vems=1, start=True, traffic=True)
    attached(control.node("vem-3"))
    control.stop("vem-3")
    logged(control.node("vsm-a"), "Module 3 is offline: stopped", limit=0.2)
    assert control.node("vem-3").state() == "stopped"
    listing = subprocess.run(
        ["ip", "-n", control.lab.namespace("vem-3"), "-o", "link", "show", "master", "br0"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = {line.split()[1].split("@")[0] for line in listing.splitlines()}
    assert {"eth1", "vm1", "vm2"} <= names


def test_commands_are_answered_while_clients_misbehave(make_lab):
    control = make_lab(vems=1, start=True)
    node = control.node("vem-3")
    attached(node)
    assert "% Invalid command" in node.ask("show nonsense")["error"]
    assert node.ask("x" * 70000) is None or node.ask("show card")["exit"] == 0
    assert "Card slot: 3" in node.ask("show card")["output"]


def test_a_tagged_module_meets_tagged_supervisors_only(make_lab):
    """The control VLAN is handled in user space, no VLAN device is needed."""
    tagged = {"interfaces": {"control": {"vlan": 260}}}
    control = make_lab(vems=2, nodes={"vsm-a": tagged, "vem-3": tagged})
    for name in ("vsm-a", "vem-3", "vem-4"):
        control.start(name)
    attached(control.node("vem-3"))
    assert "Card control VLAN: 260" in control.node("vem-3").ask("show card")["output"]
    untagged = control.node("vem-4")
    drops = lambda: {  # noqa: E731
        row["reason"]: row["count"]
        for row in status(untagged).get("TABLE_drops", {}).get("ROW_drops", [])
    }
    wait_for(lambda: drops().get("vlan-mismatch", 0) > 3, 5, "frames of another VLAN to be counted")
    assert status(untagged)["state"] == "searching"


def test_a_crashed_agent_is_removed_and_added_again(make_lab):
    """VEM-7: the restarted agent is a new life under the old number."""
    control = make_lab(vems=1, start=True)
    node = control.node("vem-3")
    before = attached(node)
    control.kill("vem-3")
    control.start("vem-3")
    after = attached(node)
    assert after["module"] == before["module"]
    assert after["incarnation"] > before["incarnation"]
    logged(control.node("vsm-a"), "Module 3 is offline")
    wait_for(
        lambda: sum("Module 3 is online" in line for line in control.node("vsm-a").log()) == 2,
        3,
        "the module to be online a second time",
    )


def test_the_active_reloads_a_module(make_lab):
    """SW-6: a new life of the same process; with a broken file it goes on with the former one."""
    control = make_lab(vems=1, start=True, key=True)
    node = control.node("vem-3")
    operator = Operator(control)
    before = attached(node)
    process = node.process()
    for broken in (False, True):
        if broken:
            (node.folder / "vem-3.yaml").write_text("domain: many\n")
        assert operator.run("vsm-a", "reload module 3") == ""

        def is_another(last=before):
            now = status(node)
            return now.get("state") == ONLINE and now["incarnation"] > last["incarnation"]

        wait_for(is_another, 5, "another life of the agent")
        before = status(node)
        assert before["module"] == 3
        assert node.process() == process
    logged(node, "CONFIG_REFUSED")
    logged(node, "RELOAD: The agent restarts: supervisor 1 ordered a reload")
    logged(control.node("vsm-a"), "Module 3 is offline: reloads")
    assert "% Module 9 is not present" in operator.run("vsm-a", "reload module 9")
    assert "% Module 1 is this supervisor" in operator.run("vsm-a", "reload module 1")
    assert "range is (1:66)" in operator.run("vsm-a", "reload module 67")
