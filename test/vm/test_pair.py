"""A pair on hosts with kernels of their own: VLANs, bad cables, panics, watchdogs, pauses."""
import re
import time

import pytest
from host_lab.site import ACTIVE, ALONE, SUPERVISORS
from vm_lab.image import WATCHDOG_S
from vm_lab.pair import LOSS_MS

LOSS = LOSS_MS / 1000
# Seconds: sooner, and somebody would have told it. A starved host's last heartbeats may be late.
PATIENCE = LOSS / 2
SLACK = 60.0  # seconds for a busy machine that emulates two others


def configure(pair, location):
    """A change that the active answers as done, on both disks."""
    text = f"configure terminal\nsnmp-server location {location}\n"
    printed = pair[pair.active()].run("vsmsh", "-i", "vsmd", text=text)
    assert "%" not in printed, printed


def wait_for_change(pair, location):
    def has(name):
        shown = pair[name].ask("vsmd", "show running-config")
        return bool(shown) and f"snmp-server location {location}\n" in shown["output"]

    for name in SUPERVISORS:
        pair.wait(lambda n=name: has(n), f"{name} to have the change {location}")


def timed_takeover(pair, what, name, since):
    """Waits until this supervisor is the active; the seconds since `since`, also noted."""
    return pair.timed(
        f"{what}: the other one is active",
        lambda: pair.state(name) in (ALONE, ACTIVE),
        since,
        LOSS + SLACK,
    )


def timed_return(pair, what, since):
    """Waits for a whole pair, which nobody helped."""
    pair.timed(f"{what}: a whole pair again", pair.is_whole, since)


def test_a_vlan_device_and_a_daemon_that_tags_are_a_pair(pair):
    """NET-2: on one side of the trunk a device of the kernel, on the other the daemon's own tag."""
    first, second = SUPERVISORS
    assert "vlan protocol 802.1Q id 260" in pair[first].run("ip", "-d", "link", "show", "control0")
    assert "control0" not in pair[second].run("ip", "link")
    assert set(pair.module_numbers().values()) == {3, 4}
    configure(pair, "trunk")
    wait_for_change(pair, "trunk")


def test_a_bad_cable_costs_no_failover(pair):
    """HB-2: 20 % lost, 200 ms late, a quarter out of order, both ways, for five loss intervals."""
    roles = pair.roles()
    for name in SUPERVISORS:
        pair[name].impair("delay", "200ms", "100ms", "loss", "20%", "reorder", "25%")
    begun = time.monotonic()
    number = 0
    while time.monotonic() - begun < 5 * LOSS:
        number += 1
        configure(pair, f"bad-{number}")
    taken = time.monotonic() - begun
    pair.figures.append((f"{number} changes on both disks over bad cables", taken))
    wait_for_change(pair, f"bad-{number}")
    for name in SUPERVISORS:
        pair[name].heal()
    pair.wait_whole()
    assert pair.roles() == roles
    assert not pair.has_logged(roles[1], "-> active-alone")
    assert pair.headless() == []


def test_a_dead_vlan_is_degraded_mode(pair):
    """HB-3: the VLAN device of control is down; mgmt, on the same trunk, goes on."""
    active, standby = pair.roles()
    begun = time.monotonic()
    pair["vsm-a"].run("ip", "link", "set", "control0", "down")
    what = "control down on one host: degraded mode"
    pair.timed(what, lambda: pair.status(active).get("degraded"), begun, LOSS + SLACK)
    assert pair.active() == active
    begun = time.monotonic()
    pair["vsm-a"].run("ip", "link", "set", "control0", "up")
    timed_return(pair, "control up", begun)
    assert pair.status(active).get("degraded") is False
    assert pair.roles() == (active, standby)


def kill_active(pair, what, command):
    """Runs what ends the active's main process; checks that the pair knew; the host's name."""
    active, standby = pair.roles()
    begun = time.monotonic()
    pair[active].run("sh", "-c", command)
    timed_takeover(pair, what, standby, begun)
    timed_return(pair, what, begun)
    assert pair.has_logged(standby, "-> active-alone on peer-crashed")
    assert pair.roles() == (standby, active)
    assert pair.headless() == []
    return active


