"""The scenario player: fails what does not hold, names mistakes by line, always cleans up."""
import os
import signal
import subprocess
from pathlib import Path

import pytest
from lab_tool.durations import Units
from lab_tool.expect import PathError, follow
from lab_tool.nodes import wait_for
from lab_tool.schema import SchemaError, load
from lab_tool.topology import Lab, Parameters
from test_lab import left_of

SOURCE = Path(__file__).resolve().parents[2]
HEAD = "description: >\n  One thing. Another thing.\ntags: [HB-3]\n"


def write(folder, text, head=HEAD):
    path = folder / "a-scenario.yaml"
    path.write_text(head + text)
    return path


def test_all_scenarios_and_the_demo_are_well_formed():
    files = sorted((SOURCE / "test" / "scenarios").glob("*.yaml"))
    files.append(SOURCE / "scripts" / "lab_tool" / "demo.yaml")
    numbers = {tag for path in files for tag in load(path).tags}
    assert len(files) > 50
    for number in (
        "BOOT-1 BOOT-2 BOOT-3 BOOT-4 BOOT-5 BOOT-6 HB-1 HB-2 HB-3 HB-4 HB-5 HB-6 HB-7 HB-8 "
        "LOSS-1 LOSS-2 LOSS-3 LOSS-4 SB-1 SB-2 SB-3 SB-5 COL-1 COL-2 COL-3 ROLE-1 ROLE-3 ROLE-4 "
        "ROLE-5 VEM-1 VEM-2 VEM-3 VEM-4 VEM-5 VEM-6 SW-5"
    ).split():
        assert number in numbers, f"no scenario proves {number}"


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("steps: []\n", 4, "one step or more"),
        ("stepps: [1]\n", 4, "has no 'stepps'"),
        ("steps:\n  - strat: vsm-a\n", 5, "has no 'strat'"),
        ("steps:\n  - start: vsm-a\n    stop: vsm-b\n", 5, "does one thing"),
        ("steps:\n  - start: vsm-1\n", 5, "'vsm-1' is no node"),
        ("steps:\n  - cut: {node: vsm-a, cabel: control}\n", 5, "has no 'cabel'"),
        (
            "steps:\n  - cut:\n      node: vsm-a\n      cable: power\n",
            7,
            "one of control, mgmt, all",
        ),
        ("steps:\n  - loss: {node: vsm-a, cable: all, percent: 101}\n", 5, "0 to 100"),
        ("steps:\n  - expect: {node: vsm-a, state: x, within: soon}\n", 5, "'soon' is no time"),
        ("steps:\n  - expect: {node: vsm-a, state: x, within: T, never_for: T}\n", 5, "one time"),
        ("steps:\n  - expect: {node: vsm-a, command: show clock, path: a.b}\n", 5, "needs a check"),
        ("steps:\n  - expect: {node: vsm-a, log: X, equals: 1}\n", 5, "no check but itself"),
        ("steps:\n  - inject: {port: control, to: vsm-a, hex: zz}\n", 5, "hex is 'zz'"),
        ("lab: {vems: 65}\nsteps:\n  - start: vsm-a\n", 4, "0 to 64"),
        ("lab: {timers: fast, heartbeat_ms: 4}\nsteps:\n  - start: vsm-a\n", 4, "5 to 1000"),
        ("lab:\n  timers: slow\nsteps:\n  - start: vsm-a\n", 5, "one of fast, nx-os"),
        ("steps:\n  - start: vsm-a\n  - start: [vsm-b\n", 7, ""),
        ("steps:\n  - start: vsm-a\nsteps:\n  - start: vsm-a\n", 6, "there twice"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, text, line, words):
    path = write(tmp_path, text)
    with pytest.raises(SchemaError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ") and words in str(caught.value)


def test_a_description_has_two_sentences(tmp_path):
    path = write(tmp_path, "steps:\n  - start: vsm-a\n", "description: One.\ntags: [HB-3]\n")
    with pytest.raises(SchemaError, match="1 sentences"):
        load(path)


def test_times_follow_the_timers():
    fast = Units(Parameters(heartbeat_ms=50, multiplier=4))
    assert fast.duration("T + 2h - 10 ms") == pytest.approx(0.29)
    assert Units(Parameters(timers="nx-os")).duration("0.5T") == pytest.approx(7.5)
    for wrong in ("", "2", "T2", "h h", "s", "1 day"):
        with pytest.raises(ValueError):
            fast.duration(wrong)


def test_paths_into_data():
    data = {"TABLE_x": {"ROW_x": [{"mod": 3, "s": "ok"}, {"mod": 4, "s": "no"}]}}
    assert follow(data, "TABLE_x.ROW_x[mod=4].s") == "no"
    assert follow(data, "TABLE_x.ROW_x[0].s") == "ok"
    assert follow(data, "TABLE_x.ROW_x.length") == 2
    for wrong in ("TABLE_y", "TABLE_x.ROW_x[mod=5]", "TABLE_x.ROW_x[7]", "TABLE_x.ROW_x.s"):
        with pytest.raises(PathError):
            follow(data, wrong)


def play(path, name, **options):
    return subprocess.Popen(
        [str(SOURCE / "scripts" / "lab"), "run", "--name", name, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


@pytest.mark.parametrize(
    "steps, words",
    [
        ("- expect: {node: vsm-a, state: HA standby, within: T}", "FAIL a-scenario"),
        ("- expect: {node: vsm-a, redundancy: Active, never_for: T}", "FAIL a-scenario"),
        ("- command: {node: vsm-a, run: show nonsense}", "exits 1, expected 0"),
        ("- command: {node: vsm-a, run: show clock, exit: 1}", "exits 0, expected 1"),
    ],
)
def test_what_does_not_hold_fails_and_leaves_nothing(tmp_path, steps, words):
    name = f"f{os.getpid() % 100000}"
    played = play(write(tmp_path, f"lab: {{vems: 0}}\nsteps:\n  {steps}\n"), name)
    output = played.communicate(timeout=60)[0]
    assert played.returncode == 1 and words in output and "line 6" in output
    assert left_of(name) == ([], [], False)


def test_a_crash_and_an_unannounced_error_fail(tmp_path):
    name = f"c{os.getpid() % 100000}"
    steps = (
        "lab: {vems: 0}\nsteps:\n  - start: vsm-c\n"
        "  - expect: {node: vsm-b, log: ROLE_COLLISION, within: 6h}\n"
    )
    played = play(write(tmp_path, steps), name)
    output = played.communicate(timeout=60)[0]
    assert played.returncode == 1 and "an error that is not announced" in output
    assert left_of(name) == ([], [], False)


def test_a_daemon_that_crashed_is_shown(make_lab, lab_command):
    control = make_lab(start=True, vems=1)
    wait_for(lambda: control.node("vsm-a").ask("show clock"), 5, "an answer")
    os.kill(control.node("vsm-a").process(), signal.SIGSEGV)
    wait_for(lambda: control.node("vsm-a").state() == "crashed (signal 11)", 5, "the crash")
    shown = lab_command("status", "--name", control.lab.name).stdout
    assert "crashed (signal 11)" in shown and "vem-3" in shown
    control.start("vsm-a")
    assert control.node("vsm-a").state() == "running"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_scenario_leaves_nothing(tmp_path, lab_command, number):
    """By itself when it can still clean up, after `down` when it was killed."""
    name = f"i{os.getpid() % 100000}"
    path = write(
        tmp_path,
        "lab: {vems: 1}\nsteps:\n"
        "  - expect: {node: vsm-a, redundancy: Active, always_for: 5 min}\n",
    )
    played = play(path, name, start_new_session=True)
    node = Lab(name).node_folder("vem-3") / "pid"
    wait_for(node.exists, 20, "the lab to be up")
    os.killpg(played.pid, number)
    played.communicate(timeout=20)
    assert played.returncode != 0
    if number == signal.SIGKILL:
        assert left_of(name)[2]
        lab_command("down", "--name", name)
    assert left_of(name) == ([], [], False)


def test_two_pairs_side_by_side(make_lab):
    """The same names, addresses and domain twice: neither sees the other."""
    one, two = make_lab(start=True, vems=1), make_lab(start=True, vems=1)

    def is_ha(control):
        answer = control.node("vsm-a").ask("show system redundancy status")
        return answer and "Active with HA standby" in answer["output"]

    for control in (one, two):
        wait_for(lambda c=control: is_ha(c), 10, "the pair to be HA")
    one.kill("vsm-a")
    wait_for(lambda: one.node("vsm-b").held_addresses(), 5, "the takeover")
    assert is_ha(two) and not two.node("vsm-b").held_addresses()
