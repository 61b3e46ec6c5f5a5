"""The lab itself: each fault does what it says and nothing else, and nothing is left behind."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from lab_tool import wires
from lab_tool.capture import Capture, Injector, Seen, open_in, text_mac
from lab_tool.nodes import wait_for
from lab_tool.topology import Lab, LabError, Parameters
from probe import arrivals, passed


def carrier(control, node, port="control"):
    listing = subprocess.run(
        ["ip", "-n", control.lab.namespace(node), "-j", "link", "show", f"{port}0"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return "LOWER_UP" in json.loads(listing)[0]["flags"]


def everything(control, count=20):
    """{(from, to): frames passed} on control between three nodes."""
    nodes = ("vsm-a", "vsm-b", "vem-3")
    return {(a, b): passed(control, a, b, count=count) for a in nodes for b in nodes if a != b}


def test_a_whole_lab_passes_everything(make_lab):
    control = make_lab(vems=1)
    assert set(everything(control).values()) == {20}
    for port in ("control", "mgmt"):
        assert passed(control, "vsm-a", "vsm-b", port, broadcast=True) == 20


@pytest.mark.parametrize(
    "direction, lost",
    [
        ("in", {("vsm-b", "vsm-a"), ("vem-3", "vsm-a")}),
        ("out", {("vsm-a", "vsm-b"), ("vsm-a", "vem-3")}),
        ("both", {("vsm-b", "vsm-a"), ("vem-3", "vsm-a"), ("vsm-a", "vsm-b"), ("vsm-a", "vem-3")}),
    ],
)
def test_cut_loses_one_direction_and_no_end_sees_it(make_lab, direction, lost):
    control = make_lab(vems=1)
    control.cut("vsm-a", "control", direction)
    assert {pair for pair, count in everything(control).items() if count == 0} == lost
    assert {count for pair, count in everything(control).items() if pair not in lost} == {20}
    assert carrier(control, "vsm-a") and carrier(control, "vsm-b")
    assert passed(control, "vsm-a", "vsm-b", "mgmt") == 20  # the other cable is untouched
    # Broadcasts die with the rest: discovery has no way around a cut.
    assert passed(control, "vsm-a", "vsm-b", broadcast=True) == (0 if direction != "in" else 20)
    control.heal("vsm-a", "control")
    assert set(everything(control).values()) == {20}


def test_a_lost_carrier_is_seen_by_the_end_at_once(make_lab):
    control = make_lab(vems=1)
    begun = time.monotonic()
    control.cut("vsm-a", "control", carrier=True)
    while carrier(control, "vsm-a"):
        assert time.monotonic() < begun + 0.5, "carrier loss is late"
    assert carrier(control, "vsm-b") and passed(control, "vsm-b", "vem-3") == 20
    control.heal("vsm-a", "control")
    assert carrier(control, "vsm-a") and passed(control, "vsm-a", "vsm-b") == 20


def test_loss_is_random_in_both_directions_and_composes_with_a_cut(make_lab):
    control = make_lab(vems=1)
    control.loss("vsm-a", "control", 30)
    for pair in (("vsm-a", "vsm-b"), ("vsm-b", "vsm-a")):
        assert 600 < passed(control, *pair, count=1000) < 800
    control.cut("vsm-a", "control", "out")
    assert passed(control, "vsm-a", "vsm-b") == 0
    assert 600 < passed(control, "vsm-b", "vsm-a", count=1000) < 800
    control.loss("vsm-a", "control", 0)  # no loss any more, the cut stays
    assert passed(control, "vsm-a", "vsm-b") == 0 and passed(control, "vsm-b", "vsm-a") == 20
    control.heal("vsm-a", "all")
    assert passed(control, "vsm-a", "vsm-b") == 20


def test_loss_of_one_direction(make_lab):
    control = make_lab(vems=0)
    control.loss("vsm-b", "control", 100, "in")
    assert passed(control, "vsm-a", "vsm-b") == 0 and passed(control, "vsm-b", "vsm-a") == 20


def test_nodes_apart_hear_everybody_else(make_lab):
    control = make_lab(vems=1)
    control.cut_between("vsm-a", "vsm-b", "control", "in")
    assert passed(control, "vsm-b", "vsm-a") == 0 and passed(control, "vsm-a", "vsm-b") == 20
    assert passed(control, "vsm-b", "vsm-a", broadcast=True) == 0
    assert passed(control, "vem-3", "vsm-a") == 20 and passed(control, "vsm-b", "vem-3") == 20
    control.separate([["vsm-a"], ["vsm-b", "vem-3"]], "all")
    lost = {("vsm-a", "vsm-b"), ("vsm-b", "vsm-a"), ("vsm-a", "vem-3"), ("vem-3", "vsm-a")}
    assert {pair for pair, count in everything(control).items() if count == 0} == lost
    assert passed(control, "vsm-a", "vsm-b", "mgmt") == 0
    control.heal("vsm-a", "control")
    assert set(everything(control).values()) == {20}
    assert passed(control, "vsm-a", "vsm-b", "mgmt") == 0  # the other cable is untouched
    control.mend()
    assert passed(control, "vsm-a", "vsm-b", "mgmt") == 20


def test_delay_keeps_the_order_unless_it_may_not(make_lab):
    control = make_lab(vems=0)
    control.set_quality("vsm-a", "control", "in", delay_ms=100, jitter_ms=20)
    numbers, took = arrivals(control, "vsm-b", "vsm-a", 50, 50)
    assert numbers == list(range(50)) and took > 0.1
    numbers, took = arrivals(control, "vsm-a", "vsm-b", 50, 50)  # the other direction
    assert numbers == list(range(50)) and took < 0.1
    control.set_quality("vsm-a", "control", "in", reorder=True)
    numbers, took = arrivals(control, "vsm-b", "vsm-a", 50, 50)
    assert numbers != list(range(50)) and sorted(numbers) == list(range(50)) and took > 0.1
    assert carrier(control, "vsm-a")


def test_doubled_and_damaged_frames(make_lab):
    control = make_lab(vems=0)
    control.set_quality("vsm-a", "control", "out", duplicate=100)
    assert sorted(arrivals(control, "vsm-a", "vsm-b", 20, 40)[0]) == sorted([*range(20)] * 2)
    assert arrivals(control, "vsm-b", "vsm-a", 20, 40, 0.3)[0] == list(range(20))
    control.set_quality("vsm-a", "control", "both", duplicate=0, corrupt=100)
    for source, target in (("vsm-a", "vsm-b"), ("vsm-b", "vsm-a")):
        numbers, _ = arrivals(control, source, target, 200, 200)
        # Flipped bits fall anywhere into the frame, a few of them into its number.
        assert len(numbers) == 200 and 0 < len(set(numbers) - set(range(200))) < 150


def test_cuts_and_losses_hold_on_cables_that_are_carried(make_lab):
    control = make_lab(vems=1)
    control.cut("vsm-a", "control", "out")
    control.set_quality("vsm-a", "control", "both", delay_ms=1)
    control.separate([["vsm-a"], ["vem-3"]], "control")
    assert passed(control, "vsm-a", "vsm-b") == 0 and passed(control, "vsm-b", "vsm-a") == 20
    assert passed(control, "vem-3", "vsm-a") == 0
    control.loss("vsm-a", "control", 100, "in")
    assert passed(control, "vsm-b", "vsm-a") == 0
    control.heal("vsm-a", "control")
    assert set(everything(control).values()) == {20}
    control.set_quality("vsm-a", "control", "both", delay_ms=1)
    control.wires.unplug("vsm-a", "control")
    control.wires.set_link("vsm-b", "control", False)
    control.mend()
    assert set(everything(control).values()) == {20}


def test_a_host_without_power_has_no_address_and_may_have_torn_files(make_lab):
    control = make_lab(start=True, vems=0)
    node = control.node("vsm-a")
    wait_for(node.held_addresses, 5, "the address")
    stored = node.folder / "state" / "state.mdb"
    wait_for(lambda: stored.exists() and b"peer-mac" in stored.read_bytes(), 5, "the stored state")
    whole = stored.stat().st_size
    control.freeze("vsm-a")
    control.power_off("vsm-a", "torn")
    assert node.state() == "killed" and not node.held_addresses()
    assert stored.stat().st_size < whole
    control.mend()
    wait_for(lambda: any("STATE_DAMAGED" in line for line in node.log()), 5, "the report")
    nodes = [control.node(name) for name in ("vsm-a", "vsm-b")]
    wait_for(lambda: any(one.held_addresses() for one in nodes), 5, "an active")


def test_interface_numbers_never_match_their_peers(make_lab):
    """Equal numbers would make the kernel report carrier loss up to a second late."""
    control = make_lab(vems=2)
    control.wires.unplug("vem-3", "control")
    control.wires.plug("vem-3", "control")
    for node in control.lab.nodes():
        listing = subprocess.run(
            ["ip", "-n", control.lab.namespace(node), "-j", "link"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for link in json.loads(listing):
            assert link["ifindex"] != link.get("link_index")
    assert passed(control, "vem-3", "vem-4") == 20


def test_two_labs_do_not_touch_each_other(make_lab):
    one, two = make_lab(vems=0), make_lab(vems=0)
    one.cut("vsm-a", "all")
    assert passed(one, "vsm-a", "vsm-b") == 0 and passed(two, "vsm-a", "vsm-b") == 20
    one.down()
    assert passed(two, "vsm-a", "vsm-b") == 20


def test_sixty_four_modules(make_lab):
    control = make_lab(vems=64)
    assert len(control.lab.nodes()) == 66
    assert passed(control, "vsm-a", "vem-66") == 20


def left_of(name):
    """Whatever of a lab still exists."""
    spaces = [entry for entry in os.listdir("/run/netns") if entry.startswith(f"{name}-")]
    marked = f"VSM_HA_LAB={name}\0".encode()
    processes = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marked in (entry / "environ").read_bytes() + b"\0":
                    processes.append(entry.name)
            except OSError:
                pass
    return spaces, processes, Lab(name).folder.exists()


def test_down_after_the_script_was_killed(lab_command, make_lab):
    """kill -9 at several moments of `up`; `down` finds what is there without its files."""
    for moment in (0.05, 0.15, 0.3, 0.5):
        name = f"k{os.getpid() % 100000}"
        up = subprocess.Popen(
            [
                str(Path(__file__).resolve().parents[2] / "scripts" / "lab"),
                "up",
                "--name",
                name,
                "--vems",
                "8",
                "--wires-only",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            up.wait(timeout=moment)  # measure: the moment of the kill is what is varied
        except subprocess.TimeoutExpired:
            os.killpg(up.pid, signal.SIGKILL)
            up.wait()
        lab_command("down", "--name", name)
        assert left_of(name) == ([], [], False)


def test_down_ends_processes_that_the_lab_did_not_start(make_lab):
    control = make_lab(vems=0)
    stray = subprocess.Popen(control.lab.enter("vsm-a") + ["tail", "-f", "/dev/null"])
    space = os.stat(f"/run/netns/{control.lab.namespace('vsm-a')}").st_ino
    inside = f"/proc/{stray.pid}/ns/net"
    wait_for(lambda: os.stat(inside).st_ino == space, 5, "the process to be inside")
    control.down()
    assert stray.wait(timeout=5) == -signal.SIGKILL
    assert left_of(control.lab.name) == ([], [], False)


def test_down_of_nothing_and_twice(lab_command):
    lab_command("down", "--name", "never-was")
    lab_command("down", "--name", "never-was")


def test_a_pid_that_belongs_to_somebody_else_is_no_node(make_lab):
    control = make_lab(vems=0)
    node = control.node("vsm-a")
    node.folder.mkdir(parents=True)
    started = wires.start_time_of(os.getpid())
    (node.folder / "pid").write_text(f"{os.getpid()} {started + 1}")
    assert node.process() is None
    (node.folder / "pid").write_text(f"{os.getpid()} {started}")
    assert node.process() == os.getpid()


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["up", "--vems", "65"], "0 to 64"),
        (["up", "--heartbeat-ms", "4"], "5 to 1000"),
        (["up", "--multiplier", "2"], "at least 3"),
        (["up", "--timers", "nx-os", "--multiplier", "31"], "6 to 30"),
        (["up", "--name", "Bad_Name"], "no lab name"),
        (["status", "--name", "not-there"], "no lab 'not-there' is up"),
        (["cut", "--name", "not-there", "vsm-a", "control"], "no lab 'not-there' is up"),
    ],
)
def test_mistakes_are_told_and_change_nothing(lab_command, arguments, words):
    done = lab_command(*arguments, check=False)
    assert done.returncode != 0 and words in done.stderr and "Traceback" not in done.stderr


def test_mistakes_on_a_lab_that_is_up(lab_command, make_lab):
    control = make_lab(vems=0)
    name = ["--name", control.lab.name]
    for arguments, words in (
        (["up", *name], "is up already"),
        (["cut", *name, "vsm-z", "control"], "has no node vsm-z"),
        (["cut", *name, "nonsense", "control"], "is no node"),
        (["cut", *name, "vsm-a", "power"], "control, mgmt or all"),
        (["cut", *name, "vsm-a", "control", "--carrier", "--direction", "in"], "both directions"),
        (["loss", *name, "vsm-a", "control", "101"], "0 to 100"),
        (["loss", *name, "vsm-a", "control", "much"], "0 to 100"),
        (["kill", *name, "vsm-a"], "is not running"),
    ):
        done = lab_command(*arguments, check=False)
        assert done.returncode != 0 and words in done.stderr and "Traceback" not in done.stderr
    assert passed(control, "vsm-a", "vsm-b") == 20


def test_parameters_survive_in_the_lab(make_lab):
    control = make_lab(vems=1, timers="nx-os", domain=7)
    again = Lab(control.lab.name).load()
    assert again.parameters == Parameters(vems=1, timers="nx-os", domain=7)
    with pytest.raises(LabError):
        Lab("not-there").load()


def test_hostile_frames_are_made_of_the_product_s_own(make_lab):
    """What a kernel sends from a node's address in between is nobody's frame here."""
    control = make_lab(vems=0)
    capture = Capture(control.lab)
    try:
        source = bytes.fromhex("020000000102")
        ours = bytes.fromhex("020000000101") + source + b"\x88\xb5VSHA\x01\x03" + bytes(60)
        neighbor = bytes.fromhex("020000000101") + source + b"\x86\xdd" + bytes(72)
        capture.frames += [Seen(1.0, "control", ours), Seen(2.0, "control", neighbor)]
        assert [one.kind for one in capture.matching(0, "control", text_mac(source))] == [
            "heartbeat-response"
        ]
        with open_in(control.lab.namespace("vsm-a"), "control0") as receiver:
            receiver.settimeout(2)
            Injector(control.lab, capture).inject("replayed", "control", "vsm-a", "vsm-b", None, 3)
            assert [receiver.recv(2048) for _ in range(3)] == [ours] * 3
    finally:
        capture.close()
