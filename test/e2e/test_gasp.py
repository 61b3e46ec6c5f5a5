"""The guardian of vsmd (HB-8): what it says, when it says nothing, and what it must never hold."""
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from lab_tool.nodes import children_of, name_of, wait_for

CRASHED = "PEER_CRASHED"
AT_ONCE = 3.0  # far below T = 15 s, far above what it takes on a busy machine


def shows(node, words):
    answer = node.ask("show system redundancy status")
    return bool(answer) and words in answer["output"]


@pytest.fixture
def pair(make_lab):
    """pair(…): a lab of two with the documented timers whose vsm-b is HA standby, and both nodes"""

    def make(**parameters):
        control = make_lab(start=True, vems=0, timers="nx-os", **parameters)
        active, standby = control.node("vsm-a"), control.node("vsm-b")
        wait_for(lambda: shows(active, "Active with HA standby"), 30, "HA")
        # The active knows it first; killed before it has told, it has no standby that could.
        wait_for(lambda: shows(standby, "Internal state:   HA standby"), 5, "HA on the standby")
        wait_for(lambda: len(active.held_addresses()) == 2, 5, "the addresses")
        return active, standby

    return make


def log_of(node):
    return "\n".join(node.log())


def took_over(node):
    return len(node.held_addresses()) == 2


def alive(pid):
    return Path(f"/proc/{pid}").exists() and name_of(pid) == "vsmd-guardian"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV])
def test_a_crash_of_the_active_costs_no_loss_interval(pair, number):
    active, standby = pair(key=number == signal.SIGKILL)
    guardian = active.guardian()
    # As a service manager does it whose watchdog ran out: to the whole group.
    if number == signal.SIGABRT:
        os.kill(guardian, number)
    os.kill(active.process(), number)
    wait_for(lambda: took_over(standby), AT_ONCE, "the takeover")
    wait_for(lambda: not active.held_addresses(), AT_ONCE, "the old active's addresses to go")
    wait_for(lambda: not alive(guardian), AT_ONCE, "the guardian to end")
    log = log_of(standby)
    assert log.count(CRASHED) == 1
    assert "standby-ha -> active-alone on peer-crashed: dying gasp" in log
    trace = standby.ask("show system internal redundancy trace")["output"]
    assert "peer-crashed" in trace


def test_a_crash_of_the_standby_is_known_at_once(pair):
    active, standby = pair()
    standby.crash()
    wait_for(lambda: shows(active, "Active with no standby"), AT_ONCE, "it to be gone")
    assert log_of(active).count(CRASHED) == 1
    assert took_over(active)


def test_an_orderly_end_says_nothing_more(pair):
    active, standby = pair()
    guardian = active.guardian()
    active.stop()
    wait_for(lambda: took_over(standby), AT_ONCE, "the takeover")
    assert not alive(guardian)
    assert CRASHED not in log_of(standby)


def test_a_frozen_supervisor_is_alive(pair):
    active, standby = pair()
    active.freeze()
    # poll: nothing may happen meanwhile
    ends = time.monotonic() + 4
    while time.monotonic() < ends:
        assert shows(standby, "HA standby")
        time.sleep(0.1)  # poll: until the end set above
    active.thaw()
    assert CRASHED not in log_of(standby)
    assert alive(active.guardian())


def test_an_announcement_without_a_crash_proves_nothing(pair):
    """As of a child that crashes before it has executed its program."""
    active, standby = pair()
    folder = Path(f"/proc/{active.guardian()}/fd")
    (pipe,) = (link for link in folder.iterdir() if os.readlink(link).startswith("pipe:"))
    pipe.write_bytes(b"\0")
    # poll: nothing may happen while the guardian looks, which it does for two seconds
    ends = time.monotonic() + 3
    while time.monotonic() < ends:
        assert shows(standby, "HA standby")
        time.sleep(0.1)  # poll: until the end set above
    assert CRASHED not in log_of(standby)
    active.crash()
    wait_for(lambda: took_over(standby), AT_ONCE, "the takeover")


def test_signals_to_the_whole_group_do_not_silence_it(pair):
    active, standby = pair()
    guardian = active.guardian()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGABRT, signal.SIGQUIT):
        os.kill(guardian, number)
    assert alive(guardian)
    active.crash()
    wait_for(lambda: took_over(standby), AT_ONCE, "the takeover")


def test_without_it_everything_works_as_before(pair):
    active, standby = pair()
    os.kill(active.guardian(), signal.SIGKILL)
    wait_for(lambda: "the guardian has ended" in log_of(active), 5, "the line about it")
    active.crash()
    assert not took_over(standby)
    wait_for(lambda: took_over(standby), 20, "the takeover after T")
    transition = "standby-ha -> active-alone on peer-lost"
    wait_for(lambda: transition in log_of(standby), 5, "the line about the takeover")
    assert CRASHED not in log_of(standby)


def test_it_can_be_switched_off(pair):
    off = {"redundancy": {"dying_gasp": "false"}}
    active, _ = pair(nodes={"vsm-a": off})
    assert active.guardian() is None
    assert children_of(active.process()) == []


def test_it_holds_nothing_of_the_daemon(pair):
    active, _ = pair()
    guardian = active.guardian()
    kinds = []
    for link in Path(f"/proc/{guardian}/fd").iterdir():
        kinds.append(os.readlink(link).split(":")[0])
    assert sorted(kinds) == ["/dev/null"] * 3 + ["anon_inode", "pipe", "socket"]
    assert os.readlink(f"/proc/{guardian}/cwd") == "/"
    shown = Path(f"/proc/{guardian}/cmdline").read_bytes().strip(b"\0")
    assert shown == b"vsmd-guardian"


def test_a_new_life_in_the_same_process_has_a_guardian_of_its_own(pair):
    active, standby = pair()
    process, guardian = standby.process(), standby.guardian()
    assert active.ask("reload module 2")["exit"] == 0
    wait_for(lambda: standby.guardian() not in (None, guardian), 10, "another guardian")
    assert standby.process() == process
    assert not alive(guardian)
    assert len(children_of(process)) == 1
    wait_for(lambda: shows(active, "Active with HA standby"), 30, "HA")
    active.crash()
    wait_for(lambda: took_over(standby), AT_ONCE, "the takeover")


def test_who_cannot_run_leaves_no_guardian(pair):
    active, standby = pair()
    guardian = active.guardian()
    second = subprocess.run(
        active.lab.enter("vsm-a")
        + [f"/proc/{active.process()}/exe", "--config", str(active.folder / "vsm-a.yaml")],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert second.returncode == 1 and "is running already" in second.stderr
    assert children_of(active.process()) == [guardian]
    assert CRASHED not in log_of(standby)


def test_a_crash_and_a_new_start_at_once(pair):
    active, standby = pair()
    binary = os.readlink(f"/proc/{active.process()}/exe")
    active.crash()
    active.start(binary)
    wait_for(lambda: shows(standby, "Active with HA standby"), 30, "the pair to be whole again")
    assert took_over(standby)
    assert not active.held_addresses()
