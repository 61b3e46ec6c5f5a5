"""vsmd as a program: its command line, its files, its signals, and who may not take its place."""
import grp
import json
import os
import shutil
import subprocess
import threading

import pytest
from lab_tool.nodes import wait_for


def status(node):
    answer = node.ask("show system redundancy status | json")
    return json.loads(answer["output"]) if answer and answer["exit"] == 0 else {}


def in_state(node, *states, limit=5):
    """What it said when it was there: a moment later it may have left again."""
    seen = {}

    def is_there():
        seen.clear()
        seen.update(status(node))
        return seen.get("pair_state") in states

    wait_for(is_there, limit, f"{node.name} {states}")
    return seen


def pair(make_lab, **parameters):
    # A loss interval that a busy machine keeps: these tests are not about losses.
    control = make_lab(start=True, vems=0, multiplier=20, **parameters)
    one, other = control.node("vsm-a"), control.node("vsm-b")
    in_state(one, "active-ha")
    in_state(other, "standby-ha")
    return control, one, other


def logged(node, text, limit=3):
    wait_for(lambda: count(node, text) > 0, limit, f"'{text}' in the log of {node.name}")


def count(node, text):
    return sum(text in line for line in node.log())


def hang_up(node):
    """SIGHUP, and the answer of the log to it."""
    before = count(node, "CONFIG_RE")
    node.hang_up()
    wait_for(lambda: count(node, "CONFIG_RE") > before, 3, f"{node.name} to read its file")


def run(control, *arguments, node="vsm-a", prefix=()):
    binary = control._binary("vsm-a")  # pylint: disable=protected-access
    return subprocess.run(
        [*control.lab.enter(node), *prefix, str(binary), *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_the_command_line_answers_and_refuses(make_lab, tmp_path):
    control = make_lab(vems=0)
    assert run(control, "--version").stdout.startswith("vsmd (vsm-ha) ")
    assert "--check-config" in run(control, "--help").stdout
    for wrong in (["--nonsense"], ["--config"], ["a.yaml", "b.yaml"], ["-c", "a.yaml", "b.yaml"]):
        done = run(control, *wrong)
        assert done.returncode == 2 and "vsmd --help" in done.stderr
    good = control.node("vsm-a").write_configuration()
    done = run(control, "--check-config", str(good))
    assert done.returncode == 0 and done.stdout == f"{good}: ok\n"
    bad = tmp_path / "vsm-9.yaml"
    bad.write_text("setup: {role: both, domain: 5000}\ncolour: red\n")
    for arguments in (["--check-config", "--config", str(bad)], [str(bad)]):
        done = run(control, *arguments)
        assert done.returncode == 2
        assert f"{bad}:1: setup.role: 'both' is not one of: standalone, primary" in done.stderr
        assert f"{bad}:1: setup.domain: 5000 is out of range (1..4095)" in done.stderr
        assert f"{bad}:1: interfaces: is missing" in done.stderr
        assert f"{bad}:2: colour: unknown key" in done.stderr


def test_a_missing_capability_is_one_sentence(make_lab):
    control = make_lab(vems=0)
    file = control.node("vsm-a").write_configuration()
    done = run(control, str(file), prefix=("setpriv", "--bounding-set", "-net_raw"))
    assert done.returncode == 1
    assert "CAP_NET_RAW is missing" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_second_process_of_one_instance_is_refused(make_lab):
    """ANY-2: and the first does not notice."""
    control, one, _ = pair(make_lab)
    before = status(one)
    done = run(control, str(one.folder / "vsm-a.yaml"))
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert "instance vsm-a is running already" in done.stderr
    after = in_state(one, "active-ha")
    assert after["incarnation"] == before["incarnation"]
    assert after["this_sup_state_age_ms"] > before["this_sup_state_age_ms"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"\x00\xff\xfe", b'{"format":"vsm-ha-document","version":1,', b'{"version": 99}', None],
    ids=["empty", "binary", "half written", "foreign", "unreadable"],
)
def test_a_damaged_store_is_set_aside_and_the_pair_is_whole_again(make_lab, damage):
    """ANY-1, BOOT-5"""
    control, one, other = pair(make_lab)
    control.stop("vsm-b")
    file = other.folder / "state" / "state.mdb"
    if damage is None:
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes(damage)
    control.start("vsm-b")
    in_state(other, "standby-ha")
    in_state(one, "active-ha")
    logged(other, "STATE_DAMAGED")
    assert list(file.parent.glob("state.mdb.damaged-1"))
    wait_for(
        lambda: file.is_file() and b"peer-mac mgmt" in file.read_bytes(),
        2,
        "the peer's MACs to be stored again",
    )


def test_a_full_disk_is_told_once_and_the_pair_goes_on(make_lab):
    """ANY-1"""
    control = make_lab(vems=0)
    one, other = control.node("vsm-a"), control.node("vsm-b")
    (one.folder / "full").mkdir(parents=True)
    full = str(one.folder / "full")
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=1", "none", full]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no tmpfs can be mounted here")
    try:
        control.start("vsm-a", {"directories": {"state": full}})
        control.start("vsm-b")
        in_state(one, "active-ha")
        in_state(other, "standby-ha")
        logged(one, "STORE_FAILED")
        assert "No space left" in one.ask("show logging last 100")["output"].replace(
            "no space", "No space"
        )
        # Once at the start, once while it runs, once of the events.
        assert count(one, "STORE_FAILED") <= 3
        control.stop("vsm-a")
    finally:
        subprocess.run(["umount", "-l", full], check=False)