def test_a_killed_daemon_costs_no_loss_interval(pair):
    """HB-8: its guardian tells the other one over the trunk; the unit starts it as the standby."""
    kill_active(pair, "kill -9 of the active", "systemctl kill --kill-whom=main -s KILL vsmd")


def test_the_memory_killer_costs_no_loss_interval(pair):
    """HB-8: the kernel is asked to end what it likes least, which is made to be the daemon."""
    choose = 'echo 1000 >"/proc/$(systemctl show --value --property=MainPID vsmd)/oom_score_adj"'
    kill = "echo f >/proc/sysrq-trigger"
    host = kill_active(pair, "the memory killer ends the active", f"{choose} && {kill}")
    kernel_log = pair[host].run("dmesg")
    assert re.search(r"Out of memory: Killed process \d+ \(vsmd\)", kernel_log), kernel_log[-2000:]


def test_a_panic_of_the_active_host_is_a_takeover(pair):
    """LOSS-2: the kernel dies, the standby takes over, and the host comes back as the standby."""
    active, standby = pair.roles()
    boot = pair[active].boot()
    begun = time.monotonic()
    pair[active].begin("sh", "-c", "echo c >/proc/sysrq-trigger")
    assert timed_takeover(pair, "panic of the active's host", standby, begun) >= PATIENCE
    pair[active].wait_booted(after=boot)
    timed_return(pair, "panic of the active's host", begun)
    assert pair.roles() == (standby, active)
    assert pair.headless() == []


def test_the_watchdog_device_brings_a_dead_host_back(pair):
    """LOSS-2: a kernel that panics and stays so feeds no watchdog, and is reset by the device."""
    active, standby = pair.roles()
    boot = pair[active].boot()
    pair[active].run("sysctl", "kernel.panic=0")
    begun = time.monotonic()
    pair[active].begin("sh", "-c", "echo c >/proc/sysrq-trigger")
    assert timed_takeover(pair, "the active's host hangs", standby, begun) >= PATIENCE
    pair[active].wait_booted(after=boot)
    taken = time.monotonic() - begun
    pair.figures.append((f"its watchdog device ({WATCHDOG_S} s) resets it: booted", taken))
    assert taken >= WATCHDOG_S / 2
    timed_return(pair, "the active's host hangs", begun)
    assert pair.roles() == (standby, active)
    assert pair.headless() == []


def test_a_paused_machine_wakes_up_to_another_active(pair):
    """SB-3: its clocks stood as well, so it learns of it by the other one's heartbeats; one of the
    two gives way by itself."""
    active, standby = pair.roles()
    begun = time.monotonic()
    pair[active].monitor("stop")
    assert timed_takeover(pair, "the active's host paused", standby, begun) >= PATIENCE
    begun = time.monotonic()
    pair[active].monitor("cont")
    timed_return(pair, "the paused host goes on", begun)
    assert pair.has_logged(active, "ACTIVE_ACTIVE_DETECTED")
    assert pair.headless() == []


@pytest.mark.parametrize("which", ["active", "standby"])
def test_the_trunk_is_the_single_point_and_heals(pair, which):
    """SB-1: without it both are active; with it one restarts, and nobody logs in."""
    active, standby = pair.roles()
    host = pair[active if which == "active" else standby]
    host.set_link(False)
    for name in SUPERVISORS:
        pair.wait(lambda n=name: pair.state(n) == ALONE, f"{name} to be alone", LOSS + SLACK)
    begun = time.monotonic()
    host.set_link(True)
    timed_return(pair, f"split brain, the trunk of the {which} plugged again", begun)


def test_a_host_without_power_comes_back(pair):
    """BOOT-4: the emulator is killed and started again with the disk as it was."""
    active, standby = pair.roles()
    begun = time.monotonic()
    pair[active].cut_power()
    assert timed_takeover(pair, "power of the active lost", standby, begun) >= PATIENCE
    pair[active].power_on()
    timed_return(pair, "power of the active lost and given back", begun)
    assert pair.roles() == (standby, active)
    assert pair.headless() == []
