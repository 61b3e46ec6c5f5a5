"""Backup and restore as docs/operations/backup.md tells, and records that are cut while in use."""
import os
import shutil
import subprocess

import pytest
from test_configuration import Operator
from test_vsmd import in_state, logged

pytestmark = pytest.mark.skipif(
    not shutil.which("mdb_copy"), reason="mdb_copy is missing: scripts/install-dependencies test"
)


def backed_up(control, tmp_path):
    """A pair with a module and a configuration, and a copy of its active's records."""
    one, other = control.node("vsm-a"), control.node("vsm-b")
    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    operator = Operator(control)
    operator.configure("vsm-a", "hostname n1000v")
    operator.run("vsm-a", "copy running-config startup-config")
    store = one.folder / "state" / "state.mdb"
    backup = tmp_path / "state.mdb"
    subprocess.run(["mdb_copy", "-n", str(store), str(backup)], check=True)
    operator.configure("vsm-a", "hostname later")
    operator.run("vsm-a", "copy running-config startup-config")
    return one, other, backup


def test_a_pair_that_was_lost_is_what_its_backup_says(make_lab, tmp_path):
    """OPS-1, VEM-1, SYNC-1"""
    control = make_lab(start=True, vems=1, multiplier=20)
    one, other, backup = backed_up(control, tmp_path)
    for name in ("vsm-a", "vsm-b"):
        control.kill(name)
    for node in (one, other):
        shutil.rmtree(node.folder / "state")
    (one.folder / "state").mkdir(mode=0o750)
    shutil.copy2(backup, one.folder / "state" / "state.mdb")
    control.start("vsm-a")
    in_state(one, "active-alone")
    assert one.ask("show module")["prompt"] == "n1000v# "
    control.start("vsm-b")
    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    assert "n1000v" in other.ask("show running-config")["output"]
    assert not [line for line in one.log() + other.log() if "STATE_DAMAGED" in line]


def test_a_backup_of_two_moments_is_refused(make_lab, tmp_path):
    """ANY-1"""
    control = make_lab(start=True, vems=0, multiplier=20)
    one, _, backup = backed_up(control, tmp_path)
    control.kill("vsm-a")
    store = one.folder / "state" / "state.mdb"
    mixed, newer = bytearray(backup.read_bytes()), store.read_bytes()
    # The pages that tell where the records are, of the one; the records, of the other.
    mixed[: 2 * 4096] = newer[: 2 * 4096]
    store.write_bytes(mixed)
    control.start("vsm-a")
    logged(one, "STATE_DAMAGED", limit=10)
    in_state(one, "standby-ha")


def test_records_that_are_cut_short_under_a_running_pair_are_written_anew(make_lab):
    """ANY-1, SYNC-2"""
    control = make_lab(start=True, vems=0, multiplier=20)
    one, other = control.node("vsm-a"), control.node("vsm-b")
    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    operator = Operator(control)
    operator.configure("vsm-a", "hostname before")
    for node in (one, other):
        for name in ("state.mdb", "state.mdb-lock", "events.mdb"):
            os.truncate(node.folder / "state" / name, 0)
    operator.configure("vsm-a", "hostname n1000v")
    operator.run("vsm-a", "copy running-config startup-config")
    for node in (one, other):
        logged(node, "STATE_REPLACED")
    for name in ("vsm-a", "vsm-b"):
        control.kill(name)
    control.start("vsm-b")
    in_state(other, "active-alone")
    assert other.ask("show module")["prompt"] == "n1000v# "
    assert not [line for line in one.log() + other.log() if "STATE_DAMAGED" in line]