def test_keys_are_rotated_without_the_pair_noticing(make_lab):
    control, one, other = pair(make_lab, key=True)
    old = {"id": 1, "file": str(control.lab.folder / "key-1")}
    new = {"id": 2, "file": str(control.lab.folder / "key-2")}
    path = control.lab.folder / "key-2"
    path.touch(mode=0o600)
    path.write_text("a7" * 32 + "\n")
    before = status(one)
    for keys in ([old, new], [new, old], [new]):
        for node in (one, other):
            node.write_configuration({"authentication": {"keys": keys}})
            hang_up(node)
    path.with_name("key-1").unlink()
    after = in_state(one, "active-ha")
    in_state(other, "standby-ha")
    assert after["this_sup_state_age_ms"] > before["this_sup_state_age_ms"]
    assert after["last_heard_control_age_ms"] < 1000


def test_a_signal_takes_what_can_change_and_names_what_cannot(make_lab):
    _, one, _ = pair(make_lab)
    one.write_configuration(
        {
            "hostname": "n1000v",
            "log": {"level": "debug"},
            "setup": {"domain": 7},
            "ethertype": 34998,
        }
    )
    hang_up(one)
    logged(one, "changes of hostname, setup, ethertype take effect with the next reload")
    assert one.ask("show module")["prompt"] == "switch# "
    in_state(one, "active-ha")
    (one.folder / "vsm-a.yaml").write_text("hostname: [1]\n")
    hang_up(one)
    logged(one, "CONFIG_REFUSED")
    logged(one, "vsm-a.yaml:1: hostname: a single value is expected here (a host name), not a list")
    in_state(one, "active-ha")


def test_a_reload_is_a_new_life_of_the_same_process(make_lab):
    """ROLE-5, HB-8"""
    _, one, other = pair(make_lab)
    before, process = status(one), one.process()
    assert one.ask("reload")["exit"] == 0
    in_state(other, "active-alone", "active-syncing", "active-ha", limit=1)
    after = in_state(one, "standby-ha")
    assert one.process() == process
    assert after["incarnation"] > before["incarnation"]
    logged(one, "restarted: reload requested")
    with open(f"/proc/{process}/comm", encoding="ascii") as name:
        assert name.read() == "vsmd\n"
    files = len(os.listdir(f"/proc/{process}/fd"))
    for _ in range(5):
        before = status(one)["incarnation"]
        assert one.ask("reload")["exit"] == 0
        wait_for(lambda: status(one).get("incarnation", before) > before, 5, "another life")
        in_state(one, "standby-ha")
    assert len(os.listdir(f"/proc/{process}/fd")) < files + 5, "a life leaves files open"


def test_a_reload_after_an_upgrade_runs_the_new_program(make_lab, tmp_path):
    """ROLE-5: a package puts the new file into the place of the one that runs."""
    control = make_lab(vems=0)
    one, program = control.node("vsm-a"), tmp_path / "vsmd"
    source = control._binary("vsm-a")  # pylint: disable=protected-access
    shutil.copy2(source, program)
    one.start(program)
    before = in_state(one, "active-alone")["incarnation"]
    process = one.process()
    shutil.copy2(source, tmp_path / "vsmd.new")
    (tmp_path / "vsmd.new").rename(program)
    running = f"/proc/{process}/exe"
    assert os.readlink(running).endswith(" (deleted)") and one.ask("reload")["exit"] == 0
    wait_for(lambda: status(one).get("incarnation", before) > before, 5, "another life")
    assert os.readlink(running) == str(program) and os.path.samefile(running, program)


