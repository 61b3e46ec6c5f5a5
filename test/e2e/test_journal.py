"""vsmd --journal on real wires: all of it replays byte for byte and costs the pair nothing."""
import os
import signal
import stat
import subprocess

import pytest
from lab_tool.binaries import binaries
from lab_tool.nodes import wait_for
from test_vsmd import count, in_state, logged, pair, status


@pytest.fixture
def journals(tmp_path, monkeypatch):
    """The folder that the supervisors of labs made from now on record into."""
    folder = tmp_path / "journals"
    monkeypatch.setenv("VSM_HA_JOURNALS", str(folder))
    return folder


def replay(path, *options):
    return subprocess.run(
        [str(binaries(build=False)["vsm-sim"]), "replay", *options, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def identical(control, journals, name):
    """Replays the journal of a node; the lives and inputs it has."""
    path = journals / f"{control.lab.name}-{name}.journal"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    done = replay(path)
    assert done.returncode == 0, done.stdout + done.stderr
    words = done.stdout.splitlines()[-1].split()
    assert words[0] == "Identical:", done.stdout
    return int(words[1]), int(words[3])


def whole_again(*nodes):
    """The active and the standby after a split brain. Either may win: the modules follow the new
    active's request to switch when they still hear it (VEM-4), and count for whom they are with."""

    def ordered():
        by_state = {status(node).get("pair_state"): node for node in nodes}
        return by_state.get("active-ha"), by_state.get("standby-ha")

    wait_for(lambda: None not in ordered(), 5, "an active and a standby")
    return ordered()


def test_a_run_with_every_kind_of_trouble_replays_identically(make_lab, journals):
    """A degraded time, a split brain, a kill, a reload and a planned stop, with a key."""
    control = make_lab(start=True, vems=2, key=True)
    one, other = control.node("vsm-a"), control.node("vsm-b")
    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    control.cut("vsm-a", "control")
    wait_for(lambda: status(one).get("degraded"), 5, "the pair to be degraded")
    control.heal("vsm-a", "control")
    wait_for(lambda: status(one).get("degraded") is False, 5, "the pair to be whole")
    control.cut("vsm-b", "all")
    in_state(other, "active-alone")
    control.heal("vsm-b", "all")
    active, standby = whole_again(one, other)
    control.kill(active.name)
    in_state(standby, "active-alone")
    control.start(active.name)
    in_state(active, "standby-ha")
    control.freeze(active.name)
    in_state(standby, "active-alone")
    control.thaw(active.name)
    in_state(active, "standby-ha")
    assert standby.ask("reload")["exit"] == 0
    in_state(active, "active-alone", "active-syncing", "active-ha")
    in_state(standby, "standby-ha")
    control.stop(standby.name)
    control.stop(active.name)
    for node, at_least in ((active, 2), (standby, 3)):
        lives, inputs = identical(control, journals, node.name)
        assert lives >= at_least
        assert inputs > 50
        assert not any("journal" in line for line in node.log())


def test_a_journal_can_be_replayed_while_it_is_recorded(make_lab, journals):
    control, one, _ = pair(make_lab, heartbeat_ms=10)
    path = journals / f"{control.lab.name}-vsm-a.journal"
    before = identical(control, journals, "vsm-a")[1]
    wait_for(lambda: path.stat().st_size > 100000, 20, "the journal to grow")
    assert identical(control, journals, "vsm-a")[1] > before
    printed = replay(path, "--print").stdout
    assert "heartbeat-response secondary" in printed
    in_state(one, "active-ha")


def test_a_full_disk_ends_the_journal_and_nothing_else(make_lab, journals):
    """ANY-1"""
    journals.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(journals)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no tmpfs can be mounted here")
    try:
        control, one, other = pair(make_lab, heartbeat_ms=10)
        before = status(one)
        logged(one, "this life is not recorded any further", limit=20)
        logged(other, "this life is not recorded any further", limit=20)
        after = in_state(one, "active-ha")
        in_state(other, "standby-ha")
        assert after["this_sup_state_age_ms"] > before["this_sup_state_age_ms"]
        assert count(one, "not recorded any further") == 1
        for name in ("vsm-a", "vsm-b"):
            path = journals / f"{control.lab.name}-{name}.journal"
            done = replay(path)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "Identical: 1 life, " in done.stdout
        control.down()
    finally:
        subprocess.run(["umount", "-l", str(journals)], check=False)


def test_a_journal_that_cannot_be_written_is_told_and_the_pair_goes_on(make_lab, journals):
    """ANY-1"""
    journals.mkdir()
    control = make_lab(vems=0)
    name = control.lab.name
    (journals / f"{name}-vsm-a.journal").write_text("a letter to my aunt\n")
    (journals / f"{name}-vsm-b.journal").mkdir()
    control.start_in_order(["vsm-a", "vsm-b"])
    one, other = control.node("vsm-a"), control.node("vsm-b")
    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    logged(one, "vsm-a.journal: not a journal, or a damaged one: byte 0")
    logged(other, "is a directory; nothing is recorded")
    assert (journals / f"{name}-vsm-a.journal").read_text() == "a letter to my aunt\n"


def test_a_stuck_disk_delays_no_heartbeat(make_lab, tmp_path, journals):
    """HB-7: a file system that is frozen holds every write for as long as it lasts."""
    journals.mkdir()
    image = tmp_path / "disk"
    with open(image, "wb") as file:
        file.truncate(16 << 20)
    steps = (
        ["mkfs.ext4", "-q", str(image)],
        ["mount", "-o", "loop", str(image), str(journals)],
    )
    for step in steps:
        if subprocess.run(step, capture_output=True, check=False).returncode != 0:
            pytest.skip("no file system of its own can be made here")
    control, one, other = pair(make_lab)
    before = status(one)
    if subprocess.run(["fsfreeze", "-f", str(journals)], check=False).returncode != 0:
        pytest.skip("file systems cannot be frozen here")
    try:
        later = before["this_sup_state_age_ms"] + 40 * control.lab.parameters.h_ms
        wait_for(lambda: status(one)["this_sup_state_age_ms"] > later, 20, "time to pass")
        assert status(one)["pair_state"] == "active-ha"
        assert status(other)["pair_state"] == "standby-ha"
        os.kill(one.process(), signal.SIGTERM)
        in_state(other, "active-alone", limit=3)
    finally:
        subprocess.run(["fsfreeze", "-u", str(journals)], check=False)
        control.down()
        subprocess.run(["umount", "-l", str(journals)], check=False)