def test_a_restart_survives_a_file_that_was_spoiled_meanwhile(make_lab):
    """A split brain or a reset restarts a supervisor at any time, also during an edit."""
    _, one, other = pair(make_lab)
    before = status(one)["incarnation"]
    file = one.folder / "vsm-a.yaml"
    good = file.read_text()
    file.write_text("setup: {role: prim")
    assert one.ask("reload")["exit"] == 0
    wait_for(lambda: status(one).get("incarnation", before) > before, 5, "another life")
    in_state(one, "standby-ha")
    in_state(other, "active-ha")
    logged(one, "CONFIG_REFUSED")
    file.write_text(good)
    hang_up(one)
    in_state(one, "standby-ha")


def test_signals_in_any_order_end_in_a_clean_stop(make_lab):
    control, one, _ = pair(make_lab)
    for _ in range(20):
        one.hang_up()
    one.ask("reload")
    for _ in range(20):
        one.hang_up()
    in_state(one, "standby-ha")
    control.stop("vsm-a")
    assert one.state() == "stopped"
    assert not one.socket_path.exists()


def test_operators_that_misbehave_do_not_disturb_the_pair(make_lab):
    """ANY-1, HB-7: many at once, malformed, never reading."""
    _, one, other = pair(make_lab)
    before = status(one)
    assert "% Invalid command" in one.ask("show nonsense")["error"]
    assert one.ask("x" * 70000) is None or one.ask("show module")["exit"] == 0
    done = []

    def keep_asking():
        for _ in range(50):
            one.ask("show system internal redundancy trace | json")
            other.ask("show logging last 1000")
        done.append(1)

    threads = [threading.Thread(target=keep_asking) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 6
    after = in_state(one, "active-ha")
    assert after["this_sup_state_age_ms"] > before["this_sup_state_age_ms"]
    assert after["incarnation"] == before["incarnation"]


def shell_of(control):
    shell = control._binary("vsm-a").with_name("vsmsh")  # pylint: disable=protected-access
    return shell if shell.exists() else shell.parents[1] / "vsmsh" / "vsmsh"


def ask_as(control, node, command, *identity):
    """A command of another user, with the shell itself."""
    return subprocess.run(
        ["setpriv", *identity, str(shell_of(control))]
        + ["--socket", str(node.socket_path), "-c", command],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


NOBODY = ("--reuid", "65534")


def test_a_stranger_may_not_ask(make_lab):
    """CVE-2018-16877's class: the kernel says who is at the other end."""
    control, one, _ = pair(make_lab)
    one.socket_path.chmod(0o666)  # the file lets everybody in; the daemon does not
    done = ask_as(control, one, "show module", *NOBODY, "--regid", "65534", "--clear-groups")
    assert done.returncode != 0
    assert "denied" in (done.stdout + done.stderr).lower()


def test_only_an_administrator_changes_things(make_lab):
    control = make_lab(vems=0)
    control.start("vsm-a", {"access": {"admin_group": "daemon"}})
    one = control.node("vsm-a")
    in_state(one, "active-alone")
    group = str(one.socket_path.stat().st_gid)
    looks = (*NOBODY, "--regid", group, "--clear-groups")
    done = ask_as(control, one, "show module", *looks)
    assert done.returncode == 0 and "Virtual Supervisor Module" in done.stdout
    for command in (
        "reload",
        "reload module 3",
        "clear system redundancy peer-mac",
        "configure terminal",
    ):
        done = ask_as(control, one, command, *looks)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "% Permission denied for the role\n"
    before = in_state(one, "active-alone")
    changes = (*NOBODY, "--regid", group, "--groups", str(grp.getgrnam("daemon").gr_gid))
    assert ask_as(control, one, "reload", *changes).returncode == 0
    logged(one, "'reload' by user 65534")

    def is_another():
        return in_state(one, "active-alone")["incarnation"] != before["incarnation"]

    wait_for(is_another, 5, "a reload")
